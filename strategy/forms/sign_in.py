from allauth.account import forms
from allauth.account.adapter import get_adapter


class ResetPasswordForm(forms.ResetPasswordForm):
    """An unknown address gets a mail, too: neither the page nor the time it takes tells who has an account."""

    def save(self, request, **kwargs):
        if not self.users:
            get_adapter().send_mail("account/email/unknown_account", self.cleaned_data["email"], {})
        return super().save(request, **kwargs)
