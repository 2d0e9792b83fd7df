"""Whom to tell of what."""

from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from strategy import events
from strategy.models import Webhook

from .bound import BoundForm
from .once import Once


class WebhookForm(BoundForm):
    kinds = forms.MultipleChoiceField(label=_("Is told of"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Webhook
        fields = ["name", "url", "kinds", "is_active"]
        widgets = {"url": forms.URLInput}

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["kinds"].choices = list(events.KINDS.items())

    def clean_url(self):
        url = self.cleaned_data["url"]
        parts = urlsplit(url)
        if parts.scheme != "https":
            raise forms.ValidationError(_("Please give an address that begins with https://."))
        if parts.username or parts.password:
            raise forms.ValidationError(_("Please leave user name and password out: the signature proves who tells."))
        return url


class NewWebhookForm(Once, WebhookForm):
    pass
