"""What a measure rests on, as people type it: works agreements, surveys, literature."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.models import Reference, Survey, WorksAgreement
from measures.models.background import enough_answers, web_address

from .fields import DayField, LineField, PartialDateField, ProseField
from .indicator import PeopleField, SourcedForm, longest

State = WorksAgreement.State


def address_field():
    return LineField(
        label=_("Web address"),
        help_text=_("In full, for example https://www.stuttgart.de/digitalmoves."),
        max_length=longest(Reference, "url"),
        validators=[web_address],
        required=False,
    )


def source_field():
    return LineField(
        label=_("Source"),
        help_text=_("Where this was taken from: an address, a paper, a report."),
        max_length=longest(Reference, "source"),
        required=False,
    )


class WorksAgreementForm(SourcedForm):
    names = ("title", "state", "concluded_on", "note", "url", "source")
    precisions = {"concluded_on": "date_precision"}
    unknown_precision = "day"

    title = LineField(label=_("Title"), max_length=longest(WorksAgreement, "title"))
    state = forms.ChoiceField(label=_("State"), choices=State.choices, widget=forms.RadioSelect, initial=State.PLANNED)
    concluded_on = PartialDateField(
        label=_("Concluded on"),
        help_text=_("For example 31.12.2025, 12.2025 or 2025."),
        until=timezone.localdate,
        required=False,
    )
    note = ProseField(label=_("Note"), max_length=longest(WorksAgreement, "note"), rows=3, required=False)
    url = address_field()
    source = source_field()

    def clean(self):
        typed = self.cleaned_data
        if typed.get("concluded_on") and typed.get("state") in (State.PLANNED, State.NEGOTIATING):
            self.add_error("concluded_on", _("Only what has been concluded has a day of conclusion."))
        return typed


class SurveyForm(SourcedForm):
    names = ("title", "held_on", "population", "respondents", "findings", "url", "source")
    precisions = {"held_on": "date_precision"}
    unknown_precision = "day"

    title = LineField(label=_("Title"), max_length=longest(Survey, "title"))
    held_on = PartialDateField(
        label=_("Held on"),
        help_text=_("For example 31.12.2025, 12.2025 or 2025."),
        until=timezone.localdate,
        required=False,
    )
    population = LineField(
        label=_("Who was asked"),
        help_text=_("For example “all employees with an e-mail account”."),
        max_length=longest(Survey, "population"),
        required=False,
    )
    respondents = PeopleField(
        label=_("Answers (n)"), help_text=_("How many answered, five at least."), validators=[enough_answers]
    )
    findings = ProseField(
        label=_("Findings"),
        help_text=_("What came of it; nothing that tells what single people said."),
        max_length=longest(Survey, "findings"),
        rows=4,
        required=False,
    )
    url = address_field()
    source = source_field()


class ReferenceForm(SourcedForm):
    names = ("title", "url", "accessed_on", "source")

    title = LineField(label=_("Title"), max_length=longest(Reference, "title"))
    url = address_field()
    accessed_on = DayField(
        label=_("Accessed on"),
        help_text=_("The day on which the page was read, for example 20.11.2026."),
        until=timezone.localdate,
        required=False,
    )
    source = source_field()
