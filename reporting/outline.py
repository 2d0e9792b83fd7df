"""What a report is made of, and what of it is still missing."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DONE, MISSING, LATER, EMPTY, GENERATED = "done", "missing", "later", "empty", "generated"

WORDS = {
    DONE: pgettext_lazy("part of a report", "done"),
    MISSING: pgettext_lazy("part of a report", "missing"),
    LATER: pgettext_lazy("part of a report", "follows"),
    EMPTY: pgettext_lazy("part of a report", "left out"),
    GENERATED: pgettext_lazy("part of a report", "made from the data"),
}


@dataclass(frozen=True)
class Part:
    """A part of the report, how far it is, and the section of the form where it is typed."""

    title: str | Promise
    state: str
    section: str = ""

    @property
    def word(self):
        return WORDS[self.state]


def outline(report):
    """The parts in the order of the paper."""
    return [*_paper(report), *([] if report.paper_only else _annexes(report))]


def _paper(report):
    consultations = list(report.consultations.all())
    yield Part(_("Number and date"), DONE if report.number and report.dated_on else LATER, "head")
    yield Part(_("Subject and originating Referat"), _needed(report.subject and report.originators), "head")
    yield Part(_("Bodies and sessions"), _sessions(consultations), "consultations")
    if report.is_decision:
        yield Part(_("Motion"), _needed(report.motion), "text")
    yield Part(_("Reasons") if report.is_decision else _("Report"), _needed(report.text), "text")
    yield Part(_("Financial effects"), _optional(report.financial_effects), "text")
    yield Part(_("Signature lines"), _needed(report.signatures.all()), "signatures")


def _annexes(report):
    yield Part(_("Annex 1: preliminary remark"), _optional(report.foreword), "annex")
    yield Part(_("Annex 1: agreement in the last ranking round"), GENERATED)
    yield Part(_("Annex 1: status per field of action"), GENERATED, "scope")
    yield Part(_("Annex 1: deviations and their reasons"), _optional(report.deviations), "annex")
    yield Part(_("Annex 1: participation of the staff representation"), _optional(report.participation), "annex")
    yield Part(_("Annex 1: additional needs of the staff council"), GENERATED)
    yield Part(_("Annex 1: outlook on the next double budget"), _optional(report.outlook), "annex")
    yield Part(_("Annex 2: table of all measures"), GENERATED, "scope")
    if report.predecessor_id:
        yield Part(_("Annex 3: changes since the last report"), GENERATED, "scope")


def _needed(there):
    return DONE if there else MISSING


def _optional(text):
    return DONE if text else EMPTY


def _sessions(consultations):
    if not consultations:
        return MISSING
    return DONE if all(row.session_id for row in consultations) else LATER


TO_REVISE = {
    "subject": _("Subject"),
    "about": _("here"),
    "consultations": _("Bodies and sessions"),
    "motion": _("Motion"),
    "text": _("Report"),
    "financial_effects": _("Financial effects"),
    "foreword": _("Preliminary remark"),
    "deviations": _("Deviations and their reasons"),
    "participation": _("Participation of the staff representation"),
    "outlook": _("Outlook on the next double budget"),
    "cosigning_units": _("Units asked to co-sign"),
}


def labels_to_revise(report):
    """[(name, label)] of what was taken over from the last report and not read again yet."""
    return [(name, label) for name, label in TO_REVISE.items() if name in report.to_revise]


SECTIONS = (
    ("head", _("Head")),
    ("planning", _("Planning")),
    ("consultations", _("Bodies and sessions")),
    ("text", _("Text of the paper")),
    ("annex", _("Texts of annex 1")),
    ("scope", _("Scope")),
    ("cosigning", _("Co-signatures")),
    ("requests", _("Requests and motions")),
    ("signatures", _("Signature lines")),
    ("annexes", _("Further annexes")),
)


def sections(report):
    """The sections of the form as [(anchor, title, whether something is missing in it)]."""
    missing = {part.section for part in outline(report) if part.state == MISSING}
    return [(anchor, title, anchor in missing) for anchor, title in SECTIONS]
