"""A view of the list of measures: its name, and whether everybody finds it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from measures.models import SavedView

from .fields import LineField
from .step import StepForm


class SavedViewForm(StepForm):
    name = LineField(label=_("Name of the view"), max_length=SavedView._meta.get_field("name").max_length)
    is_shared = forms.BooleanField(
        label=_("Share it with everybody"),
        help_text=SavedView._meta.get_field("is_shared").help_text,
        required=False,
    )

    def __init__(self, *args, subject, may_share, **options):
        super().__init__(*args, subject=subject, **options)
        self.initial |= {"name": subject.name, "is_shared": subject.is_shared}
        if not may_share:
            del self.fields["is_shared"]

    def details(self):
        return {"is_shared": self.subject.is_shared} | super().details()


class NewSavedViewForm(SavedViewForm):
    """Refuses a question that cannot be understood, or that is too long to be kept."""

    def __init__(self, *args, filters, **options):
        super().__init__(*args, **options)
        self.filters = filters

    def clean(self):
        if not self.filters.is_valid():
            raise ValidationError(_("These filters cannot be understood; please set them anew in the list."))
        if len(self.subject.query) > SavedView._meta.get_field("query").max_length:
            raise ValidationError(_("These are too many filters for one view; please choose fewer."))
        return super().clean()
