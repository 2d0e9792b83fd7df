"""The second factor at sign-in: who has to have one, and how its secrets are kept."""

import base64
import secrets
from functools import lru_cache

import structlog
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.dispatch import receiver
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy.access import note
from strategy.actor import Actor
from strategy.models import AccessEvent, Session

log = structlog.get_logger(__name__)

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes stand in for one of them


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted by SECRET_KEY: a copy of the database alone gives nobody a second factor."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is wrong or no longer valid."),
        "cannot_generate_recovery_codes": _("Recovery codes belong to a second factor: please set one up first."),
    }

    def encrypt(self, text):
        return box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """What cannot be read any more fits no code: an empty secret would be one that everybody knows."""
        try:
            return box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("second_factor_unreadable", because="SECRET_KEY was replaced and is not in SECRET_KEY_FALLBACKS")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user, kind):
        number = Authenticator.objects.filter(user_id=user.pk, type=kind).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": "worksttogether"}


@lru_cache(maxsize=8)
def box(*keys):
    """Encrypts with the first key and reads what any of them has encrypted: HKDF-SHA256 (RFC 5869), then Fernet."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived(key))) for key in keys])


def derived(key):
    return HKDF(SHA256(), length=32, salt=None, info=b"worksttogether second factor").derive(key.encode())


def actor_by_key(user, on=None):
    """Who comes by a key, not by signing in: without rights while a second factor is asked for and missing."""
    actor = Actor.of(user, on)
    return Actor(user) if lacks_second_factor(user, actor.memberships) else actor


def lacks_second_factor(user, memberships):
    """Whether one of these roles asks for a second factor in its strategy and the person has none.

    Asks the database only where a strategy demands one.
    """
    demanded = any(m.role in m.strategy.second_factor_roles for m in memberships)
    return demanded and not Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


@receiver(authenticator_added, dispatch_uid="end_other_sessions")
def factor_added(sender, request, user, authenticator, **kwargs):
    """A browser that came in with the password alone gets in with both from now on. The library offers no hook."""
    if authenticator.type in FACTORS:
        note(AccessEvent.Kind.FACTOR_ADDED, user.pk, because=authenticator.type)
        Session.objects.of(user).exclude(session_key=request.session.session_key).delete()


@receiver(authenticator_removed, dispatch_uid="note_removed_factor")
def factor_removed(sender, user, authenticator, **kwargs):
    if authenticator.type in FACTORS:
        note(AccessEvent.Kind.FACTOR_REMOVED, user.pk, because=authenticator.type)


@receiver(authentication_failed, dispatch_uid="note_refused_factor")
def factor_refused(sender, user, **kwargs):
    """Whoever gets here has the password."""
    note(AccessEvent.Kind.SIGN_IN_REFUSED, user.pk, because="wrong second factor")
