"""Forms of the measure's transitions: what each step asks for beside the press of its button."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from measures.models import MeasureLink, StaffParticipation, StatusUpdate
from strategy.forms.once import OnceForm
from strategy.models import CouncilPaper, Priority

from .fields import TextField


def words_typed(form):
    """[(label, text)] of what somebody has put into words: to be taken along when the form itself is of no use now."""
    texts = [field for field in form.visible_fields() if isinstance(field.field, forms.CharField)]
    return [(field.label, field.value()) for field in texts if form.is_bound and field.value()]


class StepForm(OnceForm):
    """A step without input. ``subject`` is the row that takes it."""

    def __init__(self, *args, subject, **options):
        super().__init__(*args, **options)
        self.subject = subject

    def add_problem(self, problem):
        """Show what the verb refused at the field it names, or else above the form."""
        if not hasattr(problem, "message_dict"):
            self.add_error(None, problem.messages)
            return
        for name, messages in problem.message_dict.items():
            if name in self.fields:
                self.add_error(name, messages)
            else:
                self.add_error(None, [f"{self._label_of(name)}: {message}" for message in messages])

    def _label_of(self, name):
        names = {field.name: field.verbose_name for field in self.subject._meta.fields}
        return capfirst(names.get(name, name))


class ReasonForm(StepForm):
    reason = TextField(label=_("Reason"), max_length=5000)


class DropForm(ReasonForm):
    """Where the project group has proposed to merge the measure into another, that is the reason offered."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        merged = self.subject.links.filter(kind=MeasureLink.Kind.MERGED_INTO).select_related("target_measure").first()
        if merged:
            words = _("Merged into %(measure)s.") % {"measure": merged.target_measure}
            self.initial["reason"] = f"{words} {merged.reason}".strip()


class FormalParticipationForm(StepForm):
    """A step that goes on while a formal participation is open: allowed, but only after a second thought."""

    go_on = forms.BooleanField(
        label=_("I know that a formal participation is still open, and want to go on."),
        error_messages={"required": _("Please confirm that you want to go on.")},
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if not self.open_participations():
            del self.fields["go_on"]

    def open_participations(self):
        return list(self.subject.staff_participations.exclude(state=StaffParticipation.State.CONCLUDED))

    def details(self):
        details = super().details()
        details.pop("go_on", None)
        return details


class AgreeForm(FormalParticipationForm):
    pass


class PrioritiseForm(StepForm):
    priority = forms.ModelChoiceField(Priority.objects.none(), label=_("Priority"))
    reason = TextField(label=_("Reason"), max_length=5000)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["priority"].queryset = Priority.objects.filter(strategy=self.subject.strategy_id)
        self.fields["priority"].initial = self.subject.priority_id


class DecideForm(PrioritiseForm, FormalParticipationForm):
    council_paper = forms.ModelChoiceField(
        CouncilPaper.objects.none(),
        label=_("Council paper"),
        required=False,
        help_text=_("The paper with which the council was informed or decided."),
    )
    field_order = ["priority", "reason", "council_paper", "go_on"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["council_paper"].queryset = CouncilPaper.objects.filter(strategy=self.subject.strategy_id)


class CompleteForm(StepForm):
    text = TextField(
        label=_("Final status"),
        help_text=_("What has been achieved? It stands in the next report."),
        max_length=StatusUpdate._meta.get_field("text").max_length,
    )
    next_steps = TextField(
        label=_("What happens next"),
        rows=2,
        required=False,
        max_length=StatusUpdate._meta.get_field("next_steps").max_length,
    )
