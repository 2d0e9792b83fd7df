"""Formal participation of the staff council: opened and dated, stated, concluded."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.forms.participation import ConcludeForm, ParticipationForm, StateViewForm
from measures.models import StaffParticipation

from .step import MeasureStep, Step, Words, measure_of, steps_taken

NO_CONSEQUENCE = _(
    "What follows from an answer or from silence is for the responsible office to judge; "
    "this portal draws no consequence."
)
NOTES_OF_LAW = {
    StaffParticipation.Kind.CODETERMINATION: _(
        "Note: co-determination follows LPVG Baden-Württemberg §§ 74 to 76; the council usually has three weeks."
    ),
    StaffParticipation.Kind.COOPERATION: _("Note: cooperation follows LPVG Baden-Württemberg § 81 with § 82."),
    StaffParticipation.Kind.HEARING: _("Note: hearings follow LPVG Baden-Württemberg § 87."),
}


def note_of_law(participation):
    return f"{NOTES_OF_LAW[participation.kind]} {NO_CONSEQUENCE}"


class OpenParticipation(MeasureStep):
    verb = "open_participation"
    form_class = ParticipationForm
    words = {
        "open_participation": Words(
            _("Open a formal participation on %(object)s"),
            _("Open formal participation"),
            _("Formal participation opened: %(object)s"),
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
        return page_of(participation)


def page_of(participation):
    measure = participation.measure
    return reverse("measures:participation", args=[measure.strategy.slug, measure.code, participation.pk])


def participation_of(request, code, pk):
    measure = measure_of(request, code)
    participations = StaffParticipation.objects.visible_to(request.actor).filter(measure=measure)
    return get_object_or_404(participations.select_related("measure__strategy", "measure__field"), pk=pk)


@require_safe
def participation(request, strategy, code, pk):
    """One formal participation: its clock, the council's words, the outcome."""
    row = participation_of(request, code, pk)
    context = {
        "participation": row,
        "measure": row.measure,
        "note_of_law": note_of_law(row),
        "is_late": row.is_overdue(),
        "may_state_view": row.may("state_view", request.actor),
        "may_conclude": row.may("conclude", request.actor),
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
        return page_of(self.subject)

    def get_context_data(self, **context):
        note = note_of_law(self.subject)
        return super().get_context_data(measure=self.subject.measure, note_of_law=note, **context)


class StateView(ParticipationStep):
    verb = "state_view"
    form_class = StateViewForm


class Conclude(ParticipationStep):
    verb = "conclude"
    form_class = ConcludeForm
