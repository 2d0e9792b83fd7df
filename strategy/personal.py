"""What the portal knows of a person: to be handed to them, and to be forgotten.

What would go with an account (keys, views, messages, ways of signing in: whatever points at it by CASCADE) goes when a
person is anonymised. What tells of deeds stays, with the function in the place of the name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from strategy import audit
from strategy.access import note
from strategy.models import (
    AccessEvent,
    ApiToken,
    CalendarFeed,
    Deputyship,
    Erasure,
    HistoryFeed,
    KeptAnswer,
    MailPreferences,
    Membership,
    Notification,
    Occasion,
    OutgoingMail,
    Reminder,
    Session,
    Transition,
    User,
)
from strategy.workflow import RuleViolation


@dataclass(frozen=True)
class Part:
    """A part of what is handed out: ``rows(user)`` and the fields of each that are told."""

    name: str
    label: str | Promise
    rows: Callable
    fields: tuple


PARTS = []


def tells(*parts):
    PARTS.extend(parts)


def data_of(user):
    """{part: its rows}: the person's account and deeds. Nobody else's data, and no contents of the strategy."""
    return {part.name: list(part.rows(user).values(*part.fields)) for part in PARTS}


def counts_of(user):
    """[(label, how many rows)] of the same."""
    return [(part.label, part.rows(user).count()) for part in PARTS]


tells(
    Part(
        "account",
        _("Account"),
        lambda user: User.objects.filter(pk=user.pk),
        ("username", "first_name", "last_name", "email", "function", "language", "date_joined", "last_login"),
    ),
    Part(
        "earlier_account_data",
        _("Earlier data of the account"),
        lambda user: User.changes.filter(id=user.pk).order_by("history_date"),
        ("history_date", "username", "first_name", "last_name", "email", "function", "is_active"),
    ),
    Part(
        "roles",
        _("Roles"),
        lambda user: Membership.objects.filter(user=user),
        ("strategy__title", "role", "unit__name", "valid_from", "valid_to"),
    ),
    Part(
        "deputyships",
        _("Deputyships"),
        lambda user: Deputyship.objects.filter(models.Q(deputy=user) | models.Q(membership__user=user)),
        ("strategy__title", "membership__role", "valid_from", "valid_to"),
    ),
    Part(
        "access_for_programs",
        _("Access for programs"),
        lambda user: ApiToken.objects.filter(user=user),
        ("name", "scope", "made_at", "expires_on", "used_on"),
    ),
    Part(
        "sign_ins",
        _("Signed in with"),
        lambda user: Session.objects.filter(user=user),
        ("device", "started_at", "used_at", "expire_date"),
    ),
    Part(
        "second_factors",
        _("Second factors"),
        lambda user: Authenticator.objects.filter(user=user),
        ("type", "created_at", "last_used_at"),
    ),
    Part(
        "office_accounts",
        _("Office accounts"),
        lambda user: SocialAccount.objects.filter(user=user),
        ("provider", "uid", "date_joined", "last_login"),
    ),
    Part(
        "calendar_address",
        _("Calendar address"),
        lambda user: CalendarFeed.objects.filter(user=user),
        ("made_at", "used_on"),
    ),
    Part(
        "history_address",
        _("Address of the history feed"),
        lambda user: HistoryFeed.objects.filter(user=user),
        ("made_at", "used_on"),
    ),
    Part(
        "repeats",
        _("Answers kept for repeated requests"),
        lambda user: KeptAnswer.objects.filter(user=user),
        ("made_at", "key", "status", "location"),
    ),
    Part(
        "mail_preferences",
        _("Choices about mails"),
        lambda user: MailPreferences.objects.filter(user=user),
        (*Occasion.values, "digest_hour"),
    ),
    Part(
        "notifications",
        _("Notifications"),
        lambda user: Notification.objects.filter(recipient=user),
        ("strategy__title", "kind", "created_at", "read_at"),
    ),
    Part(
        "mails",
        _("Mails"),
        lambda user: OutgoingMail.objects.filter(recipient=user),
        ("strategy__title", "subject", "created_at", "sent_at", "state"),
    ),
    Part(
        "reminders",
        _("Reminders"),
        lambda user: Reminder.objects.filter(recipient=user),
        ("strategy__title", "title", "due_on", "send_on", "state"),
    ),
    Part(
        "steps",
        _("Steps taken"),
        lambda user: Transition.objects.filter(models.Q(user=user) | models.Q(in_place_of=user)),
        ("strategy__title", "at", "content_type__model", "verb", "role"),
    ),
    Part(
        "accesses",
        _("Accesses"),
        lambda user: AccessEvent.objects.filter(models.Q(user=user) | models.Q(in_place_of=user)),
        ("strategy__title", "at", "kind", "address", "reference", "because"),
    ),
)


def may_anonymise(by, user, strategy):
    """An administrator, and only whom no other strategy knows. Queries."""
    return by.has_perm("strategy.change_strategy", strategy) and user.belongs_only_to(strategy)


@transaction.atomic
def anonymise(user, *, by, strategy):
    """Forget who this was. Cannot be undone; what the person did stays, under their function.

    Raises:
        PermissionDenied: not by this person, or not in this strategy.
        RuleViolation: nobody anonymises themselves.
    """
    if not may_anonymise(by, user, strategy):
        raise PermissionDenied("strategy.change_strategy")
    if by.user == user:
        raise RuleViolation(_("You cannot anonymise yourself; please ask another administrator."))
    user = User.objects.select_for_update().get(pk=user.pk)
    function = user.function or function_of(user)
    end_roles(user)
    forget_belongings(user)
    nobody = {"username": f"anonym-{user.pk}", "first_name": "", "last_name": "", "email": ""}
    told = {"reason": Erasure.Reason.ANONYMISED, "by": by.user, "strategy": strategy}
    audit.erase(User.changes.filter(id=user.pk), values=nobody, **told)
    for name, value in (nobody | {"function": function, "is_active": False, "last_login": None}).items():
        setattr(user, name, value)
    user.set_unusable_password()
    user.save()
    note(AccessEvent.Kind.ANONYMISED, by.user.pk, strategy=strategy, because=f"account {user.pk}")
    return user


def function_of(user):
    """The last role held, in the words of the portal."""
    last = user.memberships.select_related("unit").order_by("-valid_to", "-pk").first()
    return str(last) if last else str(_("former member"))


def end_roles(user):
    today = timezone.localdate()
    for membership in user.memberships.valid():
        membership.valid_to = max(membership.valid_from or today, today)
        membership.save()
    for deputyship in Deputyship.objects.current().filter(models.Q(deputy=user) | models.Q(membership__user=user)):
        deputyship.delete()


def forget_belongings(user):
    """Whatever would go if the account were deleted."""
    for relation in User._meta.get_fields(include_hidden=True):
        if relation.auto_created and getattr(relation, "on_delete", None) is models.CASCADE:
            relation.related_model._base_manager.filter(**{relation.field.name: user}).delete()
