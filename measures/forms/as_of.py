"""Of which past day a list or a sheet is asked: ``?on=2026-10-31``."""

from django import forms
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.models import Strategy
from strategy.templatetags.portal import shown_date


class AsOfForm(forms.Form):
    """``day`` is the past day asked for; None where it is the present one, or cannot be understood."""

    on = forms.DateField(
        label=_("As of"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("There is no such day; please give one like 2026-10-31.")},
    )

    def __init__(self, data, strategy):
        super().__init__(data)
        self.strategy, self.today = strategy, timezone.localdate()
        self.fields["on"].widget.attrs["max"] = f"{self.today:%Y-%m-%d}"

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day and day > self.today:
            raise forms.ValidationError(_("This day lies in the future."))
        if day and day < (first := self.first_day()):
            message = _("The strategy has been on record here since %(day)s; please give that day or a later one.")
            raise forms.ValidationError(message, params={"day": shown_date(first)})
        return day

    def first_day(self):
        """Of which there is a record."""
        first = Strategy.changes.filter(id=self.strategy.pk).aggregate(first=Min("history_date"))["first"]
        return timezone.localdate(first) if first else self.today

    @property
    def day(self):
        asked = self.cleaned_data.get("on") if self.is_valid() else None
        return asked if asked != self.today else None

    @property
    def query(self):
        """What an address has to say to ask for the same day."""
        return {"on": [f"{self.day:%Y-%m-%d}"]} if self.day else {}

    @property
    def alone(self):
        """The same, to go behind an address without questions."""
        return f"?on={self.day:%Y-%m-%d}" if self.day else ""

    @property
    def also(self):
        """The same, to go behind an address with some."""
        return f"&on={self.day:%Y-%m-%d}" if self.day else ""

    @property
    def problems(self):
        """[(label, message)], as lists tell them."""
        return [(self.fields["on"].label, message) for message in self.errors.get("on", ())]
