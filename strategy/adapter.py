from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from strategy.access import note
from strategy.models import AccessEvent, User
from strategy.sessions import begin

KIND = AccessEvent.Kind
WRONG = _("User name or password is wrong.")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in in the words of the portal. Accounts are made by administrators, nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "incorrect_password": _("This password is wrong."),
        "enter_current_password": _("This is not your current password."),
        "too_many_login_attempts": _("Please wait a little before you try again."),
        "rate_limited": _("Please wait a little before you try again."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_reset_password_from_key_url(self, key):
        """The host of a link comes from the settings, never from the request: anybody can send a Host header."""
        return settings.BASE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Wrong passwords are counted for an account and an address together: who attacks from somewhere locks out
        nobody who signs in from elsewhere. A hook of the library, though it is spelt like an inner one.
        """
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{get_ip(request)}"

    # What log and audit trail keep of it. What was typed is no line of a log: it may be a password in the wrong field.

    def login(self, request, user):
        super().login(request, user)
        begin(request.session, request.headers.get("User-Agent", ""))
        note(KIND.SIGNED_IN, user.pk)

    def logout(self, request):
        note(KIND.SIGNED_OUT, request.user.pk)
        super().logout(request)

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            note(KIND.SIGN_IN_REFUSED, account_of(credentials), because="too many attempts")
            raise

    def authentication_failed(self, request, **credentials):
        note(KIND.SIGN_IN_REFUSED, account_of(credentials), because="wrong name or password")

    def respond_user_inactive(self, request, user):
        note(KIND.SIGN_IN_REFUSED, user.pk, because="account closed")
        return super().respond_user_inactive(request, user)

    def set_password(self, user, password):
        super().set_password(user, password)
        note(KIND.PASSWORD_SET, user.pk)


def account_of(credentials):
    """The id of the account somebody tried to get into, if there is one; asked in the same way if there is none."""
    login = credentials.get("email") or credentials.get("username")
    return User.objects.filter(Q(username__iexact=login) | Q(email__iexact=login)).values_list("pk", flat=True).first()
