"""The tables of a report as a spreadsheet: a sheet each, numbers and days as such, and no cell a formula."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils.translation import override

from measures.exchange.writer import Sheet, workbook
from reporting.print import need, pages, tables
from reporting.print.comparison import said
from reporting.print.german import MILESTONES, QUALIFIERS, day, parts, shortened
from reporting.print.projection import Projection, canonical, digest
from reporting.print.ranking import CONTRASTS, PROPOSED

from .package import LONGEST_PROPERTY, identifier, moment_of, packed

NOT_STATED = "ohne Angabe"
RESOURCES = {
    "positions": ("Stellen", "Vollzeitäquivalente"),
    "operating": ("Ergebnishaushalt", "Euro"),
    "capital": ("Finanzhaushalt", "Euro"),
}
CHANGES = {"new": "neu", "changed": "geändert", "gone": "nicht mehr im Bericht"}
NEED_KINDS = {"informal": "informell", "application": "Antrag nach § 84 LPVG"}


def render(projection: Projection) -> bytes:
    """The workbook of a projection; equal projections give equal bytes as long as the libraries stay the same."""
    checksum = digest(canonical(projection))
    reference, _ = pages.running(projection)
    with override("de"):
        content = workbook(
            _filled([_about(projection, checksum), *_Tables(projection).all()]),
            creator=projection.strategy.author,
            title=shortened(f"{reference}: {projection.paper.subject}", LONGEST_PROPERTY),
            language="de-DE",
            identifier=identifier(checksum),
        )
    return packed(content, moment_of(projection))


def _filled(sheets):
    """A table that says nothing is no sheet, as it is no heading on paper."""
    return [replace(sheet, is_for_reading=True) for sheet in sheets if len(sheet.rows) > 1]


def _about(projection, checksum):
    reference, foot = pages.running(projection)
    paper = projection.paper
    rows = [
        ["Angabe", "Wert"],
        ["Drucksache", reference],
        ["Betreff", paper.subject],
        ["Art", paper.kind],
        ["Datum", _when(paper.dated_on)],
        ["Strategie", projection.strategy.name],
        ["Stand der Daten", _when(projection.as_of)],
        ["Fassung", "nichtöffentlich" if projection.variant == "nonpublic" else "öffentlich"],
        ["Fußzeile", foot],
        *([note.lead, note.text] for note in projection.notes),
        ["Prüfsumme (SHA-256) des Datenstands", checksum],
    ]
    return Sheet("Angaben", rows)


class _Tables:
    """The tables of one projection, each a sheet with its heads in the first row."""

    def __init__(self, projection):
        self.projection = projection
        self.lights = {light.code: light.word for light in projection.lights} | {None: ""}
        self.fields = [field for field in projection.fields if field.measures]
        self.measures = [(field, measure) for field in self.fields for measure in field.measures]

    def all(self):
        """Of a paper without annexes that of the paper alone: what the PDF does not print is in no table either."""
        return [self.consultations(), *(self.annexes() if self.projection.with_annexes else ())]

    def annexes(self):
        return [
            self.states(),
            self.colours(),
            self.sheets(),
            self.texts(),
            self.milestones(),
            self.indicators(),
            self.resources(),
            self.needs(),
            self.agreement(),
            self.ranked(),
            self.changes(),
            self.origins(),
        ]

    def consultations(self):
        heads = ["Vorlage an", "zur", "Sitzungsart", "Sitzungstermin"]
        rows = [
            [row.body, row.purpose, "öffentlich" if row.is_public else "nicht öffentlich", _when(row.held_on)]
            for row in self.projection.paper.consultations
        ]
        return Sheet("Beratungsfolge", [heads, *rows])

    def states(self):
        words = tables.states_of(self.projection)
        return self.counted("Überblick", words, [word or NOT_STATED for word in words], lambda measure: measure.state)

    def colours(self):
        codes = [*self.lights]
        words = [self.lights[code] or NOT_STATED for code in codes]
        return self.counted("Ampeln", codes, words, lambda measure: measure.light)

    def counted(self, title, values, words, value_of):
        """Measures by field and by this value, with sums."""
        groups = [(f"{field.letter} {field.title}", field.measures) for field in self.fields]
        groups.append(("Summe", self.projection.measures))
        rows = [
            [name, *(sum(value_of(measure) == value for measure in found) for value in values), len(found)]
            for name, found in groups
        ]
        return Sheet(title, [["Handlungsfeld", *words, "gesamt"], *(rows if self.fields else [])])

    def sheets(self):
        heads = ["Nr.", "Maßnahme", "Handlungsfeld", "Federführung", "Zuständigkeit", "Stufe", "Beginn", "Ende"]
        heads += ["Daueraufgabe", "Priorität", "Stand", "Phase", "Ampel", "Fortschritt in %"]
        return Sheet("Maßnahmen", [heads, *(self.sheet(field, measure) for field, measure in self.measures)])

    def sheet(self, field, measure):
        return [
            measure.code,
            measure.title,
            f"{field.letter} {field.title}",
            measure.lead_unit,
            measure.responsible,
            measure.stage,
            _when(measure.begins),
            _when(measure.ends),
            "ja" if measure.is_permanent else "nein",
            measure.priority,
            measure.state,
            measure.phase,
            self.lights[measure.light],
            measure.progress,
        ]

    def texts(self):
        heads = ["Nr.", "Maßnahme", "Inhalt", "Ziel", "Sachstand", "Sachstand vom", "Nächste Schritte"]
        rows = [
            [row.code, row.title, row.description, row.goal, row.status, _when(row.status_on), row.next_steps]
            for _, row in self.measures
        ]
        return Sheet("Texte", [heads, *rows])

    def origins(self):
        heads = ["Nr.", "Maßnahme", "Beispielwerte", "Abgeleitet", "Quellen"]
        rows = [
            [row.code, row.title, parts(row.example), parts(row.derived), "\n".join(row.sources)]
            for _, row in self.measures
        ]
        return Sheet("Herkunft", [heads, *rows])

    def milestones(self):
        heads = ["Nr.", "Maßnahme", "Termin", "Meilenstein", "Stand", "Beispielwert"]
        rows = [
            [
                measure.code,
                measure.title,
                _when(row.due),
                row.title,
                MILESTONES[row.state],
                _example(measure, "milestones"),
            ]
            for _, measure in self.measures
            for row in measure.milestones
        ]
        return Sheet("Meilensteine", [heads, *rows])

    def indicators(self):
        heads = ["Nr.", "Maßnahme", "Kennzahl", "Einheit", "Zeitpunkt", "Zusatz", "Wert", "Quelle", "Ziel", "Zieljahr"]
        rows = [
            [measure.code, measure.title, measure.indicator.name, measure.indicator.unit, *point, *_target(measure)]
            for _, measure in self.measures
            if measure.indicator
            for point in _points(measure.indicator)
        ]
        return Sheet("Kennzahlen", [[*heads, "Beispielwert"], *rows])

    def resources(self):
        heads = [
            "Nr.",
            "Maßnahme",
            "Handlungsfeld",
            "Haushaltsjahr",
            "Art",
            "Betrag",
            "Einheit",
            "Stand",
            "Bewilligt",
            "Beispielwert",
        ]
        rows = [
            [
                measure.code,
                measure.title,
                f"{field.letter} {field.title}",
                *_amount(row),
                _example(measure, "resources"),
            ]
            for field, measure in self.measures
            for row in sorted(measure.resources, key=lambda row: (row.year, row.kind))
        ]
        return Sheet("Ressourcen", [heads, *rows])

    def needs(self):
        heads = ["Nr.", "Bedarf", "Art", "vertraulich", "Eingang", "Frist", "Ergebnis", "beantwortet am", "Begründung"]
        heads += ["Maßnahme", "Ampel", "zusammengeführt mit", "Stufe", "Einwand vom", "Einwand beantwortet am"]
        heads += ["Antwort auf den Einwand", "erledigt"]
        return Sheet("Handlungsbedarfe", [heads, *map(self.need, self.projection.needs)])

    def need(self, row):
        return [
            row.number,
            row.title,
            NEED_KINDS[row.kind],
            "ja" if row.is_confidential else "nein",
            _when(row.received_on),
            _when(row.due_on),
            need.OUTCOMES.get(row.outcome, "noch nicht beantwortet"),
            _when(row.answered_on),
            row.reason,
            row.measure,
            self.lights[row.light],
            row.need,
            row.stage,
            _when(row.objected_on),
            _when(row.objection_answered_on),
            row.objection_answer,
            "ja" if row.is_settled else "nein",
        ]

    def agreement(self):
        """A group whose ballots are too few is named and shows nothing."""
        heads, ranking = ["Gruppe", "Ranglisten", "Kendalls W", "Einigkeit", "Gewicht"], self.projection.ranking
        rows = [
            [group.name, group.ballots, _decimal(group.w), group.word, _decimal(group.weight)]
            if group.is_shown
            else [group.name, None, None, "zu wenige Ranglisten, nicht gezeigt", None]
            for group in ((*ranking.groups, ranking.overall) if ranking else ())
        ]
        return Sheet("Einigkeit", [heads, *rows])

    def ranked(self):
        ranking = self.projection.ranking
        if ranking is None:
            return Sheet("Rangfolge", [])
        groups = [f"Median {group.name}" for group in ranking.shown_groups]
        heads = ["Liste", "Platz", "Nr.", "Maßnahme", *groups, "unteres Viertel", "oberes Viertel"]
        rows = [
            [title, row.place, row.code, row.title, *map(_decimal, (*row.medians, row.q1, row.q3))]
            for title, found in ((PROPOSED, ranking.proposed), (CONTRASTS, ranking.contrasts))
            for row in found
        ]
        return Sheet("Rangfolge", [heads, *rows])

    def changes(self):
        before, after = day(self.projection.last_report), day(self.projection.as_of)
        heads = ["Nr.", "Maßnahme", f"Ampel am {before}", f"Ampel am {after}"]
        heads += [f"Fortschritt in % am {before}", f"Fortschritt in % am {after}"]
        heads += ["Art", "Was sich geändert hat"]
        return Sheet("Änderungen", [heads, *map(self.change, self.projection.changes)])

    def change(self, row):
        lights = self.lights[row.light_before], self.lights[row.light_after]
        told = "\n".join(map(said, row.differences))
        return [row.code, row.title, *lights, row.progress_before, row.progress_after, CHANGES[row.kind], told]


def _when(iso_day):
    """A day as a day, a year as a number; a month alone is neither and stays in words."""
    if len(iso_day) == len("2026-09-30"):
        return date.fromisoformat(iso_day)
    return int(iso_day) if iso_day.isdecimal() else day(iso_day) if iso_day else None


def _decimal(text):
    return Decimal(text) if text else None


def _points(indicator):
    """(day, qualifier, value, source) of each value; one empty row where there is only a target."""
    points = [(_when(p.when), QUALIFIERS[p.qualifier].strip(), Decimal(p.value), p.source) for p in indicator.points]
    return points or [(None, "", None, "")]


def _target(measure):
    indicator = measure.indicator
    return [_decimal(indicator.target), indicator.target_year, _example(measure, "indicator")]


def _amount(row):
    kind, unit = RESOURCES[row.kind]
    return row.year, kind, Decimal(row.amount), unit, row.state, _decimal(row.granted)


def _example(measure, part):
    return "ja" if part in measure.example else "nein"
