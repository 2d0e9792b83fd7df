"""Steps of council reports that other programs are told of; registered when the app is loaded."""

from django.utils.translation import gettext_lazy as _

from reporting.models import CouncilReport
from strategy import events

events.name_kinds(report=_("Council report final, superseded or released"))
events.tells(
    CouncilReport,
    dict.fromkeys(("finalise", "supersede", "release", "withdraw_release"), "report"),
    code=lambda report: report.number,
    address=lambda report: report.get_absolute_url(),
)
