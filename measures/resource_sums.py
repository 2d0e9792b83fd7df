"""Sums of resource requests: what the address asks for, in rows the reader chooses, each leading to what it adds up.

Everything is added in exact decimals from one query's plain values: SQLite would add floating-point numbers. Positions
and euros are never added to each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from measures.models import ResourceRequest, budget_of
from strategy.as_of import past_day

State, Kind = ResourceRequest.State, ResourceRequest.Kind
HANDED_IN = (State.REGISTERED, *ResourceRequest.ANSWERED)
IN_ORDER = {state.value: place for place, state in enumerate(State)}
KINDS = [kind.value for kind in Kind]


class Line(NamedTuple):
    """What the sums need of one request."""

    pk: int
    kind: str
    year: int
    state: str
    amount: Decimal
    granted: Decimal | None
    field: str
    field_title: str
    field_position: int
    stage: int | None
    stage_title: str | None
    measure: str
    measure_title: str

    @property
    def budget(self):
        return budget_of(self.year)


COLUMNS = (
    "pk",
    "kind",
    "year",
    "state",
    "amount",
    "granted_amount",
    "measure__field__letter",
    "measure__field__title",
    "measure__field__position",
    "measure__stage__number",
    "measure__stage__title",
    "measure__code",
    "measure__title",
)


def lines_of(requests):
    """The lines of a queryset, in one query."""
    return [Line(*values) for values in requests.order_by().values_list(*COLUMNS)]


@dataclass(frozen=True)
class Dimension:
    """Something requests can be grouped and filtered by: its name, its order, its value in the address, its word."""

    label: str | Promise
    order: Callable[[Line], object]
    value: Callable[[Line], str]
    word: Callable[[Line], str]


def by_code(code):
    return (len(code), code)


DIMENSIONS = {
    "budget": Dimension(
        _("Double budget"), lambda row: row.budget, lambda row: str(row.budget), lambda row: budget_word(row.budget)
    ),
    "year": Dimension(_("Budget year"), lambda row: row.year, lambda row: str(row.year), lambda row: str(row.year)),
    "field": Dimension(
        _("Field of action"),
        lambda row: (row.field_position, row.field),
        lambda row: row.field,
        lambda row: f"{row.field} {row.field_title}",
    ),
    "stage": Dimension(
        _("Stage"),
        lambda row: (row.stage is None, row.stage or 0),
        lambda row: str(row.stage or "none"),
        lambda row: row.stage_title or gettext("without a stage"),
    ),
    "state": Dimension(
        _("State"), lambda row: IN_ORDER[row.state], lambda row: row.state, lambda row: str(State(row.state).label)
    ),
    "kind": Dimension(
        _("Kind"), lambda row: KINDS.index(row.kind), lambda row: row.kind, lambda row: str(Kind(row.kind).label)
    ),
    "measure": Dimension(
        _("Measure"),
        lambda row: (row.field_position, by_code(row.measure)),
        lambda row: row.measure,
        lambda row: f"{row.measure} {row.measure_title}",
    ),
}
ROWS = ("budget", "year", "field", "stage", "state", "measure")
FACETS = ("budget", "year", "kind", "state", "field", "stage")
OF_CONTENT = ("field", "stage", "measure")  # whose words are in the language of the strategy
FIGURES = {  # name: (words, which states count, what of a line is added)
    "need": (_("needed"), tuple(State), lambda line: line.amount),
    "registered": (_("registered"), HANDED_IN, lambda line: line.amount),
    "granted": (_("granted"), ResourceRequest.ANSWERED, lambda line: line.granted or Decimal(0)),
}


def budget_word(first):
    return f"{first}/{first + 1}"


@dataclass(frozen=True)
class Cell:
    """A sum, None where nothing is added up, and the address of its rows."""

    kind: str
    figure: str
    amount: Decimal | None
    query: str

    @property
    def label(self):
        return FIGURES[self.figure][0]

    @property
    def kind_word(self):
        return Kind(self.kind).label


@dataclass(frozen=True)
class Row:
    label: str
    query: str
    cells: list[Cell]
    is_below: bool = False


@dataclass(frozen=True)
class Option:
    """A link that asks for one value more, or for one less where it holds."""

    value: str
    label: str | Promise
    count: int
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str | Promise
    options: list[Option]

    @property
    def is_content(self):
        return self.name in OF_CONTENT


class ResourceSums:
    """Takes the query of the address and the lines the actor may see."""

    def __init__(self, query, lines):
        self.lines = lines
        self.asked = {name: list(dict.fromkeys(value for value in query.getlist(name) if value)) for name in DIMENSIONS}
        self.rows_by = chosen(query.get("rows"), ROWS) or "budget"
        self.then_by = chosen(query.get("then"), [name for name in ROWS if name != self.rows_by])
        if "rows" not in query and "then" not in query:
            self.then_by = "year"

    def _matches(self, line, without=""):
        return all(
            not values or name == without or DIMENSIONS[name].value(line) in values
            for name, values in self.asked.items()
        )

    @cached_property
    def found(self):
        """The lines that answer the question, by year, kind and measure."""
        order = [DIMENSIONS[name].order for name in ("year", "kind", "measure")]
        found = [line for line in self.lines if self._matches(line)]
        return sorted(found, key=lambda line: (*(key(line) for key in order), line.pk))

    @cached_property
    def kinds(self):
        """[(kind, word)] of what there is to add up."""
        present = {line.kind for line in self.found}
        return [(kind.value, kind.label) for kind in Kind if kind.value in present]

    @property
    def figures(self):
        return [words for words, _states, _of in FIGURES.values()]

    @property
    def adds_positions_of_years(self):
        """Whether a sum of positions runs over several years, in which a position counts more than once."""
        return len({line.year for line in self.found if line.kind == Kind.POSITIONS}) > 1

    # The table

    def rows(self):
        for group in groups(self.found, self.rows_by):
            yield self._row(group, {self.rows_by})
            if self.then_by:
                for part in groups(group, self.then_by):
                    yield self._row(part, {self.rows_by, self.then_by}, is_below=True)

    def total(self):
        return self._row(self.found, set(), label=gettext("Total"))

    def _row(self, lines, names, *, is_below=False, label=None):
        held = {name: [DIMENSIONS[name].value(lines[0])] for name in names}
        name = self.then_by if is_below else self.rows_by
        cells = [self._cell(lines, kind, figure, held) for kind, _word in self.kinds for figure in FIGURES]
        return Row(label or DIMENSIONS[name].word(lines[0]), self._address(held), cells, is_below)

    def _cell(self, lines, kind, figure, held):
        _words, states, of = FIGURES[figure]
        counted = [of(line) for line in lines if line.kind == kind and line.state in states]
        asked = [state for state in states if not self.asked["state"] or state.value in self.asked["state"]]
        held = held | {"kind": [kind]}
        if figure != "need" and "state" not in held:
            held["state"] = [state.value for state in asked]
        return Cell(kind, figure, sum(counted) if counted else None, self._address(held))

    def _address(self, held):
        return f"?{self._query(held)}#requests"

    def _query(self, held=None, **more):
        """The address of this page with these filters in place of those that hold, of the day that is read."""
        filters = {name: values for name, values in (self.asked | (held or {})).items() if values}
        shape = {"rows": self.rows_by, "then": self.then_by, "on": past_day()}
        return urlencode(filters | {name: value for name, value in (shape | more).items() if value}, doseq=True)

    # The links above it

    def row_links(self):
        """[(word, address, whether it is chosen)] of what the rows can stand for."""
        return [
            (
                DIMENSIONS[name].label,
                f"?{self._query(rows=name, then=self.then_by if self.then_by != name else '')}",
                name == self.rows_by,
            )
            for name in ROWS
        ]

    def then_links(self):
        nothing = (_("not split"), f"?{self._query(then='')}", not self.then_by)
        parts = [name for name in ROWS if name != self.rows_by]
        return [
            nothing,
            *((DIMENSIONS[name].label, f"?{self._query(then=name)}", name == self.then_by) for name in parts),
        ]

    def facets(self):
        return [Facet(name, DIMENSIONS[name].label, self._options(name)) for name in FACETS]

    def _options(self, name):
        dimension, chosen_values = DIMENSIONS[name], self.asked[name]
        rest = [line for line in self.lines if self._matches(line, without=name)]
        counts = {}
        for line in rest:
            counts[dimension.value(line)] = counts.get(dimension.value(line), 0) + 1
        known = {dimension.value(line): line for line in self.lines}
        for value, line in sorted(known.items(), key=lambda pair: dimension.order(pair[1])):
            is_chosen = value in chosen_values
            values = [one for one in chosen_values if one != value] if is_chosen else [*chosen_values, value]
            query = f"?{self._query({name: values})}"
            yield Option(value, dimension.word(line), counts.get(value, 0), query, is_chosen)

    @property
    def active(self):
        """[(parameter, value, label)] of every filter that holds."""
        return [
            (name, value, f"{DIMENSIONS[name].label}: {self._word(name, value)}")
            for name, values in self.asked.items()
            for value in values
        ]

    def _word(self, name, value):
        words = (DIMENSIONS[name].word(line) for line in self.lines if DIMENSIONS[name].value(line) == value)
        return next(words, value)


def chosen(value, names):
    return value if value in names else ""


def groups(lines, name):
    """The lines that share a value of that dimension, in its order."""
    dimension, found = DIMENSIONS[name], {}
    for line in lines:
        found.setdefault(dimension.value(line), []).append(line)
    return sorted(found.values(), key=lambda group: dimension.order(group[0]))
