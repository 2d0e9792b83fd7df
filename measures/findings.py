"""What a ranking round has found, as people read it: its stored results in words, tables and charts.

Reads ``RankingRound.results`` alone, from which everything is left out that may not be shown.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from .figures import figure
from .models import RankingRound
from .rank_charts import bars, scale, strip

Group = RankingRound.Group

# Words for Kendall's W are a convention: "strong" and "moderate agreement" of Schmidt, Managing Delphi Surveys
# Using Nonparametric Statistical Techniques, Decision Sciences 28 (1997), table 2.
LEVELS = (
    (0.7, pgettext_lazy("agreement", "high")),
    (0.5, pgettext_lazy("agreement", "medium")),
    (0.0, pgettext_lazy("agreement", "low")),
)
SHAPES = {Group.DEPARTMENT_HEADS: "disc", Group.ADMINISTRATIVE_HEADS: "square", Group.PROJECT_GROUP: "triangle"}
PLACES_AT_FIRST = 16
CONTRASTS = 5


def decimals(value, places):
    """0.6666 as 0,67 in German; a dash where there is no figure."""
    return "–" if value is None else number_format(round(value, places), places, use_l10n=True)


def span(begin, end):
    return f"{figure(begin)}–{figure(end)}" if begin != end else figure(begin)


@dataclass(frozen=True)
class Agreement:
    """How far a group, or all together, agree; ``group`` is empty for all."""

    group: str
    n: int | None
    w: float | None
    chi2: float | None
    p: float | None
    weight: float = 1

    @classmethod
    def read(cls, stored: dict[str, Any]):
        return cls(
            stored.get("group", ""), *(stored[name] for name in ("n", "w", "chi2", "p")), stored.get("weight", 1)
        )

    @property
    def label(self):
        return Group(self.group).label

    @property
    def shape(self):
        return SHAPES[self.group]

    @property
    def word(self):
        return "" if self.w is None else next(str(word) for least, word in LEVELS if round(self.w, 2) >= least)

    @property
    def w_shown(self):
        return decimals(self.w, 2)

    @property
    def p_shown(self):
        return f"< {decimals(0.001, 3)}" if self.p is not None and self.p < 0.001 else decimals(self.p, 3)

    @property
    def chi2_shown(self):
        return decimals(self.chi2, 1)


@dataclass(frozen=True)
class Place:
    """A measure in the common order, with its figures."""

    row: Any
    figures: dict[str, Any]
    items: int

    @property
    def number(self):
        return self.figures["place"]

    @property
    def is_proposed(self):
        return self.figures["proposed"]

    @property
    def medians(self):
        """[(group in words, its median)] of the groups shown, in their order: the database keeps none within JSON."""
        of_groups = self.figures["groups"]
        return [(group.label, figure(of_groups[group]["median"])) for group in Group if group in of_groups]

    @property
    def medians_in_words(self):
        return ", ".join(f"{label} {median}" for label, median in self.medians)

    @property
    def mean(self):
        return decimals(self.figures["mean"], 1)

    @property
    def median(self):
        return figure(self.figures["median"])

    @property
    def quartiles(self):
        return span(self.figures["q1"], self.figures["q3"])

    @property
    def borda(self):
        return figure(round(self.figures["borda"], 1))

    @property
    def spread(self):
        """How contested it is: between the groups, else among all."""
        contrast, middle_half = self.figures["contrast"], self.figures["q3"] - self.figures["q1"]
        return (contrast or 0, middle_half, -self.number)

    @property
    def chart(self):
        medians = {SHAPES[group]: values["median"] for group, values in self.figures["groups"].items()}
        middle = _("Middle half of all: places %(range)s.") % {"range": self.quartiles}
        words = _("Medians of the groups: %(medians)s.") % {"medians": self.medians_in_words} if medians else ""
        return strip(medians, (self.figures["q1"], self.figures["q3"]), self.items, f"{words} {middle}".strip())

    @property
    def bars(self):
        return bars(self.cells, self.items)

    @property
    def cells(self):
        return self.figures["histogram"]

    @property
    def cells_in_words(self):
        return ", ".join(
            _("places %(range)s: %(count)d") % {"range": span(cell["from"], cell["to"]), "count": cell["count"]}
            for cell in self.cells
        )


class Findings:
    """Takes a closed round and its measures."""

    def __init__(self, ranking, rows):
        self.ranking, self.results = ranking, ranking.results
        self.rows = {row.pk: row for row in rows}

    @property
    def is_shown(self):
        return self.results["overall"]["shown"]

    @property
    def smallest(self):
        return self.results["smallest"]

    @cached_property
    def overall(self):
        return Agreement.read(self.results["overall"])

    @cached_property
    def groups(self):
        return [Agreement.read(row) for row in self._of_groups if row["shown"]]

    @property
    def hidden(self):
        """The groups not shown, in words."""
        return [Group(row["group"]).label for row in self._of_groups if not row["shown"]]

    @cached_property
    def _of_groups(self):
        order = list(Group)
        return sorted(self.results["groups"], key=lambda row: order.index(row["group"]))

    @property
    def of_shown_groups_only(self):
        return self.results["overall"]["of_shown_groups_only"]

    @property
    def is_weighted(self):
        return len({row["weight"] for row in self.results["groups"]}) > 1

    @property
    def electors(self):
        """How many might have voted in the groups whose ballots are counted."""
        return sum(self.results["electors"].get(group, 0) for group in self.results["overall"]["groups"])

    @cached_property
    def places(self):
        return [Place(self.rows[found["item"]], found, len(self.rows)) for found in self.results["items"]]

    @property
    def first_places(self):
        return self.places[:PLACES_AT_FIRST]

    @property
    def levels(self):
        return LEVELS

    @property
    def degrees(self):
        return len(self.rows) - 1

    @property
    def quarter(self):
        return -(-len(self.rows) // 4)

    @property
    def scale(self):
        return scale(len(self.rows))

    @cached_property
    def proposed(self):
        return [place for place in self.places if place.is_proposed]

    @cached_property
    def contested(self):
        """The measures on which the groups' medians lie furthest apart; none without two groups."""
        apart = [place for place in self.places if place.figures["contrast"]]
        return sorted(apart, key=lambda place: place.spread, reverse=True)[:CONTRASTS]

    def chosen(self, item):
        """The place of the measure with this number, else the most contested one."""
        asked = next((place for place in self.places if str(place.row.pk) == item), None)
        return asked or max(self.places, key=lambda place: place.spread, default=None)

    @property
    def heading(self):
        if not self.is_shown:
            return _("Too few ballots for a result")
        if not self.groups:
            return _("The common order of %(count)d measures") % {"count": len(self.rows)}
        if not self.proposed:
            return _("No measure comes first in every group")
        count = len(self.proposed)
        sentence = {
            1: ngettext("%(count)d measure comes first", "%(count)d measures come first", count),
            2: ngettext(
                "%(count)d measure comes first in both groups", "%(count)d measures come first in both groups", count
            ),
        }.get(
            len(self.groups),
            ngettext(
                "%(count)d measure comes first in all three groups",
                "%(count)d measures come first in all three groups",
                count,
            ),
        )
        return sentence % {"count": count}

    def counts(self, receipt):
        """Whether the ballot with this receipt is in the figures."""
        return receipt in self.results["receipts"]

    def moves_since(self, earlier):
        """What moved since these findings of the round it follows, or None where too little is in both."""
        from .results import compare  # loads NumPy, which nothing else on these pages needs

        before = {row.measure_id: row.pk for row in earlier.rows.values()}
        same = {row.pk: before.get(row.measure_id) for row in self.rows.values()}
        found = compare(earlier.results, self.results, same)
        return Moves(found, {place.row.pk: place for place in self.places}) if found else None


@dataclass(frozen=True)
class Move:
    """How a measure has moved from one round to the next."""

    place: Place
    figures: dict[str, Any]

    @property
    def shift(self):
        """A climb has a plus."""
        shift = self.figures["shift"]
        return f"+{shift}" if shift > 0 else f"−{-shift}" if shift else "="

    @property
    def range_before(self):
        return figure(self.figures["range_before"])

    @property
    def range_after(self):
        return figure(self.figures["range_after"])

    @property
    def stability(self):
        change = self.figures["range_change"]
        if not change:
            return _("unchanged")
        return _("closer together") if change < 0 else _("further apart")


class Moves:
    """What moved between two rounds, the longest way first."""

    AT_FIRST = 8

    def __init__(self, found, places):
        rows = [Move(places[row["item"]], row) for row in found["items"]]
        self.rows = sorted(rows, key=lambda move: (-abs(move.figures["shift"]), move.figures["after"]))
        self.rank_correlation = decimals(found["rank_correlation"], 2)

    @property
    def moved(self):
        return [move for move in self.rows if move.figures["shift"]]

    @property
    def closer(self):
        return sum(move.figures["range_change"] < 0 for move in self.rows)

    @property
    def first(self):
        return self.rows[: self.AT_FIRST]
