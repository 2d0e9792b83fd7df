"""The forms of the sign-in library, in the words of the portal."""

from allauth.account import forms
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("User name or duty e-mail"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "email": _("E-mail address"),
    "code": _("Security code"),
}


class InOurWords:
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in self.fields.keys() & LABELS.keys():
            self.fields[name].label = LABELS[name]


class LoginForm(InOurWords, forms.LoginForm):
    pass


class ReauthenticateForm(InOurWords, forms.ReauthenticateForm):
    pass


class ChangePasswordForm(InOurWords, forms.ChangePasswordForm):
    pass


class ResetPasswordForm(InOurWords, forms.ResetPasswordForm):
    """An unknown address gets a mail, too: neither the page nor the time it takes tells who has an account."""

    def save(self, request, **kwargs):
        if not self.users:
            get_adapter().send_mail("account/email/unknown_account", self.cleaned_data["email"], {})
        return super().save(request, **kwargs)


class ResetPasswordKeyForm(InOurWords, forms.ResetPasswordKeyForm):
    pass


class SecondFactorForm(InOurWords, second_factor.AuthenticateForm):
    pass


class SecondFactorAgainForm(InOurWords, second_factor.ReauthenticateForm):
    pass


class AppForm(InOurWords, totp.ActivateTOTPForm):
    pass
