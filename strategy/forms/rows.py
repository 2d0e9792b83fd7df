from django import forms
from django.core.exceptions import ValidationError


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; an id that no database can hold is no choice either (SQLite would fault on it)."""

    def clean(self, value):
        try:
            return super().clean(value)
        except OverflowError as too_large:
            params = {"value": ", ".join(map(str, value))[:50]}
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", params) from too_large
