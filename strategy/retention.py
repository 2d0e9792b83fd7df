"""How long what is about people is kept, and the daily job that forgets it.

An app registers a ``Kind`` of rows with the usual number of days; each strategy may set another (``RetentionPeriod``).
What belongs to no single strategy, as a sign-in, is kept for the shortest of their periods.
A session goes when it ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from strategy import audit, storage
from strategy.models import (
    AccessEvent,
    ApiToken,
    Erasure,
    Notification,
    OutgoingMail,
    Reminder,
    RetentionPeriod,
    Strategy,
    SubmittedForm,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Kind:
    """``forget(strategy, before)`` deletes what is older and says how many; for None what belongs to no strategy."""

    name: str
    label: str | Promise
    meaning: str | Promise
    days: int
    forget: Callable


KINDS = {}


def keeps(*kinds):
    KINDS.update({kind.name: kind for kind in kinds})


def days_of(strategy):
    """{name of the kind: days} in that strategy. One query."""
    usual = {kind.name: kind.days for kind in KINDS.values()}
    return usual | dict(RetentionPeriod.objects.filter(strategy=strategy).values_list("kind", "days"))


def sweep(now=None):
    """Forget whatever is older than its period. Returns {kind: how many}."""
    now = now or timezone.now()
    periods = {strategy: days_of(strategy) for strategy in Strategy.objects.all()}
    counts = dict.fromkeys(KINDS, 0)
    for kind in KINDS.values():
        shortest = min((days[kind.name] for days in periods.values()), default=kind.days)
        counts[kind.name] += kind.forget(None, now - timedelta(days=shortest))
        for strategy, days in periods.items():
            counts[kind.name] += kind.forget(strategy, now - timedelta(days=days[kind.name]))
    log.info("retention_swept", **counts)
    return counts


def deleted(rows):
    """How many of these rows went; what went with them is not counted."""
    return rows.delete()[1].get(rows.model._meta.label, 0)


def forget_accesses(strategy, before):
    rows = AccessEvent.objects.filter(strategy=strategy, at__lt=before)
    return audit.erase(rows, reason=Erasure.Reason.RETENTION, strategy=strategy)


def forget_mails(strategy, before):
    settled = OutgoingMail.objects.exclude(state=OutgoingMail.State.WAITING)
    return deleted(settled.filter(strategy=strategy, created_at__lt=before))


def forget_notifications(strategy, before):
    return deleted(Notification.objects.filter(strategy=strategy, created_at__lt=before))


def forget_reminders(strategy, before):
    """Those of deadlines that are over: while one stands, its next reminder is planned by what has gone out."""
    same = ("recipient", "content_type", "object_id")
    ahead = Reminder.objects.filter(state=Reminder.State.PLANNED, **{name: OuterRef(name) for name in same})
    return deleted(Reminder.objects.filter(~Exists(ahead), strategy=strategy, settled_at__lt=before))


def forget_tokens(strategy, before):
    return deleted(ApiToken.objects.filter(expires_on__lt=timezone.localdate(before))) if strategy is None else 0


def forget_forms(strategy, before):
    return deleted(SubmittedForm.objects.filter(at__lt=before)) if strategy is None else 0


def forget_files(strategy, before):
    return storage.delete_strays(before) if strategy is None else 0


keeps(
    Kind(
        "accesses",
        _("Accesses in the audit trail"),
        _("Who signed in, was refused, exported a table or fetched a file. That they took place stays provable."),
        365,
        forget_accesses,
    ),
    Kind("mails", _("Mails sent"), _("Their text and whether they arrived."), 180, forget_mails),
    Kind("notifications", _("Notifications"), _("What the bell has told each person."), 365, forget_notifications),
    Kind("reminders", _("Log of reminders"), _("Who was reminded of a deadline that is over."), 365, forget_reminders),
    Kind("tokens", _("Expired accesses for programs"), _("Name, scope and last use."), 90, forget_tokens),
    Kind("forms", _("Marks of forms sent"), _("By which a second click is recognised."), 30, forget_forms),
    Kind(
        "files",
        _("Files left over"),
        _("Of uploads that broke off; nothing in the portal shows them."),
        1,
        forget_files,
    ),
)
