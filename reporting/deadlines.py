"""What council reports ask of people; registered with ``strategy.deadlines`` when the app is loaded."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reporting.models import CoSignature, CouncilReport
from strategy.deadlines import Task, offers_tasks
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
