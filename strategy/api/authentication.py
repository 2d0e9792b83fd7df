"""Who asks: a program with a person's token, or the person's own browser."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from strategy.access import details_of, note
from strategy.actor import Actor
from strategy.api.limits import is_worth_noting
from strategy.models import AccessEvent, ApiToken
from strategy.second_factor import lacks_second_factor


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``"""

    SCHEME = "Bearer"

    def authenticate(self, request):
        scheme, _space, key = get_authorization_header(request).partition(b" ")
        if scheme.decode("latin-1").lower() != self.SCHEME.lower():
            return None
        key = key.strip().decode("latin-1")
        token = ApiToken.objects.of_key(key).select_related("user").first()
        if token is None:
            note_refused(request, key)
            raise AuthenticationFailed(_("This token is unknown, has expired or has been revoked."))
        token.note_use(timezone.localdate())
        return token.user, token

    def authenticate_header(self, request):
        return f'{self.SCHEME} realm="worksttogether"'


def note_refused(request, key):
    """In the audit trail, as often as ``limits`` allows: who guesses must not fill it. The log has every attempt."""
    token = ApiToken.objects.with_key(key).first()
    if is_worth_noting(request, token):
        account, because = (token.user_id, "no longer valid") if token else (None, "unknown")
        note(AccessEvent.Kind.REFUSED, account, because=f"key of a program: {because}", **details_of(request))


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema names the token."""

    target_class, name = TokenAuthentication, "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "description": str(_("A key of a person, made under “My account”.")),
        }


class WithinScope(BasePermission):
    """A token that may only read, reads."""

    message = _("This token may only read.")

    def has_permission(self, request, view):
        return request.method in SAFE_METHODS or not isinstance(request.auth, ApiToken) or request.auth.may_write


def actor_of(request):
    """A token gives the person's own rights; a browser those that have been chosen in the portal.

    Where a role asks for a second factor the person lacks, keys rest until it is set up.
    """
    if isinstance(request.auth, ApiToken):
        actor = Actor.of(request.user)
        held = actor.memberships
    else:
        actor, held = request.actor, request.memberships_held
    if lacks_second_factor(request.user, held):
        raise PermissionDenied(_("A role of this person asks for a second factor: it has to be set up first."))
    return actor
