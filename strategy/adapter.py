from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.translation import gettext_lazy as _

WRONG = _("User name or password is wrong.")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in in the words of the portal. Accounts are made by administrators, nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "too_many_login_attempts": _("Please wait a little before you try again."),
        "rate_limited": _("Please wait a little before you try again."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_reset_password_from_key_url(self, key):
        """The host of a link comes from the settings, never from the request: anybody can send a Host header."""
        return settings.BASE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path
