"""Access for a program: what it is for, what it may, how long."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from strategy.models import ApiToken

from .once import OnceForm

LIFETIMES = [(30, _("30 days")), (90, _("90 days")), (180, _("half a year")), (365, _("a year"))]


class TokenForm(OnceForm):
    name = forms.CharField(
        label=_("What is it for?"),
        max_length=100,
        help_text=_("For example the name of the program that will use it."),
    )
    scope = forms.ChoiceField(
        label=pgettext_lazy("key", "May"),
        choices=ApiToken.Scope.choices,
        widget=forms.RadioSelect,
        initial=ApiToken.Scope.READ,
    )
    days = forms.TypedChoiceField(label=_("Valid for"), choices=LIFETIMES, coerce=int, initial=90)
