"""Formal participation of the staff council."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.models import StaffParticipation
from strategy.forms.rows import RowsField
from strategy.models import CouncilPaper

from .fields import DayField, HintedRadios, LineField, ProseField, TextField
from .step import ReasonForm, StepForm

Kind, Vote = StaffParticipation.Kind, StaffParticipation.Vote
PROVISIONS = {
    Kind.CODETERMINATION: _("for example § 74 (2) no. 1"),
    Kind.COOPERATION: _("for example § 81 (1) no. 6"),
    Kind.HEARING: _("for example § 87 (1) no. 1"),
}


def longest(field):
    return StaffParticipation._meta.get_field(field).max_length


def provision():
    return LineField(
        label=_("Exact provision"),
        help_text=_("As exactly as it is known; it can be completed later."),
        max_length=longest("paragraph"),
        required=False,
    )


def papers():
    return RowsField(
        CouncilPaper.objects.none(),
        label=_("Council papers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class InformedField(DayField):
    default_error_messages = {
        "too_late": _("This day lies in the future; the clock starts when the council has been informed."),
    }

    def __init__(self, **options):
        super().__init__(label=_("Fully informed on"), until=timezone.localdate, initial=timezone.localdate, **options)


class ParticipationForm(StepForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=HintedRadios(PROVISIONS))
    paragraph = provision()
    informed_on = InformedField(help_text=_("The day on which the clock starts, for example 20.11.2026."))
    council_papers = papers()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["council_papers"].queryset = CouncilPaper.objects.filter(strategy=self.subject.strategy_id)


class SpecifyForm(StepForm):
    paragraph = provision()
    council_papers = papers()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["paragraph"].help_text = PROVISIONS[self.subject.kind]
        self.fields["council_papers"].queryset = CouncilPaper.objects.filter(strategy=self.subject.strategy_id)
        self.initial = {"paragraph": self.subject.paragraph, "council_papers": self.subject.council_papers.all()}


class InformAgainForm(ReasonForm):
    informed_on = InformedField(
        help_text=_("The day on which the council had everything; the clock starts anew there.")
    )
    reason = TextField(
        label=_("What was missing"),
        help_text=_("It stands in the history; the council is told."),
        rows=3,
        max_length=2000,
    )


class ExtendForm(ReasonForm):
    due_on = DayField(label=_("New last day"))
    reason = TextField(label=_("Reason"), help_text=_("The council is told."), rows=3, max_length=2000)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["due_on"].initial = max(self.subject.due_on, timezone.localdate()) + timedelta(days=7)


class StateViewForm(StepForm):
    vote = forms.ChoiceField(label=_("The staff council"), widget=forms.RadioSelect)
    text = ProseField(
        label=_("Statement"),
        help_text=_("Needed where consent is refused, objections are raised or documents are missing."),
        rows=8,
        required=False,
        max_length=longest("statement"),
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        votes = StaffParticipation.VOTES[self.subject.kind]
        self.fields["vote"].choices = [(vote.value, vote.label) for vote in votes]
        self.initial = {"vote": self.subject.vote, "text": self.subject.statement}


class ConcludeForm(StepForm):
    reason = TextField(
        label=_("Outcome"),
        help_text=_("In the words of the record. Where nobody answered, write that nobody answered."),
        max_length=longest("outcome"),
    )
    go_on = forms.BooleanField(
        label=_("I know that the period still runs without a statement, and want to go on."),
        error_messages={"required": _("Please confirm that you want to go on.")},
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        is_open = self.subject.state == StaffParticipation.State.OPEN
        if not is_open or self.subject.is_overdue():
            del self.fields["go_on"]
        if is_open and self.subject.is_overdue():
            self.initial["reason"] = _("No statement within the period; recorded as silence.")

    def details(self):
        details = super().details()
        details.pop("go_on", None)
        return details
