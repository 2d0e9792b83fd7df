from django import forms
from django.utils.translation import gettext_lazy as _

from strategy.search import LONGEST, Words


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search for"),
        max_length=LONGEST,
        required=False,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )

    @property
    def words(self):
        """What is asked for; nothing where it cannot be asked."""
        return Words(self.cleaned_data["q"] if self.is_valid() else "")
