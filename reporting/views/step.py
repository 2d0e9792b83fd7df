"""One page per transition of a report, and of a co-signature."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from measures.views.step import Step, Words
from reporting import tasks
from reporting.models import CoSignature
from reporting.preview import preview_of

from .report import report_of, unrevised_of, variants_of

REPORT_WORDS = {
    "ask_units": Words(
        _("Ask units to co-sign %(object)s"),
        _("Ask units"),
        _("The units have been asked to co-sign: %(object)s"),
        _("They see the report from now on, are told by mail and reminded until they have co-signed."),
    ),
    "discard": Words(
        _("Discard %(object)s"),
        _("Discard draft"),
        _("Discarded: %(object)s"),
        _("The draft is deleted with all its texts. That it was there stays in the history."),
        is_final=True,
    ),
    "build": Words(
        _("Build %(object)s"),
        _("Build report"),
        _("The build has been asked for. You may leave the page."),
        _("The data are frozen as they stand now, and both versions are set as PDF."),
    ),
    "cancel": Words(
        _("Cancel the build of %(object)s"),
        _("Cancel build"),
        _("The build has been cancelled."),
        _("The report becomes a draft again; documents of an earlier build stay."),
    ),
    "reopen": Words(
        _("Reopen %(object)s"),
        _("Reopen report"),
        _("The report is a draft again: %(object)s"),
        _("Texts and scope can be edited again; afterwards it has to be built once more."),
    ),
    "submit": Words(
        _("Submit %(object)s to the steering team"),
        _("Submit to the steering team"),
        _("Submitted to the steering team: %(object)s"),
        _("Nothing can be changed from then on, unless the steering team sends it back."),
    ),
    "send_back": Words(
        _("Send back %(object)s"),
        _("Send report back"),
        _("Sent back to the project group: %(object)s"),
        _("The report becomes a draft again."),
    ),
    "finalise": Words(
        _("Finalise %(object)s"),
        _("Finalise report"),
        _("Final: %(object)s"),
        _("The stored documents are approved as they are, byte for byte. All members see the public version."),
        is_final=True,
    ),
    "supersede": Words(
        _("Supersede %(object)s"),
        _("Supersede report"),
        _("Superseded: %(object)s"),
        _("The report stays readable and says that it does not hold any more."),
        is_final=True,
    ),
    "release": Words(
        _("Release %(object)s to the public"),
        _("Release to the public"),
        _("Released to the public: %(object)s"),
        _("Anybody may then fetch the public version through OParl, without signing in. The other one stays here."),
    ),
    "withdraw_release": Words(
        _("Withdraw the release of %(object)s"),
        _("Withdraw release"),
        _("No longer released: %(object)s"),
        _("The documents are gone from OParl at once. Copies others have taken stay with them."),
    ),
}

COSIGNATURE_WORDS = {
    "sign": Words(
        _("Co-sign: %(object)s"),
        _("Co-sign report"),
        _("Co-signed: %(object)s"),
        _("Your co-signature is for the text as it stands below. It lapses when the text is changed."),
    )
}


class ReportStep(Step):
    """A step of a report."""

    words = REPORT_WORDS
    template_name = "reporting/report/step.html"

    def get_subject(self):
        return report_of(self.request, self.kwargs["pk"])

    def get_back_url(self):
        return self.subject.get_absolute_url()

    def get_context_data(self, **context):
        return super().get_context_data(report=self.subject, **context)

    def consequences(self):
        return getattr(self, f"consequences_of_{self.verb}", list)()

    def consequences_of_build(self):
        return list(self.subject.missing_to_build().values())

    def consequences_of_ask_units(self):
        rows = self.subject.cosignatures.filter(state=CoSignature.State.PLANNED)
        return [str(row.unit) for row in rows.select_related("unit")]

    def consequences_of_submit(self):
        return [*self.subject.missing_to_submit(), *unrevised_of(self.subject)]


class Discard(ReportStep):
    verb = "discard"

    def get_success_url(self):
        return reverse("reporting:reports", args=[self.request.strategy.slug])


class Build(ReportStep):
    """Asks for a build and wakes a worker; where the queue is away, the page says so."""

    verb = "build"

    def take(self, form):
        location = super().take(form)
        transaction.on_commit(partial(self.wake, self.subject.latest_build().pk))
        return location

    def wake(self, build_id):
        if not tasks.wake(build_id):
            messages.warning(
                self.request, _("The queue cannot be reached at the moment; the build begins once it is back.")
            )


class Sign(Step):
    """The word of one unit on the report's text."""

    verb = "sign"
    words = COSIGNATURE_WORDS
    template_name = "reporting/report/sign.html"

    def get_subject(self):
        report = report_of(self.request, self.kwargs["pk"])
        rows = CoSignature.objects.select_related("unit", "report__strategy")
        return get_object_or_404(rows, report=report, pk=self.kwargs["cosignature"])

    def is_possible(self):
        return self.subject.report.state in CoSignature.SIGNABLE

    def why_not(self):
        return _("The report has been submitted, co-signing is over.")

    def get_back_url(self):
        return self.subject.report.get_absolute_url()

    def refused(self, form, problem):
        """The page shows the text as it is now; what is pressed next is meant for that one."""
        data = form.data.copy()
        data["text_hash"] = CoSignature.objects.get(pk=self.subject.pk).report.text_hash()
        form.data = data
        return super().refused(form, problem)

    def get_context_data(self, **context):
        report = self.subject.report
        preview = preview_of(report, variants_of(report, self.request.actor)[-1])
        return super().get_context_data(report=report, preview=preview, **context)
