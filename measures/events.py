"""Steps of measures that other programs are told of; registered with ``strategy.events`` when the app is loaded."""

from django.utils.translation import gettext_lazy as _

from measures.models import Measure, ResourceRequest, TextVersion
from strategy import events

events.name_kinds(
    measure=_("State and priority of a measure"),
    status=_("Status of a measure reported"),
    amendment=_("Text of a measure changed by a decision"),
    resource=_("Resource request registered or answered"),
)

events.tells(
    Measure,
    {
        **dict.fromkeys(("decide", "prioritise", "start", "complete", "pause", "resume", "drop"), "measure"),
        "report_status": "status",
    },
    code=lambda measure: measure.code,
    address=lambda measure: measure.get_absolute_url(),
)
events.tells(
    TextVersion,
    {"decide": "amendment"},
    code=lambda version: version.measure.code,
    address=lambda version: version.measure.get_absolute_url(),
)
events.tells(
    ResourceRequest,
    dict.fromkeys(("register", "grant", "grant_partly", "refuse"), "resource"),
    code=lambda request: request.measure.code,
    address=lambda request: request.measure.get_absolute_url(),
)
