"""The series of reports: plan the next one, see who has brought their measures up to date, add a supplement."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measures.views.step import Step, Words
from reporting.forms.series import PlanForm
from reporting.models import CouncilReport
from reporting.series import Updates, next_of
from strategy.templatetags.portal import shown_date

from .report import report_of


class Plan(Step):
    """A draft for a session, prefilled from the last final report."""

    verb = "add"
    form_class = PlanForm
    template_name = "reporting/series/plan.html"
    words = {
        "add": Words(
            _("Plan the next report"),
            _("Plan report"),
            _("Planned: %(object)s"),
            _("A draft for the project group, in which everything can still be changed."),
        )
    }

    def get_subject(self):
        self.next = next_of(self.request.strategy)
        self.last = CouncilReport.objects.latest_of(self.request.strategy)
        return CouncilReport(strategy=self.request.strategy)

    def is_possible(self):
        return True

    def get_label(self):
        return self.subject.subject

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"last": self.last, "proposed": self.next["proposed"]}

    def take(self, form):
        self.subject = form.plan(self.request.actor)
        messages.success(self.request, self.done_words() % {"object": self.subject})
        return self.subject.get_absolute_url()

    def refused(self, form, problem):
        form.add_problem(problem)
        return self.form_invalid(form)

    def consequences(self):
        if not self.last:
            return [_("There is no earlier report to take texts over from.")]
        return [
            _("Prefilled from the last report: %(report)s") % {"report": self.last},
            _("Texts, bodies and units taken over are marked until somebody has read them again."),
            _("No unit is asked to co-sign yet."),
        ]

    def get_back_url(self):
        return reverse("reporting:reports", args=[self.request.strategy.slug])

    def get_context_data(self, **context):
        return super().get_context_data(next=self.next, last=self.last, **context)


class Supplement(Step):
    """A paper that goes with a final one under its number."""

    verb = "add"
    template_name = "reporting/report/step.html"
    words = {
        "add": Words(
            _("Supplement to %(object)s"),
            _("Draft supplement"),
            _("Supplement drafted for %(object)s"),
            _("A paper under the same number, with its own text. The report itself stays as it is."),
        )
    }

    def get_subject(self):
        return report_of(self.request, self.kwargs["pk"])

    def is_possible(self):
        return self.subject.state == CouncilReport.State.FINAL

    def take(self, form):
        draft = CouncilReport.objects.draft_supplement(by=self.request.actor, to=self.subject)
        messages.success(self.request, self.done_words() % {"object": self.subject})
        return reverse("reporting:report-edit", args=[draft.strategy.slug, draft.pk])

    def consequences(self):
        return [_("It is a paper alone, without the annexes made from the data.")]

    def get_back_url(self):
        return self.subject.get_absolute_url()

    def get_context_data(self, **context):
        return super().get_context_data(report=self.subject, **context)


@require_safe
def updates(request, strategy, pk):
    """Whose measures still lack a status for this report; heads see those of their own units."""
    reports = CouncilReport.objects.asking_updates_of(request.actor).filter(strategy=request.strategy)
    report = get_object_or_404(reports.select_related("strategy", "planned_for__body", "predecessor"), pk=pk)
    sees_report = request.actor.has_perm("reporting.view_councilreport", report)
    found = Updates.read(report, request.actor)
    if not (sees_report or found.rows):
        raise Http404
    context = {"report": report, "updates": found, "sees_report": sees_report, "title": title_of(report)}
    context["may_report"] = {
        measure.pk
        for row in found.rows
        for measure in row.measures
        if request.actor.has_perm("measures.report_status_measure", measure)
    }
    return render(request, "reporting/series/updates.html", context)


def title_of(report):
    """By its session: the subject of a draft is not for everybody."""
    session = report.planned_for
    if session is None:
        return _("Status of the measures for the next council report")
    day = shown_date(session.held_on)
    return _("Status of the measures for the council report of %(day)s") % {"day": day}
