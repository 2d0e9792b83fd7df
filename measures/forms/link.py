"""Measures that have to do with each other."""

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.models import Measure, MeasureLink

from .fields import TextField
from .step import StepForm


class LinkForm(StepForm):
    kind = forms.ChoiceField(label=_("This measure is"), choices=MeasureLink.Kind.choices, widget=forms.RadioSelect)
    target_measure = forms.ModelChoiceField(Measure.objects.none(), label=_("Other measure"))
    reason = TextField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        help_text=_("Needed for “merged into”: the steering team reads it when it decides."),
    )

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        others = Measure.objects.filter(strategy=subject.strategy_id).exclude(pk=subject.pk)
        self.fields["target_measure"].queryset = others.select_related("field")
