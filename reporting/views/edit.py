"""Start and edit a report; what to do when two people did so at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import FormView, View

from reporting.forms.conflict import merge
from reporting.forms.report import NewReportForm, ReportForm
from reporting.models import CouncilReport, EditConflict
from reporting.outline import sections
from reporting.preview import preview_of, preview_typed
from strategy.forms.once import led_before
from strategy.workflow import RuleViolation

from .report import report_of, variants_of

NOT_TYPED = ("csrfmiddlewaretoken", "version")


class Create(FormView):
    """A new draft, prefilled from the last final report."""

    http_method_names = ["get", "head", "post", "options"]
    form_class = NewReportForm
    template_name = "reporting/report/create.html"

    def dispatch(self, request, *args, **kwargs):
        empty = CouncilReport(strategy=request.strategy)
        if not request.actor.has_perm("reporting.add_councilreport", empty):
            raise PermissionDenied("reporting.add_councilreport")
        if request.method == "POST" and (location := led_before(request)):
            return redirect(location)
        self.last = CouncilReport.objects.latest_of(request.strategy)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {"kind": CouncilReport.Kind.INFORMATION, "subject": self.last.subject if self.last else ""}

    def form_valid(self, form):
        return HttpResponseRedirect(form.once(self.request.user, lambda: self.create(form)))

    def create(self, form):
        report = CouncilReport.objects.create_draft(
            by=self.request.actor, strategy=self.request.strategy, **form.details()
        )
        messages.success(self.request, _("Draft created: %(report)s") % {"report": report})
        return reverse("reporting:report-edit", args=[self.request.strategy.slug, report.pk])

    def get_context_data(self, **context):
        step = {
            "title": _("New report"),
            "text": _("A draft for the project group. You can change everything until the report is submitted."),
            "button": _("Create draft"),
            "consequences": [_("Prefilled from the last report: %(report)s") % {"report": self.last}]
            if self.last
            else [],
        }
        back_url = reverse("reporting:reports", args=[self.request.strategy.slug])
        return super().get_context_data(step=step, back_url=back_url, **context)


class Edit(View):
    """The guided form of a draft."""

    def dispatch(self, request, *args, **kwargs):
        self.report = report_of(request, kwargs["pk"])
        if not request.actor.has_perm("reporting.change_councilreport", self.report):
            raise PermissionDenied("reporting.change_councilreport")
        if self.report.state != CouncilReport.State.DRAFT:
            return self.locked([_("Only a draft can be edited; please reopen the report first.")])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, strategy, pk):
        return self.show(ReportForm(report=self.report))

    def post(self, request, strategy, pk):
        form = ReportForm(request.POST, report=self.report)
        if not form.is_valid():
            return self.show(form)
        try:
            self.save(form)
        except EditConflict:
            return self.ask(form)
        except RuleViolation as refusal:
            return self.refused(form, refusal)
        return redirect(self.report)

    def save(self, form):
        if not form.has_changed() and form.opened_version == self.report.version:
            messages.info(self.request, _("Nothing was changed."))
            return
        self.report.edit(by=self.request.actor, version=form.opened_version, changes=form.values(), rows=form.save_rows)
        messages.success(self.request, _("Saved: %(report)s") % {"report": self.report})

    def ask(self, form):
        """Show the form again with both: what was typed, and what somebody else has saved."""
        self.report = report_of(self.request, self.report.pk)
        data, differences = merge(form, self.report)
        merged = ReportForm(data, report=self.report)
        merged.is_valid()
        return self.show(merged, status=409, differences=differences, conflict=True)

    def refused(self, form, refusal):
        """At the field it names, so that the rest can be saved with another choice."""
        if not hasattr(refusal, "error_dict"):
            return self.locked(refusal.messages)
        form.add_error(None, refusal)
        return self.show(form)

    def show(self, form, status=200, **context):
        context |= {"form": form, "report": self.report, "sections": sections(self.report)}
        variant = variants_of(self.report, self.request.actor)[-1]
        context["preview"] = preview_typed(form, variant) if form.is_bound else preview_of(self.report, variant)
        return render(self.request, "reporting/report/edit.html", context, status=status)

    def locked(self, reasons):
        typed = [(name, text) for name, text in self.request.POST.items() if text and name not in NOT_TYPED]
        context = {"reasons": reasons, "typed": typed, "back_url": self.report.get_absolute_url()}
        return render(self.request, "measures/step/not_possible.html", context, status=409)


@require_POST
def live_preview(request, strategy, pk):
    """The paper as typed so far, beside the form; nothing is stored."""
    report = report_of(request, pk)
    if not request.actor.has_perm("reporting.change_councilreport", report):
        raise PermissionDenied("reporting.change_councilreport")
    if report.state != CouncilReport.State.DRAFT:
        return HttpResponse(status=409)
    form = ReportForm(request.POST, report=report)
    form.is_valid()
    preview = preview_typed(form, variants_of(report, request.actor)[-1])
    return render(request, "reporting/report/_live.html", {"report": form.instance, "preview": preview})
