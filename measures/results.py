"""What a ranking round shows: the figures of ``agreement``, as far as none of them tells of fewer than five ballots.

Plain functions on plain data; ``RankingRound.close`` stores what ``evaluate`` returns, the pages show that alone.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from . import agreement
from .agreement import Floats

SMALLEST_GROUP_SHOWN = 5  # below this, an aggregate would give single ballots away
HISTOGRAM_CELLS = 12

Ballots = Sequence[tuple[str, Sequence[Hashable]]]


def evaluate(
    ballots: Ballots,
    items: Sequence[Hashable],
    groups: Mapping[str, float],
    *,
    smallest: int = SMALLEST_GROUP_SHOWN,
    seed: int,
    bootstraps: int = 1000,
) -> dict[str, Any]:
    """All figures of a closed round, ready for JSON.

    ``ballots``: group and order, best first, of each submitted ballot; ``groups``: the weight of a group's ballots.
    A group with fewer than ``smallest`` ballots is not shown, not even its number. Where such groups together hold
    fewer than ``smallest`` ballots, overall less shown groups would be theirs: the overall figures leave them out.
    """
    if smallest < SMALLEST_GROUP_SHOWN:
        raise ValueError(f"Figures need at least {SMALLEST_GROUP_SHOWN} ballots.")
    sizes = Counter(group for group, _order in ballots)
    shown = [group for group in groups if sizes[group] >= smallest]
    hidden = sum(sizes[group] for group in groups if group not in shown)
    of_shown_only = 0 < hidden < smallest
    counted = [ballot for ballot in ballots if not of_shown_only or ballot[0] in shown]
    is_shown = len(counted) >= smallest
    sample = Sample.of(counted if is_shown else [], items, groups)
    by_group = {group: sample.part(group) for group in shown}
    return {
        "items": item_rows(sample, by_group, items, smallest, seed, bootstraps) if is_shown else [],
        "groups": [group_row(group, weight, by_group.get(group)) for group, weight in groups.items()],
        "overall": {
            **concordance_of(sample if is_shown else None),
            "of_shown_groups_only": of_shown_only and is_shown,
            "groups": [group for group in groups if is_shown and (group in shown or not of_shown_only)],
        },
        "pairwise": None,
        "condorcet": {"winner": None, "cycle": []},
        **(pairs_of(sample, items, smallest) if is_shown else {}),
        "seed": seed,
        "bootstraps": bootstraps,
        "smallest": smallest,
    }


class Sample:
    """Ballots as ranks, in an order of their own, so that the order of coming in leaves no trace."""

    def __init__(self, ranks: Floats, weights: Floats, groups: list[str]):
        self.ranks, self.weights, self.groups = ranks, weights, groups

    @classmethod
    def of(cls, ballots: Ballots, items: Sequence[Hashable], weights: Mapping[str, float]) -> "Sample":
        ranks = agreement.rank_matrix([order for _group, order in ballots], items)
        members = sorted(range(len(ballots)), key=lambda n: (ballots[n][0], ranks[n].tobytes()))
        groups = [ballots[n][0] for n in members]
        return cls(ranks[members], np.array([float(weights[group]) for group in groups]), groups)

    def part(self, group: str) -> "Sample":
        rows = [n for n, other in enumerate(self.groups) if other == group]
        return Sample(self.ranks[rows], self.weights[rows], [group] * len(rows))

    def __len__(self) -> int:
        return len(self.groups)

    def figures(self) -> dict[str, list[float]]:
        """Name of a figure: its value for each item."""
        lower, middle, upper = agreement.quantiles(self.ranks, self.weights, 0.25, 0.5, 0.75)
        found = {
            "borda": agreement.borda(self.ranks, self.weights),
            "mean": agreement.mean(self.ranks, self.weights),
            "median": middle,
            "q1": lower,
            "q3": upper,
        }
        return {name: values.round(4).tolist() for name, values in found.items()}


def group_row(group: str, weight: float, sample: Sample | None) -> dict[str, Any]:
    return {"group": group, "weight": float(weight), **concordance_of(sample)}


def concordance_of(sample: Sample | None) -> dict[str, Any]:
    if sample is None:
        return {"shown": False, "n": None, "w": None, "chi2": None, "p": None}
    found = agreement.kendall_w(sample.ranks, sample.weights)
    w, chi2, p = (round(value, 6) for value in found) if found else (None, None, None)
    return {"shown": True, "n": len(sample), "w": w, "chi2": chi2, "p": p}


def item_rows(
    sample: Sample,
    by_group: Mapping[str, Sample],
    items: Sequence[Hashable],
    smallest: int,
    seed: int,
    bootstraps: int,
) -> list[dict[str, Any]]:
    """A row for each item, the best place first; equals in the order of the round."""
    overall = sample.figures()
    of_groups = {group: part.figures() for group, part in by_group.items()}
    medians = np.array([figures["median"] for figures in of_groups.values()]).reshape(len(of_groups), len(items))
    contrasts = agreement.contrast(medians).round(4).tolist() if len(medians) > 1 else [None] * len(items)
    proposals = agreement.proposed(medians).tolist()
    places = agreement.places(np.array(overall["borda"])).tolist()
    firsts = shown_first_places(agreement.first_places(sample.ranks).tolist(), len(sample), smallest)
    low, high = agreement.bootstrap_interval(sample.ranks, sample.weights, sample.groups, seed=seed, times=bootstraps)
    intervals = np.stack((low, high), axis=1).tolist()
    histograms = histograms_of(sample.ranks, firsts, smallest)
    rows = [
        {
            "item": item,
            "place": places[n],
            **{name: values[n] for name, values in overall.items()},
            "contrast": contrasts[n],
            "proposed": proposals[n],
            "first_places": firsts[n],
            "interval": intervals[n],
            "histogram": histograms[n],
            "groups": {
                group: {name: values[n] for name, values in figures.items()} for group, figures in of_groups.items()
            },
        }
        for n, item in enumerate(items)
    ]
    return sorted(rows, key=lambda row: row["place"])


def shown_first_places(counts: Sequence[int], ballots: int, smallest: int) -> list[int | None]:
    """The counts of at least ``smallest``; if the others together are fewer than that, the next smallest joins them."""
    shown = sorted({count for count in counts if count >= smallest})
    while shown and 0 < ballots - sum(count for count in counts if count >= shown[0]) < smallest:
        del shown[0]
    return [count if count in shown else None for count in counts]


def histograms_of(ranks: Floats, firsts: Sequence[int | None], smallest: int) -> list[list[dict[str, int]]]:
    """For each item how many ballots gave it which places; no cell with fewer than ``smallest`` ballots.

    Where the number of first places is shown, the first cell holds at least ``smallest`` ballots beyond them,
    or their difference would tell who put the item just below. A half rank counts with the place behind it.
    """
    items = ranks.shape[1]
    width = -(-items // HISTOGRAM_CELLS)
    ends = [*range(width, items, width), items]
    below = np.array([(ranks <= end).sum(axis=0) for end in ends]).T.tolist()
    return [cells_of(ends, upto, firsts[n] or 0, smallest) for n, upto in enumerate(below)]


def cells_of(ends: Sequence[int], upto: Sequence[int], first: int, smallest: int) -> list[dict[str, int]]:
    """Cells as narrow as they may be: ``upto`` counts the ballots up to each end."""
    done, total = first, upto[-1]
    kept: list[tuple[int, int]] = []
    for end, count in zip(ends[:-1], upto, strict=False):
        if count - done >= smallest <= total - count:
            kept.append((end, count))
            done = count
    kept.append((ends[-1], total))
    begins = [(0, 0), *kept]
    return [
        {"from": before[0] + 1, "to": end, "count": count - before[1]}
        for before, (end, count) in zip(begins, kept, strict=False)
    ]


def pairs_of(sample: Sample, items: Sequence[Hashable], smallest: int) -> dict[str, Any]:
    """Who wins each pair, and how many ballots the smaller side holds, in steps of ``smallest``.

    ``cells[i][j]`` belongs to the i-th and j-th item of ``order``: 0 a draw, 1 a win of i against 0 to 4 ballots,
    2 against 5 to 9 …, negative a defeat. Exact counts would give away fewer than five who disagree, at the latest
    together with the Borda count, which is the sum of a row.
    """
    counts = agreement.pairwise(sample.ranks)
    steps = 1 + (np.minimum(counts, counts.T) / smallest).astype(int)
    cells = np.sign(counts - counts.T).astype(int) * steps
    winner, cycle = agreement.condorcet(counts)
    return {
        "pairwise": {"order": list(items), "step": smallest, "cells": cells.tolist()},
        "condorcet": {
            "winner": None if winner is None else items[winner],
            "cycle": [items[column] for column in cycle],
        },
    }


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], same: Mapping[Hashable, Hashable]
) -> dict[str, Any] | None:
    """What moved from one round to the one that follows it, among the items of both; nothing without two of them.

    ``same`` leads from an item of the later round to the same thing in the earlier one. Places are counted anew among
    the common items. Stability as the Delphi method asks (Dajani, Sincoff & Talley, Technological Forecasting and
    Social Change 13, 1979): shift of place, change of the quartile range, and Spearman's ρ of the two orders.
    """
    earlier = {row["item"]: row for row in before["items"]}
    pairs = [(row, earlier[same[row["item"]]]) for row in after["items"] if same.get(row["item"]) in earlier]
    if len(pairs) < 2:
        return None
    late, early = (np.array([-row["mean"] for row in rows]) for rows in zip(*pairs, strict=True))
    now, then = agreement.places(late).tolist(), agreement.places(early).tolist()
    rho = agreement.spearman(late, early)
    return {
        "items": [moved(row, old, now[n], then[n]) for n, (row, old) in enumerate(pairs)],
        "rank_correlation": None if rho is None else round(rho, 4),
    }


def moved(row: Mapping[str, Any], old: Mapping[str, Any], now: int, then: int) -> dict[str, Any]:
    """A positive shift is a climb, a negative change of the range means that opinions came closer."""
    wide, narrow = old["q3"] - old["q1"], row["q3"] - row["q1"]
    return {
        "item": row["item"],
        "before": then,
        "after": now,
        "shift": then - now,
        "range_before": round(wide, 4),
        "range_after": round(narrow, 4),
        "range_change": round(narrow - wide, 4),
    }
