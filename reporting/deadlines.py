"""What council reports ask of people; registered with ``strategy.deadlines`` when the app is loaded."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.models import CoSignature, CouncilReport
from strategy.deadlines import SOON_DAYS, Task, offers_tasks
from strategy.models import Role


@offers_tasks
def cosignatures(actor, strategy, on):
    """Texts a unit of this actor has been asked to co-sign and has not, or not as they are now."""
    if not actor.units(*Role.HEADS):
        return
    asked = CoSignature.objects.asked_of(actor).filter(strategy=strategy).outstanding().on_open_reports()
    for row in asked.with_asked_at().select_related("report__strategy", "unit"):
        yield Task(
            kind="cosignature",
            object=row,
            title=_("Co-sign: %(report)s") % {"report": row.report},
            why=_("For %(unit)s.") % {"unit": row.unit}
            if row.state == CoSignature.State.ASKED
            else _("For %(unit)s. The text has changed since the last co-signature.") % {"unit": row.unit},
            act=_("Read and co-sign"),
            url=reverse("reporting:report-cosign", args=[strategy.slug, row.report_id, row.pk]),
            due_on=row.report.cosign_due_on,
            known_since=timezone.localdate(row.asked_at) if row.asked_at else None,
            about=row.get_absolute_url(),
        )


@offers_tasks
def updates_for_reports(actor, strategy, on):
    """For the heads of units: the next planned report for which a measure they lead lacks a status.

    One task a report, whatever the number of measures; where two are planned, the later one waits for the first.
    """
    units = actor.units(*Role.HEADS)
    report = CouncilReport.objects.waiting_for_updates(strategy).first() if units else None
    if report is None:
        return
    missing = report.measures_to_update().of_unit(units).filter(is_updated=False).count()
    if not missing:
        return
    url = reverse("reporting:report-updates", args=[strategy.slug, report.pk])
    yield Task(
        kind="report-updates",
        object=report,
        title=_("Report the status for the council report"),
        why=ngettext("%(count)d measure still lacks it.", "%(count)d measures still lack it.", missing)
        % {"count": missing},
        act=_("Show measures"),
        url=url,
        due_on=report.updates_due_on,
        known_since=report.updates_asked_on,
        opens_on=report.updates_due_on - timedelta(days=SOON_DAYS),
        about=url,
    )


@offers_tasks
def approvals(actor, strategy, on):
    """Reports laid before the steering team, save those this actor has submitted."""
    if not actor.holds_any([Role.STEERING_TEAM], strategy.pk):
        return
    for report in CouncilReport.objects.filter(strategy=strategy, state=CouncilReport.State.SUBMITTED):
        if not actor.has_perm("reporting.finalise_councilreport", report):
            continue
        yield Task(
            kind="approval",
            object=report,
            title=_("Approve: %(report)s") % {"report": report},
            why=_("The project group has submitted it."),
            act=_("Read the report"),
            url=reverse("reporting:report", args=[strategy.slug, report.pk]),
        )
