"""Single sign-on by OpenID Connect: who comes in, and which roles their groups give and take."""

from datetime import timedelta

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify

from strategy.access import note
from strategy.models import AccessEvent, GroupRole, Membership, User

log = structlog.get_logger(__name__)


class Refused(Exception):
    """Nobody the portal lets in; the text says why. What is noted of it must outlive the transaction it ends."""


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Known by the provider's subject, never by a name; somebody new needs a group to which a strategy gives a role."""

    def pre_social_login(self, request, sociallogin):
        claims = claims_of(sociallogin)
        sociallogin.account.extra_data = {}  # the account keeps the subject and nothing else
        if sociallogin.state.get("process") != "login":
            raise refusal(request, "not a sign-in")
        try:
            recognise(request, sociallogin, claims)
        except Refused as because:
            raise refusal(request, str(because)) from because
        if sociallogin.user.is_active and not sociallogin.user.memberships.valid().exists():
            raise refusal(request, "no role", sociallogin.user)

    def is_open_for_signup(self, request, sociallogin):
        return False

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        cancelled = str(getattr(error, "value", error)) == "cancelled"
        log.warning("single_sign_on_failed", because=f"{error}: {type(exception).__name__}")
        context = {"is_cancelled": cancelled}
        raise ImmediateHttpResponse(
            render(request, "socialaccount/failed.html", context, status=403 if cancelled else 502)
        )


def recognise(request, sociallogin, claims):
    """Find or make the account of whoever comes, and let its roles follow the groups. Raises Refused."""
    try:
        take_in(request, sociallogin, claims)
    except IntegrityError:  # in another window they were first, or somebody of the same name was: now it can be seen
        sociallogin.user = None
        sociallogin.lookup()
        take_in(request, sociallogin, claims)


@transaction.atomic
def take_in(request, sociallogin, claims):
    if sociallogin.account.pk:
        sociallogin.account.save(update_fields=["extra_data"])
    else:
        sociallogin.connect(request, person_for(claims))
    if sociallogin.user.is_active:
        follow_groups(sociallogin.user, groups_of(claims))


def claims_of(sociallogin):
    """What the provider says: the ID token, and over it the answer of its userinfo endpoint."""
    told = sociallogin.account.extra_data
    return {**(told.get("id_token") or {}), **(told.get("userinfo") or {})}


def groups_of(claims):
    told = claims.get(settings.OIDC_GROUPS_CLAIM) or []
    return {told} if isinstance(told, str) else {group for group in told if isinstance(group, str)}


def person_for(claims):
    """The account of a subject that was never here: an existing one where the settings trust the provider's word on
    e-mail addresses, else a new one, if a group of theirs has a role. Raises Refused.
    """
    address = claims.get("email") if claims.get("email_verified") is True else ""
    known = address and User.objects.filter(email__iexact=address).first()
    if known and settings.OIDC_MATCH_EMAIL and not known.socialaccount_set.exists() and was_given(known, address):
        return known
    if not GroupRole.objects.filter(group__in=groups_of(claims)).exists():
        raise Refused("no group")
    if known:
        raise Refused("address belongs to another account")
    return new_person(claims, address)


def was_given(person, address):
    """Whether the address was entered by somebody else, an administrator: nobody has proved what they enter for
    themselves, and might wait there for its owner.
    """
    entered = person.changes.filter(email__iexact=address).order_by("history_date", "history_id").first()
    return entered is None or entered.history_user_id != person.pk


def new_person(claims, address):
    person = User(
        username=free_name(str(claims.get("preferred_username") or "")),
        first_name=str(claims.get("given_name") or "")[:150],
        last_name=str(claims.get("family_name") or "")[:150],
        email=address.lower(),
    )
    person.set_unusable_password()
    person.save()
    return person


def free_name(wanted):
    """A user name like the one in the directory, without what would make it an address."""
    name = slugify(wanted.partition("@")[0])[:100] or "person"
    taken = set(
        User.objects.filter(Q(username__iexact=name) | Q(username__istartswith=f"{name}-")).values_list(
            "username", flat=True
        )
    )
    taken = {username.lower() for username in taken}
    return next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def follow_groups(person, groups):
    """Give the roles of these groups, and withdraw those that groups gave and no longer give.

    What an administrator has entered by hand is not touched.
    """
    today = timezone.localdate()
    User.objects.select_for_update(no_key=True).get(pk=person.pk)  # two windows at once would give a role twice
    due = {(g.strategy_id, g.role, g.unit_id) for g in GroupRole.objects.filter(group__in=groups)}
    held = {(m.strategy_id, m.role, m.unit_id): m for m in person.memberships.order_by("pk").select_for_update()}
    for strategy, role, unit in sorted(due - held.keys(), key=str):
        Membership.objects.create(user=person, strategy_id=strategy, role=role, unit_id=unit, by_group=True)
    for place, membership in held.items():
        if membership.by_group:
            follow(membership, is_due=place in due, today=today)


def follow(membership, *, is_due, today):
    ended = membership.valid_to is not None and membership.valid_to < today
    if is_due and ended:
        membership.valid_to = None
        membership.save(update_fields=["valid_to"])
    if not is_due and not ended:
        membership.valid_to = today - timedelta(days=1)
        membership.save(update_fields=["valid_to"])


def refusal(request, because, person=None):
    """The same page whatever the reason: the log has it, the page tells no stranger of accounts."""
    note(AccessEvent.Kind.SIGN_IN_REFUSED, person and person.pk, because=f"single sign-on: {because}")
    return ImmediateHttpResponse(render(request, "socialaccount/refused.html", status=403))
