"""How far people agree on an order: rank statistics on plain arrays, without database and without suppression.

Rows are ballots, columns are items, rank 1 is best. What may be shown of it is decided in ``results``.
"""

from collections.abc import Hashable, Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]
Bools = NDArray[np.bool_]

NEARLY = 1e-9  # weights such as 0.1 do not add up exactly
DRAWS_AT_ONCE = 50  # stays in the processor's cache


def rank_matrix(orders: Sequence[Sequence[Hashable]], items: Sequence[Hashable]) -> Floats:
    """The rank of each item on each ballot; what is not placed shares the average of the remaining ranks.

    Mid-ranks: Kendall & Gibbons, Rank Correlation Methods (5th ed. 1990), chapter 3.
    """
    column = {item: n for n, item in enumerate(items)}
    ranks = np.empty((len(orders), len(items)))
    for row, order in zip(ranks, orders, strict=True):
        row[:] = (len(order) + 1 + len(items)) / 2
        row[[column[item] for item in order]] = np.arange(1, len(order) + 1)
    return ranks


def borda(ranks: Floats, weights: Floats) -> Floats:
    """B = Σ w·(k - r): an item earns one point for each item it stands above.

    Borda, Mémoire sur les élections au scrutin (1781); tied items share their points (Black 1958, chapter 7).
    """
    return weights @ (ranks.shape[1] - ranks)


def places(points: Floats) -> Integers:
    """1 for the most points; equals share the better place (1, 2, 2, 4)."""
    rounded = points.round(6)
    return 1 + (rounded[None, :] > rounded[:, None]).sum(axis=1)


def mean(ranks: Floats, weights: Floats) -> Floats:
    """Σ w·r / Σ w."""
    return weights @ ranks / weights.sum()


def quantiles(ranks: Floats, weights: Floats, *shares: float) -> list[Floats]:
    """For each share the rank that this share of the weight does not exceed; met exactly, the middle to the next rank.

    Definition 2 of Hyndman & Fan, Sample Quantiles in Statistical Packages, American Statistician 50 (1996);
    at one half it is the usual median. A whole weight counts like so many ballots.
    """
    order = ranks.argsort(axis=0)
    ascending = np.take_along_axis(ranks, order, axis=0)
    reached = weights[order].cumsum(axis=0)
    last, columns, slack = len(ranks) - 1, np.arange(ranks.shape[1]), NEARLY * weights.sum()

    def quantile(share: float) -> Floats:
        goal = share * weights.sum()
        lower = (reached < goal - slack).sum(axis=0)
        upper = np.minimum((reached <= goal + slack).sum(axis=0), last)
        return (ascending[lower, columns] + ascending[upper, columns]) / 2

    return [quantile(share) for share in shares]


def median(ranks: Floats, weights: Floats) -> Floats:
    return quantiles(ranks, weights, 0.5)[0]


class Concordance(NamedTuple):
    """Kendall's W, its test statistic, and the chance of so much agreement among people who order at random."""

    w: float
    chi2: float
    p: float


def kendall_w(ranks: Floats, weights: Floats) -> Concordance | None:
    """W = 12·S / (m²·(k³ - k) - m·ΣT), between 0 (none) and 1 (all alike); nothing where no ballot tells items apart.

    m ballots, k items, S the squared deviations of the rank sums from their mean, T = Σ(t³ - t) over each ballot's
    groups of t tied items: Kendall & Gibbons, Rank Correlation Methods (5th ed. 1990), 6.1 to 6.10. A whole weight
    counts like so many ballots. χ² = m·(k - 1)·W with k - 1 degrees of freedom, good from about eight items
    (Siegel & Castellan 1988, 9.4); for unequal weights m is Kish's effective number (Σw)²/Σw² (Survey Sampling 1965).
    """
    items = ranks.shape[1]
    total = weights.sum()
    sums = weights @ ranks
    possible = total**2 * (items**3 - items) - total * (weights @ tie_terms(ranks))
    if possible <= NEARLY * total**2:
        return None
    w = min(1.0, 12 * float(((sums - sums.mean()) ** 2).sum() / possible))
    chi2 = float(total**2 / (weights**2).sum()) * (items - 1) * w
    return Concordance(w, chi2, float(chdtrc(items - 1, chi2)))


def tie_terms(ranks: Floats) -> Floats:
    """Σ(t³ - t) of each ballot, over its groups of t equal ranks."""
    ballots, items = ranks.shape
    ascending = np.sort(ranks, axis=1)
    begins = np.ones((ballots, items), dtype=bool)
    begins[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    first = np.flatnonzero(begins)
    size = np.diff(first, append=begins.size)
    terms = (size**3 - size).astype(float)
    return np.bincount(first // items, weights=terms, minlength=ballots).astype(float)


def pairwise(ranks: Floats) -> Floats:
    """[i, j]: how many ballots put i before j; a ballot that ties them counts half for each. Weights do not enter.

    Condorcet, Essai sur l'application de l'analyse (1785). The sum of a row is the item's Borda count.
    """
    items = ranks.shape[1]
    before = np.zeros((items, items), dtype=np.int16)
    for row in (2 * ranks).astype(np.int16):  # whole numbers, one ballot at a time, stay in the processor's cache
        before += row[:, None] < row
    return (len(ranks) + before - before.T) / 2


class Condorcet(NamedTuple):
    """The column that wins against every other, or the columns that win against all others but not among themselves."""

    winner: int | None
    cycle: list[int]


def condorcet(counts: Floats) -> Condorcet:
    """The Condorcet winner, else the smallest set that beats everything outside it (a cycle, or a draw at the top).

    Smith, Aggregation of Preferences with Variable Electorate, Econometrica 41 (1973). Who wins most pairs is in it.
    """
    beats = counts > counts.T
    score = beats.sum(axis=1) - beats.sum(axis=0)
    inside = score == score.max()
    while (entering := ~inside & ~beats[inside].all(axis=0)).any():
        inside |= entering
    members = [int(column) for column in np.flatnonzero(inside)]
    return Condorcet(members[0], []) if len(members) == 1 else Condorcet(None, members)


def first_places(ranks: Floats) -> Integers:
    """How many ballots put each item first."""
    return (ranks == 1).sum(axis=0)


def bootstrap_interval(
    ranks: Floats, weights: Floats, groups: Sequence[Hashable], *, seed: int, times: int = 1000
) -> tuple[Integers, Integers]:
    """Between which places each item lies in 95 of 100 redraws of the ballots, with replacement, group by group.

    Percentile interval: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. The same ballots in
    the same order and the same seed give the same interval.
    """
    parts = np.array_split(redraws(groups, seed, times) * weights, ceil(times / DRAWS_AT_ONCE))
    drawn = np.concatenate([places_of_draws(part @ ranks) for part in parts], axis=1)
    drawn.sort(axis=1)
    return drawn[:, ceil(0.025 * times) - 1], drawn[:, ceil(0.975 * times) - 1]


def redraws(groups: Sequence[Hashable], seed: int, times: int) -> Integers:
    """How often each ballot is in each redraw; every group keeps its number of ballots."""
    rng, ballots = np.random.default_rng(seed), len(groups)
    cells = []
    for group in dict.fromkeys(groups):
        rows = np.array([n for n, other in enumerate(groups) if other == group])
        cells.append(rows[rng.integers(len(rows), size=(times, len(rows)))] + ballots * np.arange(times)[:, None])
    return np.bincount(np.concatenate(cells, axis=1).ravel(), minlength=times * ballots).reshape(times, ballots)


def places_of_draws(sums: Floats) -> Integers:
    """[item, draw]: its place in that draw, the smallest sum of ranks first, equals on the better place.

    Sum and column are sorted as one integer: half ranks times weights of two decimals have no more than three.
    """
    draws, items = sums.shape
    bits = items.bit_length()
    keys = (np.rint(sums * 1000).astype(np.int64) << bits) | np.arange(items)
    keys.sort(axis=1)
    place = np.ones((draws, items), dtype=np.int32)
    place[:, 1:] = (np.diff(keys >> bits, axis=1) > 0) * np.arange(2, items + 1, dtype=np.int32)
    found = np.empty(items * draws, dtype=np.int32)
    columns = keys & ((1 << bits) - 1)
    found[columns * draws + np.arange(draws)[:, None]] = np.maximum.accumulate(place, axis=1)
    return found.reshape(items, draws)


def best_quarter(items: int) -> int:
    """⌈k/4⌉: so many places make up the top quarter."""
    return ceil(items / 4)


def proposed(medians: Floats) -> Bools:
    """Which items every group (a row each) holds among its best ⌈k/4⌉ median ranks, ties inside.

    A tie does not reach to the middle rank or below: where most people placed few items, all that half of a group
    left out tie there, and none of them is held high.
    """
    items = medians.shape[1]
    if not len(medians):
        return np.zeros(items, dtype=bool)
    border = np.sort(medians, axis=1)[:, best_quarter(items) - 1]
    return ((medians <= border[:, None]) & (medians < (items + 1) / 2)).all(axis=0)


def contrast(medians: Floats) -> Floats:
    """How far the groups' median ranks lie apart: the largest less the smallest."""
    return np.ptp(medians, axis=0)


def spearman(points: Floats, others: Floats) -> float | None:
    """ρ, the correlation of mid-ranks: Spearman, American Journal of Psychology 15 (1904); none if all are equal."""
    ranks = np.array([mid_ranks(points), mid_ranks(others)])
    deviations = ranks - ranks.mean(axis=1, keepdims=True)
    spread = np.sqrt((deviations**2).sum(axis=1).prod())
    return float(deviations.prod(axis=0).sum() / spread) if spread else None


def mid_ranks(points: Floats) -> Floats:
    """1 for the most points; equals share the average of their ranks."""
    above = (points[None, :] > points[:, None]).sum(axis=1)
    equal = (points[None, :] == points[:, None]).sum(axis=1)
    return above + (equal + 1) / 2
