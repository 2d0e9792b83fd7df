"""The rank statistics, against worked examples of the literature and against SciPy."""

import numpy as np
import pytest

from measures import agreement


def ones(ranks):
    return np.ones(len(ranks))


def repeated(counts):
    """{"abc": 23} as 23 ballots of the order a, b, c."""
    return [tuple(order) for order, count in counts.items() for _ballot in range(count)]


def test_what_is_not_placed_shares_the_average_of_the_remaining_ranks():
    ranks = agreement.rank_matrix([["c", "a"], ["a", "b", "c", "d", "e"], []], "abcde")

    assert ranks.tolist() == [[2, 4, 1, 4, 4], [1, 2, 3, 4, 5], [3, 3, 3, 3, 3]]


# The capital of Tennessee, the textbook election of Memphis, Nashville, Chattanooga, Knoxville.
TENNESSEE = {"MNCK": 42, "NCKM": 26, "CKNM": 15, "KCNM": 17}


def test_borda_gives_nashville_194_points():
    ranks = agreement.rank_matrix(repeated(TENNESSEE), "MNCK")

    points = agreement.borda(ranks, ones(ranks))

    assert points.tolist() == [126, 194, 173, 107]
    assert agreement.places(points).tolist() == [3, 1, 2, 4]


def test_nashville_wins_every_pair():
    counts = agreement.pairwise(agreement.rank_matrix(repeated(TENNESSEE), "MNCK"))

    assert counts.tolist() == [[50, 42, 42, 42], [58, 50, 68, 68], [58, 32, 50, 83], [58, 32, 17, 50]]
    assert agreement.condorcet(counts) == (1, [])


# Condorcet, Essai (1785), quoted by Young, Condorcet's Theory of Voting, American Political Science Review 82 (1988).
SIXTY_VOTERS = {"abc": 23, "bca": 17, "bac": 2, "cab": 10, "cba": 8}


def test_condorcets_sixty_voters_go_round_in_a_circle():
    counts = agreement.pairwise(agreement.rank_matrix(repeated(SIXTY_VOTERS), "abc"))

    assert (counts[0, 1], counts[1, 2], counts[2, 0]) == (33, 42, 35)
    assert agreement.condorcet(counts) == (None, [0, 1, 2])


def test_who_loses_to_the_whole_circle_stays_outside():
    orders = repeated({"abcd": 23, "bcad": 17, "bacd": 2, "cabd": 10, "cbad": 8})

    assert agreement.condorcet(agreement.pairwise(agreement.rank_matrix(orders, "abcd"))) == (None, [0, 1, 2])


def test_kendalls_w_without_ties_as_siegel_computes_it():
    """Three executives on six applicants: Siegel, Nonparametric Statistics (1956), table 9.7: S = 25.5, W = .16."""
    ranks = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], dtype=float)

    assert agreement.kendall_w(ranks, ones(ranks)).w == pytest.approx(12 * 25.5 / (9 * 210))
    assert round(agreement.kendall_w(ranks, ones(ranks)).w, 2) == 0.16


# Kendall, Rank Correlation Methods (1948), 6.9; Siegel (1956), page 234; the example of NAG's routine g08daf.
TIED = np.array(
    [
        [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
        [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
        [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
    ]
)


def test_kendalls_w_with_ties_as_kendall_computes_it():
    found = agreement.kendall_w(TIED, ones(TIED))

    assert agreement.tie_terms(TIED).tolist() == [12, 18, 84]
    assert round(found.w, 3) == 0.828
    assert round(found.p, 3) == 0.008
