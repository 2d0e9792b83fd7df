"""Formal participation of the staff council."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.models import StaffParticipation

from .fields import PartialDateField, TextField
from .step import StepForm


class ParticipationForm(StepForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=StaffParticipation.Kind.choices, widget=forms.RadioSelect)
    informed_on = PartialDateField(
        label=_("Fully informed on"), help_text=_("The day on which the clock starts, for example 20.11.2026.")
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["informed_on"].initial = timezone.localdate().strftime("%d.%m.%Y")

    def clean_informed_on(self):
        typed = self.cleaned_data["informed_on"]
        if typed.precision != "day":
            raise ValidationError(_("Please give the day, for example 20.11.2026."))
        if typed.day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future; the clock starts when the council has been informed.")
            )
        return typed.day


class StateViewForm(StepForm):
    text = TextField(
        label=_("Statement"), rows=8, max_length=StaffParticipation._meta.get_field("statement").max_length
    )

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        self.initial = {"text": subject.statement}


class ConcludeForm(StepForm):
    reason = TextField(
        label=_("Outcome"),
        help_text=_("In the words of the record. Where nobody answered, write that nobody answered."),
        max_length=StaffParticipation._meta.get_field("outcome").max_length,
    )
