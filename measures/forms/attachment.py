"""Files that go with a need."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .step import StepForm

ACCEPTED = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx,.odt,.ods,.txt,.csv,.md"  # for the browser's dialog; the content decides


class AttachForm(StepForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS or plain text; at most 10 MB each and ten files. "
            "Nothing with names of employees."
        ),
        max_length=500,
        widget=forms.FileInput({"accept": ACCEPTED}),
    )
