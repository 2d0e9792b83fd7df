from django import forms
from django.utils.translation import gettext_lazy as _

from strategy.models import MailPreferences


class HourField(forms.TypedChoiceField):
    """A full hour of the day."""

    def __init__(self, **options):
        hours = [(hour, f"{hour}:00") for hour in range(24)]
        super().__init__(choices=hours, coerce=int, **options)


class MailPreferencesForm(forms.ModelForm):
    """What somebody is told by mail, and when."""

    digest_hour = HourField(
        label=_("Hour of the daily e-mail"), help_text=_("It comes on working days, and only if there is something.")
    )

    class Meta:
        model = MailPreferences
        fields = ["request", "news", "deadline", "escalation", "digest_hour"]
