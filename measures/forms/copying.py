"""What a new draft takes along from the measure it is made of."""

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.models.copying import Part

from .fields import LineField
from .step import StepForm


class CopyForm(StepForm):
    title = LineField(label=_("Title of the new measure"), max_length=200)
    parts = forms.MultipleChoiceField(
        label=_("Take along"), choices=Part.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        self.initial |= {"title": subject.title, "parts": [Part.TEXT, Part.ASSIGNMENT]}
