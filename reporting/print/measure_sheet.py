"""The sheet of one measure as an accessible PDF: everything that is filled in, a typical measure on one page.

Knows neither database nor request. Set with the report's style, faces and finisher, and as quickly as a page.
"""

from dataclasses import dataclass

from . import tables
from .german import day, period, places, settable
from .projection import Indicator, Light, Milestone, Part
from .single import print_single

# How the sheet calls its parts, in the words of the project sheets; marks of what is no fact name them too.
HEADINGS = {
    "description": "Inhalt",
    "initial_situation": "Ausgangslage",
    "goal": "Ziel",
    "target_group": "Zielgruppe",
    "lead_unit": "Federführung",
    "responsible": "Verantwortlich",
    "involved": "Beteiligte",
    "stage": "Stufe",
    "period": "Zeitraum",
    "decided_on": "Beschlossen",
    "origin": "Herkunft",
    "tags": "Schlagwörter",
    "light": "Ampel",
    "progress": "Fortschritt",
    "state": "Stand",
    "phase": "Phase",
    "priority": "Priorität",
    "status": "Sachstand",
    "next_steps": "Nächste Schritte",
    "status_known": "Belegter Stand",
    "milestones": "Meilensteine",
    "indicators": "Kennzahlen",
    "resources": "Ressourcen",
    "experience": "Erfahrungen",
    "risks": "Risiken",
    "agreements": "Dienstvereinbarungen",
    "surveys": "Befragungen",
    "needs": "Bedarfe",
    "links": "Verbunden mit",
    "papers": "Drucksachen",
    "references": "Literatur und Links",
}
AT_A_GLANCE = ("lead_unit", "responsible", "involved", "stage", "period", "decided_on", "origin", "tags")


@dataclass(frozen=True, kw_only=True)
class Row(Part):
    """What the measure rests on or is connected with: a title, facts beside it, words and an address below."""

    title: str
    facts: tuple[str, ...] = ()
    text: str = ""
    prose: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Rows(Part):
    """A part of the sheet that is a list; ``name`` is its key in ``HEADINGS``."""

    name: str
    rows: tuple[Row, ...] = ()

    @property
    def heading(self):
        return HEADINGS[self.name]


@dataclass(frozen=True, kw_only=True)
class Text(Part):
    """A part of the sheet in prose."""

    name: str
    prose: str

    @property
    def heading(self):
        return HEADINGS[self.name]


@dataclass(frozen=True, kw_only=True)
class Value(Part):
    """A value in words, the day and the people it holds for, and where it stands."""

    when: str
    value: str
    scope: str = ""
    source: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure(Part):
    """An indicator with the values that may leave the house."""

    indicator: Indicator
    prose: str = ""  # what it means
    aim: str = ""  # baseline and target in words
    values: tuple[Value, ...] = ()
    is_example: bool = False

    @property
    def alone(self):
        """The only value there is, which needs no table."""
        return self.values[0] if len(self.values) == 1 else None

    @property
    def has_scopes(self):
        return any(value.scope for value in self.values)


@dataclass(frozen=True, kw_only=True)
class Amounts(Part):
    """What is needed of one kind: an amount for each year, how far that has got, and for what."""

    kind: str
    years: tuple[str, ...]
    state: str
    purpose: str = ""


@dataclass(frozen=True, kw_only=True)
class MeasureSheet(Part):
    """What stands on the sheet of one measure, as far as its reader may see it."""

    as_of: str
    strategy: str
    field: str
    code: str
    title: str
    author: str = "Landeshauptstadt Stuttgart, Haupt- und Personalamt"
    mark: str = ""  # at the foot: that this is a sample
    light: Light | None = None
    progress: int | None = None
    state: str = ""
    phase: str = ""
    priority: str = ""
    lead_unit: str = ""
    responsible: str = ""
    involved: tuple[str, ...] = ()
    stage: str = ""
    begins: str = ""
    ends: str = ""
    is_permanent: bool = False
    decided_on: str = ""
    origin: str = ""
    tags: tuple[str, ...] = ()
    prose: str = ""  # what it is about
    goal: str = ""
    status: str = ""
    status_on: str = ""
    next_steps: str = ""
    before: tuple[Text, ...] = ()  # the goal
    known: tuple[Text, ...] = ()  # where it stands, beside the status
    after: tuple[Text, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    figures: tuple[Figure, ...] = ()
    years: tuple[int, ...] = ()
    resources: tuple[Amounts, ...] = ()
    lists: tuple[Rows, ...] = ()
    example: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def render(sheet: MeasureSheet) -> bytes:
    """The PDF of a measure's sheet."""
    return print_single("measure_sheet", _context(settable(sheet)))


def _context(sheet):
    return {
        "sheet": sheet,
        "lights": {sheet.light.code: sheet.light} if sheet.light else {},
        "facts": _facts(sheet),
        "profile": [(HEADINGS[name], text) for name in AT_A_GLANCE if (text := _at_a_glance(sheet, name))],
        "figures": [(figure, _chart(figure, sheet)) for figure in sheet.figures],
        "headings": HEADINGS,
        "notes": _notes(sheet),
    }


def _facts(sheet):
    progress = "" if sheet.progress is None else f"Fortschritt {sheet.progress} %"
    priority = f"Priorität {sheet.priority}" if sheet.priority else ""
    return [fact for fact in (progress, sheet.state, sheet.phase, priority) if fact]


def _at_a_glance(sheet, name):
    if name == "period":
        said = period(sheet)
        return f"{said}, Daueraufgabe" if sheet.is_permanent and (sheet.begins or sheet.ends) else said
    value = getattr(sheet, name)
    if name == "decided_on":
        return value and f"am {day(value)}"
    return ", ".join(value) if isinstance(value, tuple) else value


def _chart(figure, sheet):
    return tables.figures_of(figure.indicator, int(sheet.as_of[:4]), figure.is_example).chart


def _notes(sheet):
    """What is no fact, and where the facts are from."""
    return [
        f"{said}: {named}."
        for said, named in (
            ("Beispielwerte", _named(sheet.example)),
            ("Abgeleitet", _named(sheet.derived)),
            ("Quellen", places(sheet.sources)),
        )
        if named
    ]


def _named(names):
    return ", ".join(HEADINGS[name] for name in HEADINGS if name in names)
