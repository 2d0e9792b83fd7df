"""Who hears of a step of a report or of a co-signature, and in which words."""

from django.utils.translation import gettext_lazy as _

from measures.announcements import heads_of, members, tell
from strategy.models import Occasion, Role


def _authors(report):
    return members(report.strategy_id, Role.PROJECT_GROUP)


def _steering(report):
    return members(report.strategy_id, Role.STEERING_TEAM)


def _who_waits(report):
    build = report.latest_build()
    return [build.asked_by] if build and build.asked_by else []


REQUEST, NEWS = Occasion.REQUEST, Occasion.NEWS
REPORT_STEPS = {
    "fail_build": (_who_waits, NEWS, _("The build has failed: %(object)s")),
    "submit": (_steering, REQUEST, _("Please approve, submitted on %(since)s: %(object)s")),
    "send_back": (_authors, NEWS, _("Sent back: %(object)s")),
    "finalise": (_authors, NEWS, _("Approved and final: %(object)s")),
    "supersede": (_authors, NEWS, _("Superseded: %(object)s")),
}

COSIGNATURE_STEPS = {
    "ask": _("Please co-sign: %(object)s"),
    "lapse": _("The text has changed, please co-sign again: %(object)s"),
}


def announce_report(report, entry):
    if entry.verb not in REPORT_STEPS:
        return
    recipients, kind, subject = REPORT_STEPS[entry.verb]
    tell(recipients(report), entry, report, subject, link=report.get_absolute_url(), kind=kind)


def announce_cosignature(cosignature, entry):
    report = cosignature.report
    if entry.verb in COSIGNATURE_STEPS:
        subject = COSIGNATURE_STEPS[entry.verb]
        link = report.get_absolute_url()
        asked = heads_of([cosignature.unit])
        tell(asked, entry, report, subject, link=link, kind=REQUEST, by=report.cosign_due_on)
    elif entry.verb == "sign":
        subject = _("Co-signed by a unit: %(object)s")
        tell(_authors(report), entry, cosignature, subject, link=report.get_absolute_url())
