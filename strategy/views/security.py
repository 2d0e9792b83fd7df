"""How a person signs in: password, second factor, passkeys, sessions, keys for programs."""

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from strategy.access import note
from strategy.models import AccessEvent, ApiToken, Session
from strategy.second_factor import lacks_second_factor

Kind = Authenticator.Type


@require_safe
def security(request):
    factors = list(Authenticator.objects.filter(user=request.user).order_by("created_at", "pk"))
    codes = next((factor.wrap() for factor in factors if factor.type == Kind.RECOVERY_CODES), None)
    context = {
        "is_demanded": lacks_second_factor(request.user, request.memberships_held),
        "totp": next((factor for factor in factors if factor.type == Kind.TOTP), None),
        "passkeys": [factor for factor in factors if factor.type == Kind.WEBAUTHN],
        "codes_left": codes and len(codes.get_unused_codes()),
        "sessions": Session.objects.of(request.user),
        "this_session": request.session.session_key,
        "key_count": ApiToken.objects.filter(user=request.user).count(),
    }
    return render(request, "strategy/security/security.html", context)


@require_POST
def end_session(request):
    """Sign one other device out. Its session is named by when it began: its key is a secret, even from its page."""
    others = Session.objects.of(request.user).exclude(session_key=request.session.session_key)
    moment = parsed(request.POST.get("started_at", ""))
    if moment is None or not others.filter(started_at=moment).delete()[0]:
        raise Http404
    note(AccessEvent.Kind.SESSIONS_ENDED, request.user.pk, because="one")
    messages.success(request, _("This device has been signed out."))
    return redirect("strategy:security")


def parsed(text):
    try:
        return parse_datetime(text)
    except ValueError:
        return None


@require_POST
def end_all_sessions(request):
    """Sign out everywhere, here too."""
    Session.objects.filter(user=request.user).exclude(session_key=request.session.session_key).delete()
    note(AccessEvent.Kind.SESSIONS_ENDED, request.user.pk, because="all")
    get_adapter().logout(request)
    messages.success(request, _("You have been signed out on all devices."))
    return redirect("account_login")
