"""The findings of a ranking round for experts: pairs, first places, how sure each place is."""

from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .findings import Place, span
from .rank_charts import interval

ITEMS_IN_THE_MATRIX = 60  # nobody reads more, and the page would weigh megabytes


@dataclass(frozen=True)
class Pair:
    """What a cell of the matrix says: how many ballots stand against the row's win, in steps."""

    text: str
    css: str


LOST, ITSELF = Pair("–", "lost"), Pair("", "self")


class Pairs:
    """Who wins each comparison of two measures, in the common order."""

    def __init__(self, findings):
        self.findings = findings
        self.stored = findings.results["pairwise"]
        self.step, self.ballots = self.stored["step"], findings.overall.n
        self.column = {item: n for n, item in enumerate(self.stored["order"])}

    @cached_property
    def places(self):
        return self.findings.places[:ITEMS_IN_THE_MATRIX]

    @property
    def is_cut(self):
        return len(self.places) < len(self.findings.places)

    @cached_property
    def words(self):
        """What each code of a cell says; there are few, and thousands of cells."""
        steps = range(1, self.ballots // 2 // self.step + 2)
        return {0: Pair("=", "drawn"), **{code: self._won(code) for code in steps}, **{-code: LOST for code in steps}}

    def _won(self, code):
        fewest = (code - 1) * self.step
        text = f"<{self.step}" if code == 1 else f"{fewest}+"
        share = fewest / self.ballots
        return Pair(text, "clear" if share < 1 / 8 else "won" if share < 1 / 4 else "narrow")

    def rows(self):
        """[(place, [pair of each column])]."""
        columns = [self.column[place.row.pk] for place in self.places]
        for place, own in zip(self.places, columns, strict=True):
            cells = self.stored["cells"][own]
            yield place, [ITSELF if other == own else self.words[cells[other]] for other in columns]

    @property
    def winner(self):
        return self.findings.rows.get(self.findings.results["condorcet"]["winner"])

    @property
    def cycle(self):
        inside = set(self.findings.results["condorcet"]["cycle"])
        return [place for place in self.findings.places if place.row.pk in inside]

    def table(self):
        """The whole matrix as rows of a file; rows win against columns."""
        places = self.findings.places
        columns = [self.column[place.row.pk] for place in places]
        yield [_("Place"), _("Code"), _("Measure"), *(place.row.code for place in places)]
        for place, own in zip(places, columns, strict=True):
            cells = self.stored["cells"][own]
            found = ["" if other == own else self.words[cells[other]].text for other in columns]
            yield [place.number, place.row.code, place.row.title, *found]


class FirstPlaces:
    """How many ballots put which measure first, as far as there are enough of them."""

    def __init__(self, findings):
        self.ballots = findings.overall.n
        shown = [place for place in findings.places if place.figures["first_places"]]
        self.rows = sorted(shown, key=lambda place: -place.figures["first_places"])
        self.others = self.ballots - sum(place.figures["first_places"] for place in self.rows)

    @property
    def heading(self):
        if not self.rows:
            return _("First places: spread too widely to be shown")
        most = self.rows[0].figures["first_places"]
        return ngettext(
            "First places: at most %(most)d ballot for one measure",
            "First places: at most %(most)d ballots for one measure",
            most,
        ) % {"most": most}


@dataclass(frozen=True)
class SurePlace:
    """A place and between which places it lies in 95 of 100 redraws."""

    place: Place

    @property
    def ends(self):
        return self.place.figures["interval"]

    @property
    def text(self):
        return span(*self.ends)

    @property
    def chart(self):
        words = _("Place %(place)d, between %(range)s") % {"place": self.place.number, "range": self.text}
        return interval(self.ends, self.place.number, self.place.items, words)
