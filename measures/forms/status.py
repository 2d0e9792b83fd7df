"""How a measure stands: one light, one number, one sentence."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from measures.models import StatusUpdate

from .fields import LightField, TextField
from .step import StepForm

STATUS_FITS, NEXT_STEPS_FIT = 150, 80  # characters, so that two printed sheets share a page: advice, never a limit


class StatusForm(StepForm):
    """Also stands, without the next steps, in the task of a department head's overview: ``StatusForm.of(measure)``."""

    use_required_attribute = False
    light = forms.Field()
    progress = forms.IntegerField(
        label=_("Progress in percent"),
        min_value=0,
        widget=forms.NumberInput(attrs={"max": 100, "inputmode": "numeric"}),
    )
    text = TextField(
        label=_("What has happened since the last status?"),
        help_text=_("One sentence is enough."),
        rows=3,
        advice=STATUS_FITS,
        required=False,
        max_length=StatusUpdate._meta.get_field("text").max_length,
    )
    next_steps = TextField(
        label=_("Next steps"),
        rows=2,
        advice=NEXT_STEPS_FIT,
        required=False,
        max_length=StatusUpdate._meta.get_field("next_steps").max_length,
    )

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        current = subject.light_id if subject.light_id and subject.light.is_reportable else None
        self.fields["light"] = LightField(subject.strategy_id, label=_("How is it going?"), initial=current)
        self.fields["text"].needed_for = _("needed where the measure is at risk or delayed")
        self.fields["progress"].initial = subject.progress
        self.fields["progress"].validators = [
            MinValueValidator(0, _("Progress lies between 0 and 100 percent.")),
            MaxValueValidator(100, _("Progress lies between 0 and 100 percent.")),
        ]

    @classmethod
    def of(cls, measure):
        """A fresh form for one of several measures on a page; its ids do not clash with those of the others."""
        return cls(subject=measure, auto_id=f"id_{measure.code}_%s")


class QuickStatusForm(StatusForm):
    """What is asked in a mail: light, percent, one sentence."""

    next_steps = None
