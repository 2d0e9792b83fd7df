"""Reviews and statements, and what follows from them."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.models import ReviewResponse, ReviewSlot
from strategy.forms.rows import RowsField

from .fields import DayField, ProseField, TextField
from .step import ReasonForm, StepForm


class SlotsField(RowsField):
    """Who is asked, by name."""

    def label_from_instance(self, slot):
        return slot.asked


class RemindForm(StepForm):
    slots = SlotsField(
        ReviewSlot.objects.none(),
        label=_("Who is reminded"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose whom to remind.")},
    )

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        self.fields["slots"].queryset = subject.slots.remindable().select_related("unit")


class ExtendForm(ReasonForm):
    due_on = DayField(label=_("New deadline"))
    reason = TextField(label=_("Reason"), help_text=_("Everyone asked reads it."), rows=3, max_length=2000)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["due_on"].initial = max(self.subject.due_on, timezone.localdate()) + timedelta(days=7)
        self.order_fields(["due_on", "reason"])


class WithdrawForm(ReasonForm):
    reason = TextField(label=_("Reason"), help_text=_("Everyone asked reads it."), rows=3, max_length=2000)


class AheadField(DayField):
    """A day that has not passed yet."""

    default_error_messages = {"past": _("This day has passed; please give one that is still ahead.")}

    def clean(self, text):
        day = super().clean(text)
        if day and day < timezone.localdate():
            raise ValidationError(self.error_messages["past"], code="past")
        return day


class RespondForm(StepForm):
    vote = forms.ChoiceField(
        label=_("Your vote"), choices=ReviewResponse.Vote.choices, widget=forms.RadioSelect, initial=None
    )
    text = ProseField(
        label=_("Reasons or conditions"),
        required=False,
        max_length=ReviewResponse._meta.get_field("text").max_length,
    )
    due_on = AheadField(
        label=_("Conditions to be met by"), required=False, help_text=_("A day, for example 30.06.2027.")
    )

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        self.fields["text"].needed_for = _("needed for conditions and objections")
        self.fields["due_on"].needed_for = _("optional, for conditions only")
        if earlier := subject.answer():
            condition = earlier.conditions.first()
            self.initial = {"vote": earlier.vote, "text": earlier.text, "due_on": condition and condition.due_on}


class SettleForm(StepForm):
    reason = TextField(
        label=_("How the objection is settled"),
        help_text=_("Those who objected read it; afterwards the objection no longer stands in the way."),
        max_length=5000,
    )


class MeetForm(StepForm):
    reason = TextField(
        label=_("How the condition has been met"),
        help_text=_("One sentence; the unit is told."),
        rows=3,
        max_length=2000,
    )


class ScheduleForm(StepForm):
    due_on = AheadField(label=_("To be met by"), help_text=_("A day, for example 30.06.2027. The unit is told."))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["due_on"].initial = self.subject.due_on
