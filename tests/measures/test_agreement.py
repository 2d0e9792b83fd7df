"""The rank statistics, against worked examples of the literature and against SciPy."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from measures import agreement

ITEMS = "abcdef"


@st.composite
def rankings(draw, fewest=2):
    """Ranks of a few ballots, some of which place only the first few items."""
    items = ITEMS[: draw(st.integers(2, len(ITEMS)))]
    orders = st.permutations(items).flatmap(lambda order: st.integers(1, len(items)).map(lambda n: order[:n]))
    return agreement.rank_matrix(draw(st.lists(orders, min_size=fewest, max_size=9)), items)


weights_of_nine = st.lists(st.integers(1, 4), min_size=9, max_size=9)


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


@given(rankings(fewest=3))
def test_w_is_friedmans_test_on_another_scale(ranks):
    found = agreement.kendall_w(ranks, ones(ranks))

    if ranks.shape[1] > 2:  # SciPy wants three
        statistic, p = stats.friedmanchisquare(*ranks.T)
        assert found.chi2 == pytest.approx(statistic, abs=1e-9)
        assert found.p == pytest.approx(p, abs=1e-9)


@given(rankings())
def test_w_lies_between_none_and_all(ranks):
    assert 0 <= agreement.kendall_w(ranks, ones(ranks)).w <= 1


@given(st.permutations(ITEMS), st.integers(2, 9))
def test_w_is_one_where_all_order_alike(order, ballots):
    ranks = agreement.rank_matrix([order] * ballots, ITEMS)

    assert agreement.kendall_w(ranks, ones(ranks)).w == 1


def test_w_is_zero_where_orders_cancel_out():
    ranks = agreement.rank_matrix(["abcd", "dcba"], "abcd")

    assert agreement.kendall_w(ranks, ones(ranks)) == (0, 0, 1)


def test_w_says_nothing_where_no_ballot_tells_items_apart():
    assert agreement.kendall_w(np.full((5, 3), 2.0), np.ones(5)) is None


@given(rankings(), weights_of_nine)
def test_a_whole_weight_counts_like_so_many_ballots(ranks, weights):
    weights = np.array(weights[: len(ranks)], dtype=float)
    each = np.repeat(ranks, weights.astype(int), axis=0)

    assert agreement.borda(ranks, weights) == pytest.approx(agreement.borda(each, ones(each)))
    assert agreement.mean(ranks, weights) == pytest.approx(each.mean(axis=0))
    assert agreement.median(ranks, weights) == pytest.approx(np.median(each, axis=0))
    assert agreement.kendall_w(ranks, weights).w == pytest.approx(agreement.kendall_w(each, ones(each)).w)


@given(rankings(), st.floats(0.01, 100))
def test_equal_weights_are_no_weights(ranks, weight):
    weights = np.full(len(ranks), weight)

    assert agreement.kendall_w(ranks, weights) == pytest.approx(agreement.kendall_w(ranks, ones(ranks)))
    assert agreement.median(ranks, weights).tolist() == np.median(ranks, axis=0).tolist()


@given(rankings())
def test_quartiles_follow_hyndman_and_fans_second_definition(ranks):
    shares = (0.25, 0.5, 0.75)

    found = agreement.quantiles(ranks, ones(ranks), *shares)

    assert np.array(found) == pytest.approx(np.quantile(ranks, shares, axis=0, method="averaged_inverted_cdf"))


@given(rankings())
def test_the_wins_of_an_item_are_its_borda_count(ranks):
    counts = agreement.pairwise(ranks)

    assert counts + counts.T == pytest.approx(np.full(counts.shape, len(ranks)))
    assert counts.sum(axis=1) - len(ranks) / 2 == pytest.approx(agreement.borda(ranks, ones(ranks)))


@given(rankings(fewest=1))
def test_the_smallest_set_that_beats_all_others_is_found(ranks):
    counts = agreement.pairwise(ranks)
    items = range(ranks.shape[1])

    def beats_the_rest(inside):
        return all(counts[a, b] > counts[b, a] for a in inside for b in items if b not in inside)

    smallest = next(
        list(inside) for size in items for inside in combinations(items, size + 1) if beats_the_rest(inside)
    )

    winner, cycle = agreement.condorcet(counts)
    assert smallest == ([winner] if winner is not None else cycle)


def test_first_places_count_ballots():
    assert agreement.first_places(agreement.rank_matrix(["ab", "ac", "b"], "abc")).tolist() == [2, 1, 0]


def test_a_draw_keeps_every_group_at_its_number():
    groups = ["a"] * 7 + ["b"] * 2

    drawn = agreement.redraws(groups, seed=3, times=50)

    assert drawn.shape == (50, 9)
    assert set(drawn[:, :7].sum(axis=1)) == {7}
    assert set(drawn[:, 7:].sum(axis=1)) == {2}


@given(rankings(), st.integers(0, 2**40))
def test_the_interval_of_a_place_can_be_drawn_again(ranks, seed):
    groups = ["a"] * len(ranks)

    low, high = agreement.bootstrap_interval(ranks, ones(ranks), groups, seed=seed, times=40)
    again = agreement.bootstrap_interval(ranks, ones(ranks), groups, seed=seed, times=40)

    assert (np.array(again) == (low, high)).all()
    assert (low >= 1).all()
    assert (low <= high).all()
    assert (high <= ranks.shape[1]).all()


def test_the_interval_is_the_place_itself_where_all_order_alike():
    ranks = agreement.rank_matrix(["abc"] * 5, "cab")

    low, high = agreement.bootstrap_interval(ranks, ones(ranks), "aaaaa", seed=1)

    assert low.tolist() == high.tolist() == [3, 1, 2]


def test_the_interval_holds_95_of_100_draws():
    """Of two items that 50 and 40 ballots put first, the second is first in about 1 of 7 draws: it may be either."""
    ranks = agreement.rank_matrix(["ab"] * 50 + ["ba"] * 40, "ab")
    clear = agreement.rank_matrix(["ab"] * 60 + ["ba"] * 30, "ab")

    assert [side.tolist() for side in agreement.bootstrap_interval(ranks, ones(ranks), "g" * 90, seed=1)] == [
        [1, 1],
        [2, 2],
    ]
    assert [side.tolist() for side in agreement.bootstrap_interval(clear, ones(clear), "g" * 90, seed=1)] == [
        [1, 2],
        [1, 2],
    ]


def test_places_of_draws_give_equals_the_better_place():
    sums = np.array([[4.0, 2.0, 4.0, 1.0], [1.0, 1.0, 1.0, 1.0]])

    assert agreement.places_of_draws(sums).T.tolist() == [[3, 2, 3, 1], [1, 1, 1, 1]]


def test_what_all_groups_hold_among_their_best_quarter_is_proposed():
    medians = np.array([[1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 5, 4, 3, 6, 7, 8]], dtype=float)

    assert np.flatnonzero(agreement.proposed(medians)).tolist() == [0, 1]


def test_a_tie_at_the_border_lies_inside():
    medians = np.array([[1, 2, 2, 4, 5, 6, 7, 8]], dtype=float)

    assert np.flatnonzero(agreement.proposed(medians)).tolist() == [0, 1, 2]


def test_what_half_of_a_group_left_out_is_not_proposed():
    """Three of eight are placed: the other five tie at the average of the remaining ranks, 6."""
    medians = np.array([[1, 6, 6, 6, 6, 6, 6, 6]], dtype=float)

    assert np.flatnonzero(agreement.proposed(medians)).tolist() == [0]


def test_without_groups_nothing_is_proposed():
    assert agreement.proposed(np.empty((0, 4))).tolist() == [False] * 4


@given(st.lists(st.integers(0, 5), min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_rank_correlation_is_spearmans(points, chance):
    others = points.copy()
    chance.shuffle(others)

    found = agreement.spearman(np.array(points, dtype=float), np.array(others, dtype=float))

    if len(set(points)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(stats.spearmanr(points, others).statistic)
