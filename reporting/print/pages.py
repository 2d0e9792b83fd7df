"""From a projection to the HTML of its two parts: the front (paper, opening, contents) and the body (all the rest)."""

from dataclasses import dataclass
from pathlib import Path

from django.template import Context, Engine

from . import comparison, need, ranking, resources, tables
from .deviations import deviations_of
from .german import PARTS, day, groups_of_eight, parts, period, places
from .projection import FieldOfAction, Measure, Projection

ROOT = Path(__file__).resolve().parent.parent.parent
# An engine of its own: the paper is German whatever language the page is in, and its filters are built in.
ENGINE = Engine(dirs=[ROOT / "templates"], builtins=["reporting.print.german"])
NUMBER_PENDING = "GRDrs (Nummer folgt)"
TEXT_HEADINGS = {
    ("Mitteilungsvorlage", False): "Bericht",
    ("Mitteilungsvorlage", True): "Kurzfassung des Berichts",
    ("Beschlussvorlage", False): "Begründung",
    ("Beschlussvorlage", True): "Kurzfassung der Begründung",
}
FULL_TEXTS = {"Mitteilungsvorlage": "Ausführlicher Bericht", "Beschlussvorlage": "Ausführliche Begründung"}
EXAMPLES = " (Beispielwerte)"


@dataclass(frozen=True)
class Sheet:
    """A measure and what its sheet and its row say about it."""

    anchor: str
    measure: Measure
    year: int  # of the report

    @property
    def facts(self):
        measure = self.measure
        progress = "" if measure.progress is None else f"Fortschritt {measure.progress} %"
        return [fact for fact in (progress, measure.state, measure.phase) if fact]

    @property
    def ownership(self):
        measure = self.measure
        return f"{measure.lead_unit} ({measure.responsible})" if measure.responsible else measure.lead_unit

    @property
    def plan(self):
        measure = self.measure
        priority = f"Priorität {measure.priority}" if measure.priority else ""
        return [fact for fact in (measure.stage, period(measure), priority) if fact]

    @property
    def figures(self):
        indicator, is_example = self.measure.indicator, "indicator" in self.measure.example
        return tables.figures_of(indicator, self.year, is_example) if indicator else None

    @property
    def positions(self):
        """Of the year that needs most: positions of several years are not added up."""
        years = resources.years_of([self.measure])
        yearly = [row for row in self.measure.resources if row.kind == "positions"]
        if not yearly:
            return "–"
        peak = max(years, key=lambda year: sum(float(row.amount) for row in yearly if row.year == year))
        return resources.positions_of([self.measure], {peak})

    @property
    def thousands(self):
        return resources.thousands_of([self.measure], set(resources.years_of([self.measure])))

    @property
    def origin(self):
        """The last line of the sheet: what is no fact, and where the facts are from."""
        measure = self.measure
        said = [
            self._examples(),
            f"Abgeleitet: {parts(measure.derived)}." if measure.derived else "",
            f"Quellen: {places(measure.sources)}." if measure.sources else "",
        ]
        return " ".join(sentence for sentence in said if sentence)

    def _examples(self):
        """Names the examples, or what is none, whichever is shorter."""
        if not self.measure.example:
            return ""
        documented = [part for part in PARTS if part not in self.measure.example and self._shows(part)]
        if len(documented) >= len(self.measure.example):
            return f"Beispielwerte: {parts(self.measure.example)}."
        return (
            f"Beispielwerte: alle Angaben außer {parts(documented)}." if documented else "Alle Angaben sind Beispiele."
        )

    def _shows(self, part):
        return bool(period(self.measure) if part == "period" else getattr(self.measure, part) not in ("", None, ()))


@dataclass(frozen=True)
class Field:
    anchor: str
    part: FieldOfAction
    sheets: list[Sheet]


@dataclass(frozen=True)
class Entry:
    """A line of the contents."""

    anchor: str
    title: str
    page: int
    is_measure: bool


def front(projection: Projection, checksum: str, pages: dict[str, int], **more) -> str:
    """Paper and opening; ``pages`` gives the page of every anchor, as far as they are known yet."""
    kind = (projection.paper.kind, projection.paper.is_summary)
    return _html(
        "front.html",
        projection,
        checksum,
        text_heading=TEXT_HEADINGS[kind],
        full_text=FULL_TEXTS[projection.paper.kind],
        effects=resources.effects(projection.measures, projection.paper.finance_years),
        contents=_contents(projection, pages) if projection.with_annexes else [],
        **more,
    )


def in_words(projection: Projection, checksum: str) -> list[str]:
    """Both parts without pictures, a table of its values for each chart: for a file that others go on writing."""
    parts = [front(projection, checksum, {}, in_words=True)]
    return [*parts, body(projection, checksum, in_words=True)] if projection.with_annexes else parts


def body(projection: Projection, checksum: str, **more) -> str:
    fields = _fields(projection)
    return _html(
        "body.html",
        projection,
        checksum,
        fields=fields,
        size=_size(projection, fields),
        light_words=tables.lights_sentence(projection),
        strip=tables.lights_strip(projection),
        light_counts=tables.lights_of(projection),
        states=tables.states_by_field(projection),
        resources=resources.by_year(projection.measures),
        positions=resources.by_field(projection.fields, ["positions"]),
        money=resources.by_field(projection.fields, resources.MONEY),
        example_lights=_examples(projection, "light"),
        example_states=_examples(projection, "state"),
        example_resources=_examples(projection, "resources"),
        ranking=ranking.shown(projection.ranking),
        needs=need.tables_of(projection.needs, projection.as_of),
        needs_note=need.note_of(projection.needs),
        deviations=deviations_of(projection),
        ahead=resources.ahead(projection.measures, projection.next_budget),
        closes=_closes(projection),
        changes=[(change, [comparison.said(row) for row in change.differences]) for change in projection.changes],
        compared=_compared(projection),
        overall=_overall(projection),
        made_with=", ".join(f"{name} {version}" for name, version in sorted(projection.made_with.items())),
        **more,
    )


def _closes(projection):
    """Whether anything is said of all measures together."""
    typed = projection.deviations or projection.participation or projection.outlook
    return bool(typed or projection.needs or deviations_of(projection) or _looks_ahead(projection))


def _looks_ahead(projection):
    return bool(resources.ahead(projection.measures, projection.next_budget))


def _compared(projection):
    """“12 Maßnahmen sind geändert, 3 neu, eine ist nicht mehr enthalten.”"""
    kinds = [change.kind for change in projection.changes]
    counts = [
        (kinds.count("changed"), "geändert"),
        (kinds.count("new"), "neu"),
        (kinds.count("gone"), "nicht mehr im Bericht"),
        (len(projection.measures) - kinds.count("changed") - kinds.count("new"), "unverändert"),
    ]
    return ", ".join(f"{count}\u00a0{word}" for count, word in counts if count)


def running(projection: Projection) -> tuple[str, str]:
    """Reference and foot of every page of the annexes."""
    variant = "nichtöffentliche Fassung" if projection.variant == "nonpublic" else ""
    foot = [f"Stand {day(projection.as_of)}", variant, projection.mark]
    return projection.paper.reference or NUMBER_PENDING, " · ".join(part for part in foot if part)


def _html(template, projection, checksum, **more):
    reference, foot = running(projection)
    context = {
        "projection": projection,
        "reference": reference,
        "foot": foot,
        "title": f"{reference}: {projection.paper.subject}",
        "checksum": groups_of_eight(checksum),
        "lights": {light.code: light for light in projection.lights},
        **more,
    }
    return ENGINE.get_template(f"reporting/print/{template}").render(Context(context, use_l10n=False))


def _fields(projection):
    filled = [field for field in projection.fields if field.measures]
    return [Field(f"f{n}", field, _sheets(projection, field, n)) for n, field in enumerate(filled, 1)]


def _sheets(projection, field, position):
    year = int(projection.as_of[:4])
    return [Sheet(f"f{position}-{n}", measure, year) for n, measure in enumerate(field.measures, 1)]


def _contents(projection, pages):
    """Every chapter, field, measure and annex that there is, with its page."""
    lines = [
        ("preface", "Vorbemerkung", projection.preface),
        ("overview", "Gesamtüberblick", True),
        ("ranking", "Einigkeit der letzten Priorisierungsrunde", projection.ranking),
    ]
    for field in _fields(projection):
        lines.append((field.anchor, f"Handlungsfeld {field.part.letter}: {field.part.title}", True))
        lines += [(sheet.anchor, f"{sheet.measure.code} {sheet.measure.title}", True) for sheet in field.sheets]
    lines += [
        ("deviations", "Abweichungen und ihre Gründe", projection.deviations or deviations_of(projection)),
        ("participation", "Beteiligung der Personalvertretung", projection.participation),
        ("needs", "Weitere Handlungsbedarfe der Gesamtpersonalvertretung", projection.needs),
        ("outlook", "Ausblick", projection.outlook or _looks_ahead(projection)),
        ("annex2", "Anlage 2: Gesamtübersicht der Maßnahmen", projection.measures),
        ("annex3", "Anlage 3: Änderungen seit dem letzten Bericht", projection.last_report),
        ("legend", "Prüfsumme und Legende", True),
    ]
    return [Entry(anchor, title, pages.get(anchor, 0), "-" in anchor) for anchor, title, is_there in lines if is_there]


def _size(projection, fields):
    count = len(projection.measures)
    measures = "eine Maßnahme" if count == 1 else f"{count} Maßnahmen"
    return f"{measures} in {'einem Handlungsfeld' if len(fields) == 1 else f'{len(fields)} Handlungsfeldern'}"


def _examples(projection, part):
    return EXAMPLES if tables.has_examples(projection, part) else ""


def _overall(projection):
    """Years, number of columns and note of the overall table."""
    years = resources.years_of(projection.measures)
    span = f"{years[0]}–{years[-1] % 100:02}" if len(years) > 1 else "".join(map(str, years))
    marked = {part for measure in projection.measures for part in measure.example}
    shown = [part for part in ("priority", "light", "progress", "resources") if part in marked]
    note = [
        f"Beispielwerte: {parts(shown)}." if shown else "",
        f"Stellen: höchster Bedarf eines Jahres; T€: Summe {span}." if years else "",
    ]
    return {"years": span, "columns": 9 if years else 7, "note": " ".join(sentence for sentence in note if sentence)}
