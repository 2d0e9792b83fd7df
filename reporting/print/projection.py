"""What a council paper prints, as plain data: the only thing a paper is rendered from.

Whoever builds one reads the database, fills these classes and is done; whoever renders one never sees the database.
Texts may hold anything: they are cleaned here of what no paper can print and escaped by the templates. They are plain
but for those marked as ``Prose``, which are as they were typed.
Days are ISO 8601 and as exact as they are known: ``2026-06-30``, ``2026-06``, ``2026`` (``iso_day`` makes them).
Amounts are decimal strings (``24.7``). Words that are data (states, lights, priorities) arrive in the paper's language.
Empty parts print nothing, neither heading nor table, except where a council paper wants its ``-``.
"""

import dataclasses
import hashlib
import json
import re
import types
import typing
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from strategy.prose import prose_of

# Control and bidirectional characters, surrogates and non-characters: invisible, or a trap for XML and for readers.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)

# With the signs of ``strategy.prose`` for paragraphs, lists, emphasis and links.
Prose = Annotated[str, "prose"]

type_hints = cache(typing.get_type_hints)


def printable(value):
    """The value with every text in it cleaned of unprintable characters; line breaks and tabs stay."""
    if isinstance(value, str):
        return UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, tuple | list):
        return tuple(printable(item) for item in value)
    if isinstance(value, dict):
        return {printable(name): printable(item) for name, item in value.items()}
    return value


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the paper: immutable, its texts printable, its lists tuples."""

    def __post_init__(self):
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, printable(getattr(self, field.name)))


@dataclass(frozen=True, kw_only=True)
class Consultation(Part):
    """A row of the table “Vorlage an | zur | Sitzungsart | Sitzungstermin”."""

    body: str  # Gemeinderat
    purpose: str  # Kenntnisnahme, Einbringung, Beratung, Vorberatung, Beschlussfassung
    is_public: bool
    held_on: str = ""


@dataclass(frozen=True, kw_only=True)
class Signature(Part):
    """Name and function below the paper; one of them may be empty."""

    name: str = ""
    function: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper(Part):
    """The Vorlage from its header block to the list of its annexes.

    ``text`` is the Bericht of a Mitteilungsvorlage or the Begründung of a Beschlussvorlage. With ``is_summary`` it is
    headed “Kurzfassung …” and refers to Anlage 1. ``motion`` holds the numbered items of a Beschlussantrag.
    An empty ``reference`` prints “GRDrs (Nummer folgt)”. ``annexes`` are all titles of the list, generated or not.
    """

    city: str = "Landeshauptstadt Stuttgart"
    referate: tuple[str, ...] = ()
    gz: str = ""
    reference: str = ""  # GRDrs 972/2023
    supplement: str = ""  # 1. Ergänzung
    dated_on: str = ""
    subject: str
    about: str = ""  # the line “hier: …” below the subject
    kind: Literal["Mitteilungsvorlage", "Beschlussvorlage"] = "Mitteilungsvorlage"
    banner: tuple[str, ...] = ()  # the budget the paper belongs to, above the subject
    consultations: tuple[Consultation, ...] = ()
    motion: tuple[str, ...] = ()
    text: Prose = ""
    is_summary: bool = False
    finances: Prose = ""  # Finanzielle Auswirkungen
    finance_years: tuple[int, ...] = ()  # the budget years of its tables, made from the measures' resources
    cosignatures: tuple[str, ...] = ()  # a line each, empty: “-”
    pending_requests: tuple[str, ...] = ()
    settled_requests: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    annexes: tuple[str, ...] = ()


Shape = Literal["disc", "triangle", "octagon", "ring", "square"]
Provenance = Literal["", "example", "derived"]
Marked = Literal[
    "title",
    "description",
    "goal",
    "lead_unit",
    "responsible",
    "stage",
    "period",
    "priority",
    "state",
    "phase",
    "light",
    "progress",
    "status",
    "next_steps",
    "milestones",
    "indicator",
    "resources",
]


@dataclass(frozen=True, kw_only=True)
class Light(Part):
    """A light of the strategy's scale: shape, word and meaning; measures name it by ``code``."""

    code: str
    word: str
    meaning: str
    shape: Shape


@dataclass(frozen=True, kw_only=True)
class Milestone(Part):
    due: str
    title: str
    state: Literal["reached", "open", "moved", "overdue"]
    planned: str = ""  # the day that was decided, of one that has moved


@dataclass(frozen=True, kw_only=True)
class Point(Part):
    """A measured value. Points without a day are told in the chart's description, not drawn."""

    when: str
    value: str
    qualifier: Literal["", "about", "over", "up_to"] = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Indicator(Part):
    name: str
    unit: str
    points: tuple[Point, ...] = ()
    target: str | None = None
    target_year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Resource(Part):
    """What a measure needs in a budget year: positions (FTE) or euros, and how far that has got (word and step)."""

    kind: Literal["positions", "operating", "capital"]
    year: int
    amount: str
    state: str
    step: Literal["noted", "registered", "granted", "partly_granted", "refused"] = "noted"
    granted: str = ""  # of what has been answered


@dataclass(frozen=True, kw_only=True)
class Measure(Part):
    """A sheet of Anlage 1 and a row of Anlage 2.

    ``example`` and ``derived`` name the parts whose values are no facts; the sheet says so in its last line.
    ``sources`` are titles or addresses; of an address the sheet prints the host.
    """

    code: str  # D1
    title: str
    goal: str = ""
    description: str = ""
    lead_unit: str = ""
    responsible: str = ""  # a function, never a name
    stage: str = ""
    begins: str = ""
    ends: str = ""
    is_permanent: bool = False
    priority: str = ""
    state: str = ""
    phase: str = ""
    light: str | None = None
    progress: int | None = None
    status: str = ""
    status_on: str = ""
    next_steps: str = ""
    milestones: tuple[Milestone, ...] = ()
    indicator: Indicator | None = None
    resources: tuple[Resource, ...] = ()
    example: tuple[Marked, ...] = ()
    derived: tuple[Marked, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FieldOfAction(Part):
    letter: str
    title: str
    summary: str = ""
    provenance: Provenance = ""
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Need(Part):
    """A further need of the staff council and what became of it.

    ``measure`` and ``light`` are those of the measure it became, ``need`` is the number of the need it was merged
    into; both stay empty where this variant does not show them. The texts are short.
    """

    number: str  # N4
    title: str
    kind: Literal["informal", "application"] = "informal"  # an application after § 84 LPVG
    is_confidential: bool = False  # in the non-public variant alone
    received_on: str
    due_on: str
    outcome: Literal["", "adopted", "merged", "deferred", "declined"] = ""
    answered_on: str = ""
    reason: str = ""
    measure: str = ""
    light: str | None = None
    need: str = ""
    stage: str = ""
    is_settled: bool = False
    objected_on: str = ""
    objection_answered_on: str = ""
    objection_answer: str = ""


@dataclass(frozen=True, kw_only=True)
class Agreement(Part):
    """How far the ballots of a group, or of all, agree: their number, Kendall's W and its word.

    Of a group that is not shown only the name is known.
    """

    code: Literal["department_heads", "administrative_heads", "project_group", "all"]
    name: str
    is_shown: bool = True
    ballots: int | None = None
    w: str = ""  # with two decimals
    word: str = ""
    weight: str = "1"


@dataclass(frozen=True, kw_only=True)
class Ranked(Part):
    """A measure in the common order: its place, the median of each shown group and the middle half of all ballots."""

    code: str
    title: str
    place: int
    medians: tuple[str, ...]
    q1: str
    q3: str


@dataclass(frozen=True, kw_only=True)
class Level(Part):
    """From which W on agreement has this word."""

    word: str
    least: str


@dataclass(frozen=True, kw_only=True)
class Ranking(Part):
    """The last ranking round: agreement of the groups, the measures that all put first, and those that divide them.

    ``measures`` is the number of measures in the round, ``electors`` that of all whose ballots could have been
    counted, ``smallest`` the number of ballots from which on a figure is shown. Of a round that ranks its ``top``
    measures only, that number; else ``None``.
    """

    title: str
    published_on: str
    measures: int
    electors: int
    top: int | None = None
    smallest: int
    groups: tuple[Agreement, ...] = ()
    overall: Agreement
    of_shown_groups_only: bool = False
    levels: tuple[Level, ...] = ()
    proposed: tuple[Ranked, ...] = ()
    contrasts: tuple[Ranked, ...] = ()
    leaves_out: bool = False  # measures that this variant does not show
    is_example: bool = False

    @property
    def shown_groups(self):
        return tuple(group for group in self.groups if group.is_shown)


@dataclass(frozen=True, kw_only=True)
class Difference(Part):
    """One part of a measure that is another one now; of a long text only that it was rewritten."""

    what: Marked
    name: str = ""  # which one, where a measure has several
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Change(Part):
    """What has changed in a measure since the last report; ``None`` where there was nothing to compare."""

    code: str
    title: str
    kind: Literal["new", "changed", "gone"] = "changed"
    light_before: str | None
    light_after: str | None
    progress_before: int | None = None
    progress_after: int | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Strategy(Part):
    name: str  # workSTUgether
    subtitle: str = ""  # Personalstrategie Stuttgart 2030
    author: str = "Landeshauptstadt Stuttgart, Haupt- und Personalamt"  # of the file


@dataclass(frozen=True, kw_only=True)
class Note(Part):
    """A note on the title page of Anlage 1: its first words in bold, then the text."""

    lead: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Projection(Part):
    """One variant of one report. Without ``with_annexes`` it is the paper alone, as GRDrs 972/2023 is.

    ``mark`` stands at the foot of every page of the annexes (“Muster mit Beispielwerten”); ``states`` gives the
    order of the measures' states in the overview; ``made_with`` names libraries and their versions.
    """

    schema: Literal[4] = 4
    variant: Literal["public", "nonpublic"] = "public"
    as_of: str
    strategy: Strategy
    paper: Paper
    with_annexes: bool = True
    notes: tuple[Note, ...] = ()
    mark: str = ""
    preface: Prose = ""  # Vorbemerkung, or the detailed report a Kurzfassung refers to
    lights: tuple[Light, ...] = ()
    states: tuple[str, ...] = ()
    fields: tuple[FieldOfAction, ...] = ()
    needs: tuple[Need, ...] = ()
    needs_note: str = ""
    deviations: Prose = ""  # Abweichungen und ihre Gründe
    participation: Prose = ""  # Beteiligung der Personalvertretung
    outlook: Prose = ""
    next_budget: tuple[int, ...] = ()  # the years of the double budget that the outlook looks to
    ranking: Ranking | None = None
    last_report: str = ""  # the day of the report that ``changes`` compares with
    changes: tuple[Change, ...] = ()
    made_with: dict[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        super().__post_init__()
        known = {light.code for light in self.lights} | {None}
        used = {measure.light for measure in self.measures}
        used |= {light for change in self.changes for light in (change.light_before, change.light_after)}
        used |= {need.light for need in self.needs}
        if used - known:
            raise ValueError(f"no such light: {', '.join(sorted(used - known))}")

    @property
    def measures(self):
        return tuple(measure for field in self.fields for measure in field.measures)


def canonical(projection: Projection) -> bytes:
    """The one way to write a projection: UTF-8 JSON, keys sorted, no spaces; equal data, equal bytes."""
    plain = dataclasses.asdict(projection)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def read(data: bytes) -> Projection:
    """The projection that ``canonical`` wrote, now or under an earlier schema.

    What is stored is served as it is; reading it back is for looking at it, not for printing it again.

    Raises:
        ValueError: the bytes hold no projection of a known schema; the message names the place.
    """
    return _read(Projection, _of_this_schema(json.loads(data)), "projection")


def _of_this_schema(plain):
    """The first schema had a list of agreements that was never filled; what came later is empty in those before.

    Up to the third, what is prose now was a list of plain paragraphs.
    """
    if not isinstance(plain, dict) or plain.get("schema") not in (1, 2, 3):
        return plain
    kept = {name: value for name, value in plain.items() if name != "agreement"}
    return _completed(Projection, {**kept, "schema": Projection.schema})


def _completed(kind, value):
    """The same plain data with the defaults of parts that were not known yet."""
    if typing.get_origin(kind) in (tuple, types.UnionType):
        kind = typing.get_args(kind)[0]
        return [_completed(kind, item) for item in value] if isinstance(value, list) else _completed(kind, value)
    if kind is str and isinstance(value, list):
        return "\n\n".join(prose_of(str(paragraph)) for paragraph in value)
    if not dataclasses.is_dataclass(kind) or not isinstance(value, dict):
        return value
    defaults = {field.name: field.default for field in dataclasses.fields(kind) if field.name not in value}
    missing = {name: _plain(default) for name, default in defaults.items() if default is not dataclasses.MISSING}
    known = {name: _completed(hint, value[name]) for name, hint in type_hints(kind).items() if name in value}
    return {**value, **known, **missing}


def _plain(default):
    return list(default) if isinstance(default, tuple) else default


def iso_day(day, precision="day") -> str:
    """A day as the projection writes it; ``None`` or precision “unknown” gives an empty text."""
    digits = {"year": 4, "month": 7, "day": 10, "unknown": 0}[precision]
    return day.isoformat()[:digits] if day else ""


def _read(kind, value, place):
    if dataclasses.is_dataclass(kind):
        return _read_part(kind, value, place)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return _expect(value in arguments, value, place)
    if origin is types.UnionType:
        return None if value is None else _read(arguments[0], value, place)
    if origin is tuple:
        _expect(isinstance(value, list), value, place)
        return tuple(_read(arguments[0], item, f"{place}[{index}]") for index, item in enumerate(value))
    return _expect(type(value) is (origin or kind), value, place)


def _read_part(part, value, place):
    _expect(isinstance(value, dict), value, place)
    hints = type_hints(part)
    _expect(value.keys() == hints.keys(), sorted(value.keys() ^ hints.keys()), place)
    return part(**{name: _read(hint, value[name], f"{place}.{name}") for name, hint in hints.items()})


def _expect(is_right, value, place):
    if not is_right:
        raise ValueError(f"{place}: {value!r}")
    return value
