"""What the audit trail can be asked: a time, a kind, a person."""

from datetime import date, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy import audit_page
from strategy.as_of import end_of
from strategy.models import User

USUAL = timedelta(days=30)


def day_field(label):
    widget = forms.DateInput({"type": "date", "class": "f"}, format="%Y-%m-%d")
    within = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]
    return forms.DateField(label=label, required=False, widget=widget, validators=within)


class AuditFilter(forms.Form):
    """Without days the last thirty; what cannot be understood finds nothing."""

    first = day_field(_("From"))
    last = day_field(_("To"))
    kind = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("All")), *audit_page.KINDS])
    person = forms.ModelChoiceField(User.objects.none(), label=_("Who"), required=False, empty_label=_("All"))

    def __init__(self, data, *, strategy):
        super().__init__(data)
        self.strategy = strategy
        self.fields["person"].queryset = audit_page.members_of(strategy).order_by("function", "username")
        for name in ("kind", "person"):
            self.fields[name].widget.attrs["class"] = "f"

    def rows(self):
        if not self.is_valid():
            return audit_page.rows(self.strategy, start=timezone.now(), end=timezone.now())
        asked = self.cleaned_data
        last = asked["last"] or timezone.localdate()
        first = asked["first"] or last - USUAL
        return audit_page.rows(
            self.strategy,
            start=end_of(first - timedelta(days=1)),
            end=end_of(last),
            kind=asked["kind"],
            person=asked["person"],
        )

    @property
    def is_active(self):
        return any(self.data.get(name) for name in self.fields)
