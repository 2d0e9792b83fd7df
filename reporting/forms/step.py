"""Forms of the report's transitions: what each step asks for beside the press of its button."""

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.forms.fields import TextField
from measures.forms.step import ReasonForm, StepForm
from reporting.models import CouncilReport


class FinaliseForm(StepForm):
    """The number typed once more by the person who approves: the paper goes out under it."""

    typed_number = forms.CharField(
        label=_("Number of the report"),
        max_length=20,
        help_text=_("Please type the number, to be sure that it is this report: for example 972/2023."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 12}),
    )


class SupersedeForm(ReasonForm):
    replacement = forms.ModelChoiceField(
        CouncilReport.objects.none(), label=_("Replaced by"), required=False, empty_label=_("no other report")
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        others = CouncilReport.objects.filter(strategy=self.subject.strategy_id, state=CouncilReport.State.FINAL)
        self.fields["replacement"].queryset = others.exclude(pk=self.subject.pk)


class SignForm(StepForm):
    """Carries the hash of the text that was shown: nobody signs one that was changed while they read."""

    text_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    remark = TextField(
        label=_("Remark"), max_length=1000, rows=3, required=False, help_text=_("Printed in the non-public version.")
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["text_hash"].initial = self.subject.report.text_hash()
        self.fields["remark"].initial = self.subject.remark
