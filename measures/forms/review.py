"""Statements, and what follows from them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.models import ReviewResponse

from .fields import TextField
from .step import StepForm


class RespondForm(StepForm):
    vote = forms.ChoiceField(
        label=_("Your vote"), choices=ReviewResponse.Vote.choices, widget=forms.RadioSelect, initial=None
    )
    text = TextField(
        label=_("Reasons or conditions"),
        required=False,
        max_length=ReviewResponse._meta.get_field("text").max_length,
    )

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        self.fields["text"].needed_for = _("needed for conditions and objections")
        if earlier := subject.answer():
            self.initial = {"vote": earlier.vote, "text": earlier.text}


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
