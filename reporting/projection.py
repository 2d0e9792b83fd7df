"""From the database to the projection: reads a report and its measures once, writes what each variant shows.

The words printed on a council paper are fixed in German by the form of the house; words that are data (states,
lights, resources) come in the language of the strategy's contents.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import OuterRef, Prefetch, Subquery
from django.utils import timezone
from django.utils.translation import gettext, override

from measures.disclosure import disclosed
from measures.models import Baseline, IndicatorValue, Measure, Milestone, StatusUpdate
from measures.models.resource import YEARS_OF_A_BUDGET, budget_of, budget_years
from measures.models.status import plan_of
from reporting import need, ranking
from reporting.models import Consultation, CouncilReport, Projection, Variant
from reporting.print import projection as printed
from reporting.print.comparison import changes_of
from reporting.print.projection import iso_day
from strategy.as_of import today
from strategy.models import FieldOfAction, Light
from strategy.prose import plain_of

KIND_ON_PAPER = {
    CouncilReport.Kind.INFORMATION: "Mitteilungsvorlage",
    CouncilReport.Kind.DECISION: "Beschlussvorlage",
}
PURPOSE_ON_PAPER = {
    Consultation.Purpose.INFORMATION: "Kenntnisnahme",
    Consultation.Purpose.INTRODUCTION: "Einbringung",
    Consultation.Purpose.CONSULTATION: "Beratung",
    Consultation.Purpose.PRELIMINARY: "Vorberatung",
    Consultation.Purpose.DECISION: "Beschlussfassung",
}
ANNEXES_ON_PAPER = ("Sachstandsbericht", "Gesamtübersicht der Maßnahmen", "Änderungen seit dem letzten Bericht")

# Where the fields of a measure stand on its sheet, for the marks of what is no fact.
PLACES = {
    "title": "title",
    "description": "description",
    "goal": "goal",
    "lead_unit": "lead_unit",
    "responsible_function": "responsible",
    "stage": "stage",
    "starts_on": "period",
    "ends_on": "period",
    "priority": "priority",
    "state": "state",
    "phase": "phase",
    "light": "light",
    "progress": "progress",
}


@dataclass
class Contents:
    """All rows a report shows, of one moment: both variants are written from the same ones."""

    report: CouncilReport
    as_of: date
    fields: list
    lights: list
    measures: list
    updates: dict
    plans: dict
    needs: list
    last_round: ranking.LastRound | None
    predecessor: dict
    paper_hash: str

    @classmethod
    def read(cls, report, as_of=None):
        """In a number of queries that does not grow with the measures."""
        with transaction.atomic():
            _freeze()
            report.refresh_from_db()
            measures = [] if report.paper_only else _measures(report)
            ids = [measure.pk for measure in measures]
            return cls(
                report=report,
                as_of=as_of or timezone.localdate(),
                fields=list(FieldOfAction.objects.filter(strategy=report.strategy_id)),
                lights=list(Light.objects.filter(strategy=report.strategy_id)),
                measures=measures,
                updates=_last_updates(ids),
                plans=decided_plans(ids),
                needs=[] if report.paper_only else need.read(report.strategy),
                last_round=None if report.paper_only else ranking.LastRound.read(report.strategy),
                predecessor={} if report.paper_only else _projections_of(report.predecessor_id),
                paper_hash=report.paper_hash(),
            )

    def plans_now(self):
        """{measure id: its plan today}, to become the baseline when the report is final."""
        return {str(measure.pk): plan_of(measure) for measure in self.measures}

    def project(self, variant, made_with=None):
        """What this variant shows, ready to be written as canonical JSON."""
        with override(self.report.strategy.lang):
            return self._project(variant, made_with or {})

    def _project(self, variant, made_with):
        report, strategy = self.report, self.report.strategy
        measures = [m for m in self.measures if variant != Variant.PUBLIC or m.decided_on is not None]
        shown = defaultdict(list)
        for measure in measures:
            shown[measure.field_id].append(self._sheet(measure))
        sheets = [sheet for field in self.fields for sheet in shown[field.pk]]
        changes, last = self._changes(sheets, variant)
        needs, last_round = need.shown_in(self.needs, variant), self.last_round
        return printed.Projection(
            variant=str(variant),
            as_of=self.as_of.isoformat(),
            strategy=printed.Strategy(name=strategy.title, subtitle=strategy.subtitle),
            paper=paper_of(report, variant, generated=1 + bool(sheets) + bool(last)),
            with_annexes=not report.paper_only,
            notes=_notes(strategy),
            mark=_mark(report),
            **_texts_of_annexes(report),
            next_budget=budget_years(budget_of(self.as_of.year) + YEARS_OF_A_BUDGET),
            lights=tuple(
                printed.Light(code=light.code, word=light.title, meaning=light.meaning, shape=light.shape)
                for light in self.lights
            ),
            states=tuple(dict.fromkeys(label for _value, label in _states(measures))),
            fields=tuple(_field(field, shown[field.pk]) for field in self.fields if shown[field.pk]),
            needs=needs,
            needs_note=_needs_note(strategy) if needs else "",
            ranking=last_round and last_round.shown_in(variant),
            last_report=last,
            changes=changes,
            made_with=made_with,
        )

    def _sheet(self, measure):
        update = self.updates.get(measure.pk)
        indicator = _indicator(measure)
        return printed.Measure(
            code=measure.code,
            title=measure.title,
            goal=measure.goal,
            description=plain_of(measure.description),
            lead_unit=str(measure.lead_unit or ""),
            responsible=measure.responsible_function,
            stage=measure.stage.title if measure.stage_id else "",
            begins=iso_day(measure.starts_on, measure.date_precision),
            ends=iso_day(measure.ends_on, measure.date_precision),
            is_permanent=measure.is_permanent,
            priority=str(measure.priority or ""),
            state=str(measure.get_state_display()),
            phase=str(measure.phase or ""),
            light=measure.light.code if measure.light_id else None,
            progress=measure.progress,
            status=update.text if update else plain_of(measure.status_known),
            status_on=iso_day(update.reported_on) if update else "",
            next_steps=update.next_steps if update else "",
            milestones=printed_milestones(measure, self.plans.get(measure.pk, {}), self.as_of),
            indicator=indicator and printed_indicator(indicator),
            resources=tuple(printed_resource(row) for row in measure.resource_requests.all()),
            example=_marked(measure, update, indicator, "example"),
            derived=_marked(measure, update, indicator, "derived"),
            sources=tuple(source for source in re.split(r"\s*[;\n]\s+|\n", measure.source) if source),
        )

    def _changes(self, sheets, variant):
        """What is another one than in the last report's projection of this variant, and the day of that report."""
        before = self.predecessor.get(str(variant))
        if before is None or not before.with_annexes:
            return (), ""
        return changes_of(before.measures, sheets, {light.code for light in self.lights}), before.as_of


def printed_milestones(measure, plan, as_of):
    """The milestones of a measure beside the plan that was decided: {milestone id: day it was planned for}."""
    return tuple(
        printed.Milestone(
            due=iso_day(row.due_on, row.date_precision),
            title=row.title,
            state=(state := _milestone_state(row, plan, as_of)),
            planned=plan[row.pk] if state == "moved" else "",
        )
        for row in measure.milestones.all()
    )


def _milestone_state(row, plan, as_of):
    if row.is_reached:
        return "reached"
    if row.is_overdue(as_of):
        return "overdue"
    planned = plan.get(row.pk)
    return "moved" if planned and row.due_on.isoformat() > planned else "open"


def _freeze():
    """All reads of this transaction see one moment; SQLite's transactions do by themselves."""
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _measures(report):
    values = IndicatorValue.objects.order_by("as_of", "pk")
    return list(
        report.measures_in_scope()
        .select_related("field", "stage", "lead_unit", "phase", "priority", "light")
        .prefetch_related(
            Prefetch("milestones", Milestone.objects.order_by("due_on", "pk")),
            Prefetch("indicators__values", values),
            "resource_requests",
        )
        .order_by("field__position", "pk")
    )


def _last_updates(measure_ids):
    latest = StatusUpdate.objects.filter(measure=OuterRef("measure")).order_by("-reported_on", "-pk")
    rows = StatusUpdate.objects.filter(measure__in=measure_ids, pk=Subquery(latest.values("pk")[:1]))
    return {row.measure_id: row for row in rows}


def decided_plans(measure_ids):
    """{measure id: {milestone id: day it was planned for}} by the last plan that was decided."""
    rows = Baseline.objects.filter(measure__in=measure_ids, kind=Baseline.Kind.DECIDED, taken_on__lte=today())
    return {
        row.measure_id: {milestone["id"]: milestone["due_on"] for milestone in row.plan["milestones"]} for row in rows
    }


def _projections_of(report_id):
    """{variant: projection} of the last report."""
    stored = Projection.objects.filter(report=report_id).order_by("build__number") if report_id else ()
    return {row.variant: printed.read(bytes(row.content)) for row in stored}


@dataclass
class Rows:
    """What stands on the paper in rows: as stored, or as typed and not saved yet."""

    consultations: list
    signatures: list
    annexes: list

    @classmethod
    def of(cls, report):
        consultations = report.consultations.select_related("body", "session")
        return cls(list(consultations), list(report.signatures.all()), list(report.annexes.all()))


def paper_of(report, variant, generated, rows=None):
    """The paper from its header block to the list of its annexes, of which the portal makes the first ones."""
    rows = rows or Rows.of(report)
    return printed.Paper(
        referate=_lines(report.originators),
        gz=report.file_reference,
        reference=f"GRDrs {report.number}" if report.number else "",
        supplement=report.supplement,
        dated_on=iso_day(report.dated_on),
        subject=report.subject,
        about=report.about,
        kind=KIND_ON_PAPER[report.kind],
        banner=_lines(report.banner),
        consultations=tuple(
            printed.Consultation(
                body=row.body.name,
                purpose=PURPOSE_ON_PAPER[row.purpose],
                is_public=row.is_public,
                held_on=iso_day(row.held_on),
            )
            for row in rows.consultations
        ),
        motion=_lines(report.motion) if report.is_decision else (),
        text=report.text.strip(),
        is_summary=report.is_summary,
        finances=report.financial_effects.strip(),
        finance_years=report.finance_years,
        cosignatures=tuple(_cosigned(row, variant) for row in report.cosignatures.select_related("unit")),
        pending_requests=_lines(report.pending_requests),
        settled_requests=_lines(report.settled_requests),
        signatures=tuple(printed.Signature(name=row.name, function=row.function) for row in rows.signatures),
        annexes=_annexes(report, rows.annexes, 0 if report.paper_only else generated),
    )


def _cosigned(row, variant):
    """The unit; while its word is missing, that it is; for those who take part also its remark."""
    unit = str(row.unit)
    if row.is_outstanding:
        return f"{unit}: {gettext('outstanding')}"
    return f"{unit}: {row.remark}" if row.remark and variant == Variant.NONPUBLIC else unit


def _annexes(report, others, generated):
    """What the portal makes comes first; a paper that only names others says whose annexes they are."""
    titles = [*ANNEXES_ON_PAPER[:generated], *(annex.title for annex in others)]
    if generated:
        return tuple(f"Anlage {number}: {title}" for number, title in enumerate(titles, 1))
    reference = f" zu {report.reference}" if report.number else ""
    return tuple(line for number, title in enumerate(titles, 1) for line in (title, f"Anlage {number}{reference}"))


def _mark(report):
    """The foot of every page in the demo; a paper without annexes shows no example values."""
    if not report.strategy.is_demo:
        return ""
    return gettext("Demonstration.") if report.paper_only else gettext("Sample with example values")


def _texts_of_annexes(report):
    """{field of the projection: text}; what was typed before the annexes were left out is nobody's."""
    if report.paper_only:
        return {}
    texts = {
        "preface": report.foreword,
        "deviations": report.deviations,
        "participation": report.participation,
        "outlook": report.outlook,
    }
    return {name: text.strip() for name, text in texts.items()}


def _notes(strategy):
    if not strategy.is_demo:
        return ()
    text = gettext(
        "Titles, figures and council papers are from public sources; lights, dates, states and texts marked as "
        "examples are made up. What is derived is marked as derived."
    )
    return (printed.Note(lead=gettext("Demonstration."), text=text),)


def _needs_note(strategy):
    if not strategy.is_demo:
        return ""
    return gettext(
        "Sample list: the needs are documented in public, that they came from the staff council only in part; answers "
        "and days are made up."
    )


def _field(field, sheets):
    kinds = set(field.provenance.values())
    return printed.FieldOfAction(
        letter=field.letter,
        title=field.title,
        summary=field.summary,
        provenance="example" if "example" in kinds else "derived" if kinds else "",
        measures=tuple(sheets),
    )


def _states(measures):
    """The states that occur, in the order of the workflow, with their words."""
    present = {measure.state for measure in measures}
    return [(value, str(label)) for value, label in Measure.State.choices if value in present]


def _indicator(measure):
    """A sheet has room for one: that with most values, the earlier of two."""
    return max(measure.indicators.all(), key=lambda row: (len(row.values.all()), -row.pk), default=None)


def printed_indicator(row):
    return printed.Indicator(
        name=row.name,
        unit=row.unit,
        points=tuple(
            printed.Point(
                when=iso_day(value.as_of, value.date_precision),
                value=_plain(value.value),
                qualifier=value.qualifier,
                source=value.source,
            )
            for value in disclosed(row)
        ),
        target=_plain(row.target) if row.target is not None else None,
        target_year=row.target_year,
    )


def printed_resource(row):
    return printed.Resource(
        kind=row.kind,
        year=row.year,
        amount=_plain(row.amount),
        state=str(row.get_state_display()),
        step=row.state,
        granted="" if row.granted_amount is None else _plain(row.granted_amount),
    )


def _marked(measure, update, indicator, kind):
    """The parts of the sheet whose values are of this kind."""
    places = [PLACES[name] for name, found in measure.provenance.items() if found == kind and name in PLACES]
    parts = {
        "status": [update] if update else [],
        "next_steps": [update] if update and update.next_steps else [],
        "milestones": measure.milestones.all(),
        "indicator": [indicator, *indicator.values.all()] if indicator else [],
        "resources": measure.resource_requests.all(),
    }
    places += [place for place, rows in parts.items() if any(kind in row.provenance.values() for row in rows)]
    return tuple(sorted(set(places)))


def _plain(number):
    """A decimal without the zeros its column adds: 24.70 is 24.7, 1000.00 is 1000."""
    return f"{number.normalize():f}"


def _lines(text):
    return tuple(line.strip() for line in text.splitlines() if line.strip())
