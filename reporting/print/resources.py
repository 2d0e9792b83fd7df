"""Positions and budgets as the paper adds them up: needed, registered, granted; plain functions on plain data."""

from dataclasses import dataclass
from decimal import Decimal

from .german import positions, thousands
from .tables import Row, Table

WORDS = {"positions": "Stellen", "operating": "Ergebnishaushalt (T€)", "capital": "Finanzhaushalt (T€)"}
EFFECTS = {
    "operating": "Ergebnishaushalt: zusätzliche Aufwendungen in T€",
    "capital": "Finanzhaushalt: neue Investitionen in T€",
    "positions": "Stellenbedarf: zusätzliche Stellen",
}
MONEY = ("operating", "capital")
ANSWERED = ("granted", "partly_granted", "refused")


def needed(row):
    return row.amount


def registered(row):
    """Handed in for the budget, whatever has become of it."""
    return row.amount if row.step != "noted" else "0"


def granted(row):
    return row.granted or "0"


def in_force(row):
    """What the budget is to bear: what was granted, or as long as nobody has answered what was registered."""
    return granted(row) if row.step in ANSWERED else registered(row)


FIGURES = {"Bedarf": needed, "angemeldet": registered, "bewilligt": granted}


@dataclass(frozen=True)
class Group:
    """Rows of one kind under a heading of their own."""

    head: str
    rows: list[Row]


@dataclass(frozen=True)
class Grouped:
    heads: list[str]
    groups: list[Group]


@dataclass(frozen=True)
class Effect:
    """A table of the financial effects: a row for each measure, a column for each budget year."""

    title: str
    table: Table
    below: Row | None = None  # what stands under the sum


def years_of(measures):
    return sorted({row.year for measure in measures for row in measure.resources})


def by_year(measures):
    """Needed, registered and granted of each kind for each budget year; ``None`` where nobody asks for anything."""
    years = years_of(measures)
    if not years:
        return None
    groups = [
        Group(words, [Row(name, _sums(measures, years, [kind], figure)) for name, figure in FIGURES.items()])
        for kind, words in WORDS.items()
        if any(row.kind == kind for measure in measures for row in measure.resources)
    ]
    return Grouped([str(year) for year in years], groups)


def by_field(fields, kinds):
    """What each field of action needs of these kinds, for each budget year; ``None`` where it is nothing."""
    measures = [measure for field in fields for measure in field.measures]
    years = sorted({row.year for measure in measures for row in measure.resources if row.kind in kinds})
    if not years:
        return None
    rows = [Row(f"{f.letter} {f.title}", _sums(f.measures, years, kinds, needed)) for f in fields if f.measures]
    return Table([str(year) for year in years], rows, Row("Summe", _sums(measures, years, kinds, needed)))


def effects(measures, years):
    """The tables of the financial effects in these years; a kind that no measure asks for has none."""
    tables = (Effect(title, by_measure(measures, years, kind, in_force)) for kind, title in EFFECTS.items())
    return [effect for effect in tables if effect.table]


def ahead(measures, years):
    """What is wanted of the next budget, and below how much of it has been registered."""
    tables = []
    for kind, title in EFFECTS.items():
        if table := by_measure(measures, years, kind, needed):
            below = Row("davon angemeldet", _sums(measures, years, [kind], registered))
            tables.append(Effect(title, table, below))
    return tables


def by_measure(measures, years, kind, figure):
    """A row for each measure with a figure in these years, with their sum; ``None`` where there is none."""
    found = [m for m in measures if any(_amounts([m], [year], [kind], figure) for year in years)]
    if not found:
        return None
    rows = [Row(f"{m.code} {m.title}", _sums([m], years, [kind], figure)) for m in found]
    return Table([str(year) for year in years], rows, Row("Summe", _sums(found, years, [kind], figure)))


def positions_of(measures, years):
    return _shown(["positions"], _amounts(measures, years, ["positions"], needed))


def thousands_of(measures, years):
    return _shown(MONEY, _amounts(measures, years, MONEY, needed))


def _sums(measures, years, kinds, figure):
    return [_shown(kinds, _amounts(measures, [year], kinds, figure)) for year in years]


def _amounts(measures, years, kinds, figure):
    rows = (row for measure in measures for row in measure.resources if row.year in years and row.kind in kinds)
    return sum(Decimal(figure(row)) for row in rows)


def _shown(kinds, total):
    if not total:
        return "–"
    return positions(total) if "positions" in kinds else thousands(total)
