"""Reports for the tests, each brought to its state by the people's own verbs."""

from datetime import date, timedelta

from django.utils import timezone

from measures.models import Measure
from reporting import building
from reporting.documents import Format, published
from reporting.models import Consultation, CouncilReport, Signature, Variant
from tests.factories import CouncilSessionFactory

from .print import samples

NUMBER = "101/2026"
COMPLETE = {
    "originators": "Referat Allgemeine Verwaltung/Kultur und Recht",
    "text": "Der Stand der Umsetzung.\n\nDie Anlage 1 beschreibt jede Maßnahme.",
    "number": NUMBER,
    "dated_on": date(2026, 12, 1),
}
FILES = {
    variant: {kind: f"%{kind.name} {variant}".encode() for kind in Format if kind != Format.OPARL}
    for variant in Variant
}  # what is not public is not published
FILES[Variant.PUBLIC][Format.OPARL] = published(
    samples.real_strategy(), "https://portal.example/reports/1/", FILES[Variant.PUBLIC]
)


def draft(cast, **values):
    """A draft that lacks nothing, with one decided and one merely submitted measure in its scope."""
    report = CouncilReport.objects.create_draft(by=cast.actor("project_group"), strategy=cast.strategy, subject="Stand")
    if not Measure.objects.filter(strategy=cast.strategy, submitted_on__isnull=False).exists():
        cast.measure(Measure.State.DECIDED)
        cast.measure(Measure.State.IN_REVIEW)
    edit(cast, report, rows=lambda: add_rows(cast, report), **COMPLETE | values)
    return report


def add_rows(cast, report):
    """A session and a signature, in place of what was taken over from the last report."""
    report.consultations.all().delete()
    report.signatures.all().delete()
    session = CouncilSessionFactory(strategy=cast.strategy)
    Consultation(report=report, session=session, purpose=Consultation.Purpose.INFORMATION).save()
    Signature(report=report, function="Erster Bürgermeister").save()


def edit(cast, report, rows=None, **values):
    report.edit(by=cast.actor("project_group"), version=report.version, changes=values, rows=rows)


def planned(cast, *measures, days=60, **values):
    """Planned for a session ahead; these running measures are in its scope."""
    session = CouncilSessionFactory(strategy=cast.strategy, held_on=timezone.localdate() + timedelta(days=days))
    due_on = session.held_on - timedelta(days=28)
    details = {"session": session, "updates_due_on": due_on, "subject": "Stand"} | values
    return CouncilReport.objects.plan(by=cast.actor("project_group"), **details)


def asked(cast, **values):
    """A draft which two units have been asked to co-sign."""
    return draft(cast, cosigning_units=[cast.unit, cast.other_unit], **values)


def sign(cast, report, name="department_head", **details):
    row = report.cosignatures.get(unit=cast.unit if name == "department_head" else cast.other_unit)
    row.sign(by=cast.actor(name), text_hash=report.text_hash(), **details)
    return row


def started(cast, report=None):
    """A report whose build a worker has begun."""
    report = report or draft(cast)
    report.build(by=cast.actor("project_group"))
    build = report.latest_build()
    assert build.claim()
    build.refresh_from_db()
    return build


def ready(cast, report=None):
    """Built, with a few bytes in place of typeset pages."""
    build = started(cast, report)
    building.store(build, building.freeze(build), FILES, dict.fromkeys(Variant, 1))
    return CouncilReport.objects.get(pk=build.report_id)


def submitted(cast, report=None):
    report = ready(cast, report)
    report.submit(by=cast.actor("project_group"))
    return report


def final(cast, report=None):
    report = submitted(cast, report)
    report.finalise(by=cast.actor("steering_team"), typed_number=report.number)
    return report


def superseded(cast, report=None):
    report = final(cast, report)
    report.supersede(by=cast.actor("steering_team"), reason="Zahlendreher")
    return report


def building_(cast, report=None):
    return started(cast, report).report


IN_STATE = {
    CouncilReport.State.DRAFT: draft,
    CouncilReport.State.BUILDING: building_,
    CouncilReport.State.READY: ready,
    CouncilReport.State.SUBMITTED: submitted,
    CouncilReport.State.FINAL: final,
    CouncilReport.State.SUPERSEDED: superseded,
}
