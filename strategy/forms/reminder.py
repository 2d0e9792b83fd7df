import re

from django import forms
from django.utils.translation import gettext_lazy as _

from strategy.models import ReminderRules

from .bound import BoundForm
from .mail import HourField


class DaysField(forms.CharField):
    """Numbers of days, parted by commas."""

    default_error_messages = {"invalid": _("Please write whole numbers, parted by commas: 14, 7, 1.")}

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, text):
        words = [word for word in re.split(r"[\s,;]+", super().to_python(text)) if word]
        if not all(re.fullmatch(r"[0-9]{1,4}", word) for word in words):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return sorted({int(word) for word in words}, reverse=True)

    def has_changed(self, initial, typed):
        return self.prepare_value(initial or []) != self.prepare_value(self._typed(typed))

    def _typed(self, text):
        try:
            return self.to_python(text)
        except forms.ValidationError:
            return text


class RulesForm(BoundForm):
    """The rungs of the ladder, each of which may be left out."""

    days_before = DaysField(
        label=_("Days before the deadline"), required=False, help_text=_("Parted by commas; leave empty for none.")
    )
    hour = HourField(
        label=_("Hour of sending"),
        help_text=_("Who has chosen the daily e-mail gets it at the hour of their own choice."),
    )

    class Meta:
        model = ReminderRules
        fields = ["days_before", "on_the_day", "overdue_every", "escalate_after", "hour"]
        help_texts = {
            "overdue_every": _("Until it is done; leave empty for never."),
            "escalate_after": _("Counted from the deadline, once; leave empty for never."),
        }
