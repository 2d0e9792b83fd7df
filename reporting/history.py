"""What is told of council reports: who works on a draft reads all of it, everybody else from the final report on."""

from collections import defaultdict

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reporting.models import CoSignature, CouncilReport
from strategy.history import Root, Steps, Told, tell
from strategy.models import Role, Transition

DEEDS = {
    "ask_units": _("Units asked to co-sign"),
    "discard": _("Discarded"),
    "build": _("Build asked for"),
    "complete_build": _("Built"),
    "fail_build": _("Build failed"),
    "cancel": _("Build cancelled"),
    "reopen": _("Reopened"),
    "submit": _("Submitted to the steering team"),
    "send_back": _("Sent back to the project group"),
    "finalise": _("Finalised"),
    "supersede": _("Superseded"),
    "release": _("Released to the public"),
    "withdraw_release": _("Release withdrawn"),
}

TEXTS = (
    "banner",
    "motion",
    "text",
    "financial_effects",
    "pending_requests",
    "settled_requests",
    "foreword",
    "deviations",
    "participation",
    "outlook",
)
HEAD = ("originators", "file_reference", "number", "supplement", "dated_on", "subject", "about", "kind")
SCOPE = ("planned_for", "updates_due_on", "finance_budget", "is_summary", "paper_only", "cosign_due_on", "predecessor")


def since(reports, actor):
    """From when on the actor may read of them: the first word asked of their unit, or the moment they were final."""
    if not reports or actor.holds_any([Role.PROJECT_GROUP, Role.STEERING_TEAM], reports[0].strategy_id):
        return {report.pk: None for report in reports}
    asked = list(CoSignature.objects.asked_of(actor).filter(report__in=reports))
    steps = Transition.objects.of(*asked).filter(verb="ask").reverse().moments()
    moments = defaultdict(list)
    for row in asked:
        moments[row.report_id] += [steps[str(row.pk)]] if str(row.pk) in steps else []
    for report in reports:
        moments[report.pk] += [report.finalised_at] if report.finalised_at else []
    return {report.pk: min(moments[report.pk], default=timezone.now()) for report in reports}


tell(
    {
        CouncilReport: Told(of=(CouncilReport,), fields=HEAD + TEXTS + SCOPE, long_texts=TEXTS, steps=DEEDS),
        CoSignature: Told(
            steps={
                "ask": _("Asked to co-sign: %(object)s"),
                "sign": _("Co-signed: %(object)s"),
                "lapse": _("Co-signature lapsed, the text has changed: %(object)s"),
            }
        ),
    },
    {
        CouncilReport: Root(
            steps={CouncilReport: Steps(), CoSignature: Steps("report")},
            names=lambda reports: {
                ("cosignature", str(row.pk)): str(row.unit)
                for row in CoSignature.objects.filter(report__in=reports).select_related("unit")
            },
            since=since,
            section=("reports", _("Reports")),
            listed=lambda actor, strategy: CouncilReport.objects.visible_to(actor).filter(strategy=strategy),
        )
    },
)
