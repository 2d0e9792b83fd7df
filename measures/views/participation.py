"""Formal participation of the staff council: opened and dated, informed anew, extended, stated, concluded."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.forms.participation import (
    ConcludeForm,
    ExtendForm,
    InformAgainForm,
    ParticipationForm,
    SpecifyForm,
    StateViewForm,
)
from measures.law import NO_CONSEQUENCE, notes_on
from measures.models import StaffParticipation
from strategy.as_of import past_day

from .past import of_any_day
from .step import MeasureStep, Step, Words, measure_of, steps_taken

ROWS_ON_A_PAGE = 50
VERBS = ("state_view", "conclude", "inform_again", "extend", "specify")


class OpenParticipation(MeasureStep):
    verb = "open_participation"
    form_class = ParticipationForm
    words = {
        "open_participation": Words(
            _("Open a formal participation on %(object)s"),
            _("Open formal participation"),
            _("Formal participation opened: %(object)s. The staff council is told."),
            _("A record beside the review: its clock runs from the day of full information. It blocks nothing."),
        )
    }

    def get_permission(self):
        return "measures.add_staffparticipation"

    def is_possible(self):
        return self.subject.submitted_on is not None and not self.subject.is_ended

    def take(self, form):
        participation = StaffParticipation.objects.start(self.subject, by=self.request.actor, **form.details())
        messages.success(self.request, self.done_words() % {"object": self.subject})
        return participation.get_absolute_url()


def participation_of(request, code, pk):
    measure = measure_of(request, code)
    participations = StaffParticipation.objects.visible_to(request.actor).filter(measure=measure)
    return get_object_or_404(participations.for_list(), pk=pk)


def participations_in(request):
    return StaffParticipation.objects.visible_to(request.actor).filter(strategy=request.strategy).for_list()


def participations_under_way(request):
    """With their clocks and what this person may do, the most urgent first."""
    rows = list(participations_in(request).under_way().order_by("due_on", "pk"))
    for row in rows:
        row.running_clock = row.clock()
        row.may_state_view = not past_day() and row.may("state_view", request.actor) and not row.stated_on
        may_conclude = not past_day() and row.may("conclude", request.actor)
        row.may_conclude = may_conclude and (row.stated_on or row.is_overdue())
    return rows


def participations_concluded(request):
    return participations_in(request).concluded().order_by("-concluded_on", "-pk")


@require_safe
@of_any_day()
def participation_list(request, strategy):
    """All formal participations: those under way with their clocks, below them those concluded; on any day."""
    page = Paginator(participations_concluded(request), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"participations": participations_under_way(request), "page": page}
    return render(request, "measures/participation/list.html", context)


def law(participation):
    return {"notes": notes_on(participation), "no_consequence": NO_CONSEQUENCE}


@require_safe
def participation(request, strategy, code, pk):
    """One formal participation: its clock, the council's words with earlier ones, papers, the outcome."""
    row = participation_of(request, code, pk)
    context = {
        "participation": row,
        "measure": row.measure,
        "clock": row.clock(),
        "earlier": row.earlier_statements(),
        "papers": row.council_papers.all(),
        "law": law(row),
        "may": {verb: row.may(verb, request.actor) for verb in VERBS},
        "steps": steps_taken(row, row.get_kind_display()),
    }
    return render(request, "measures/participation/participation.html", context)


class ParticipationStep(Step):
    """A step of a formal participation; leads back to it."""

    template_name = "measures/participation/step.html"
    words = {
        "state_view": Words(
            _("State the council's view: %(object)s"),
            _("Give statement"),
            _("Statement recorded. It can be changed until the outcome is recorded."),
            _("Everyone who takes part reads it. Earlier statements stay on record."),
        ),
        "inform_again": Words(
            _("Start the clock anew: %(object)s"),
            _("Record new day of information"),
            _("The clock runs from the new day. The staff council is told."),
            _(
                "For documents that were missing: the period begins once the information is complete. "
                "A statement given before stays on record as an earlier one."
            ),
        ),
        "extend": Words(
            _("Give more time: %(object)s"),
            _("Extend period"),
            _("Period extended. The staff council is told."),
        ),
        "specify": Words(
            _("Provision and council papers: %(object)s"),
            _("Save details"),
            _("Saved: %(object)s"),
        ),
        "conclude": Words(
            _("Record the outcome: %(object)s"),
            _("Record outcome"),
            _("Outcome recorded: %(object)s"),
            _("The formal participation is concluded; its statement can no longer be changed."),
            is_final=True,
        ),
    }

    def get_subject(self):
        return participation_of(self.request, self.kwargs["code"], self.kwargs["pk"])

    def get_back_url(self):
        return self.subject.get_absolute_url()

    def get_context_data(self, **context):
        row = self.subject
        return super().get_context_data(measure=row.measure, clock=row.clock(), law=law(row), **context)


class StateView(ParticipationStep):
    verb = "state_view"
    form_class = StateViewForm


class InformAgain(ParticipationStep):
    verb = "inform_again"
    form_class = InformAgainForm


class Extend(ParticipationStep):
    verb = "extend"
    form_class = ExtendForm


class Specify(ParticipationStep):
    verb = "specify"
    form_class = SpecifyForm


class Conclude(ParticipationStep):
    verb = "conclude"
    form_class = ConcludeForm
