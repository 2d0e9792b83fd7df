from django import forms


class SeenForm(forms.Form):
    """How many there were on the page that was confirmed: what has come since was not meant."""

    count = forms.IntegerField(widget=forms.HiddenInput)
