"""Whom of other programs is told of steps, and what waits to be told."""

import base64
import secrets
import uuid
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import StrategyBound


def fresh_salt():
    return secrets.token_hex(16)


class WebhookQuerySet(models.QuerySet):
    def wanting(self, kind, strategy_id):
        """Those told of events of this kind; also while they pause, for what happens meanwhile waits for them."""
        return [hook for hook in self.filter(strategy=strategy_id) if kind in hook.kinds]

    def with_work(self, at=None):
        due = WebhookDelivery.objects.due(at).filter(webhook=models.OuterRef("pk"))
        return self.filter(models.Exists(due))


class Webhook(StrategyBound):
    """An address of another program that is told of steps, and the secret by which it knows that we tell.

    No secret is stored: it is derived from the portal's own key and a salt, so that who gets hold of the database
    alone can sign nothing.
    """

    PREFIX = "whsec_"  # as Standard Webhooks writes secrets
    OVERLAP = timedelta(days=1)  # for which the secret before still signs as well

    name = models.CharField(_("name"), max_length=100, help_text=_("For example the name of the program."))
    url = models.CharField(
        pgettext_lazy("webhook", "address"),
        max_length=500,
        validators=[URLValidator(schemes=["https"])],
        help_text=_("Begins with https:// and answers to POST."),
    )
    kinds = models.JSONField(_("is told of"), default=list)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("While it pauses, up to three days of events wait for it.")
    )
    salt = models.CharField(max_length=32, default=fresh_salt, editable=False)
    salt_before = models.CharField(max_length=32, blank=True, editable=False)
    rotated_at = models.DateTimeField(null=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()
    changes = changes(excluded_fields=["salt", "salt_before"])

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    @property
    def secret(self):
        return self._secret_of(self.salt)

    def secrets(self, at):
        """Those that sign now: the present one first."""
        overlaps = self.salt_before and self.rotated_at and at < self.rotated_at + self.OVERLAP
        return [self.secret, self._secret_of(self.salt_before)] if overlaps else [self.secret]

    def _secret_of(self, salt):
        key = salted_hmac("strategy.webhook", salt, algorithm="sha256").digest()
        return self.PREFIX + base64.b64encode(key).decode()

    def rotate(self, *, by):
        """Take a new secret; the old one signs for a day more. Returns the new one. Raises PermissionDenied."""
        if not by.has_perm("strategy.change_webhook", self):
            raise PermissionDenied("strategy.change_webhook")
        self.salt_before, self.salt, self.rotated_at = self.salt, fresh_salt(), timezone.now()
        self._changed_by = by
        self.save()
        return self.secret


class WebhookDeliveryQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=WebhookDelivery.State.WAITING)

    def due(self, at=None):
        """What may be sent: its time has come, its webhook does not pause, nobody has it in hand."""
        at = at or timezone.now()
        free = Q(leased_until=None) | Q(leased_until__lt=at)
        return self.waiting().filter(free, not_before__lte=at, webhook__is_active=True)

    def lease(self, webhook, at=None, size=10):
        """Take the oldest in hand, for a while: no other sender gets them meanwhile."""
        at, token = at or timezone.now(), uuid.uuid4()
        with transaction.atomic():
            due = self.due(at).filter(webhook=webhook).order_by("pk").select_for_update(skip_locked=True, of=("self",))
            batch = list(due.values_list("pk", flat=True)[:size])
            self.filter(pk__in=batch).update(lease=token, leased_until=at + WebhookDelivery.LEASE)
        return list(self.filter(lease=token).order_by("pk")) if batch else []

    def expire(self, at=None):
        """What has waited too long stays here: after a restored backup it would tell old news again."""
        at = at or timezone.now()
        self.waiting().filter(queued_at__lt=at - WebhookDelivery.OLDEST).update(
            state=WebhookDelivery.State.GIVEN_UP,
            problem=gettext("Waited for more than %(days)d days.") % {"days": WebhookDelivery.OLDEST.days},
        )

    def resend(self, *, by, webhook):
        """Send again what was given up, as the same events. Returns how many. Raises PermissionDenied."""
        if not by.has_perm("strategy.change_webhook", webhook):
            raise PermissionDenied("strategy.change_webhook")
        now = timezone.now()
        again = {"state": WebhookDelivery.State.WAITING, "attempts": 0, "not_before": now, "queued_at": now}
        return self.filter(webhook=webhook, state=WebhookDelivery.State.GIVEN_UP).update(**again)

    def settled_before(self, moment):
        """What the log may forget: nothing of it is to be sent any more."""
        return self.exclude(state=WebhookDelivery.State.WAITING).filter(queued_at__lt=moment)


class WebhookDelivery(StrategyBound):
    """One event for one webhook: what is said, how often it has been tried, and what was answered: a status alone."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        GIVEN_UP = "given_up", _("given up")

    LEASE = timedelta(minutes=5)  # longer than a batch may take, see ``strategy.webhooks``
    MOST_ATTEMPTS = 12  # with the pauses between them, a little less than a day
    LONGEST_PAUSE = timedelta(hours=6)
    OLDEST = timedelta(days=3)
    HOLD_WHAT_WAITS = """
        UPDATE strategy_webhookdelivery SET state = 'given_up', problem = {problem}, lease = NULL, leased_until = NULL
        WHERE state = 'waiting'
    """

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(_("event"), max_length=60)
    body = models.TextField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    queued_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint("webhook", "event", name="one_delivery_per_webhook_and_event")]
        indexes = [
            models.Index("state", "not_before", name="webhook_due"),
            models.Index("lease", name="webhook_of_lease", condition=Q(lease__isnull=False)),
        ]

    def __str__(self):
        return f"{self.webhook}: {self.kind}"

    def is_still_ours(self, at):
        return type(self).objects.waiting().filter(pk=self.pk, lease=self.lease, leased_until__gt=at).exists()

    # What becomes of it; each is one statement, and none of them undoes another's.

    def delivered(self, status, at):
        self._settle(state=self.State.DELIVERED, status=status, problem="", delivered_at=at)

    def postpone(self, status, problem, at):
        """Try again after a pause that grows with each attempt, or give up."""
        told = {"status": status, "problem": problem[:200]}
        if self.attempts + 1 >= self.MOST_ATTEMPTS:
            self._settle(state=self.State.GIVEN_UP, **told)
        else:
            pause = min(timedelta(minutes=2**self.attempts), self.LONGEST_PAUSE)
            self._settle(not_before=at + pause, **told)

    def release(self):
        type(self).objects.waiting().filter(pk=self.pk, lease=self.lease).update(lease=None, leased_until=None)

    def _settle(self, **values):
        counted = {"attempts": self.attempts + 1, "lease": None, "leased_until": None}
        type(self).objects.waiting().filter(pk=self.pk, lease=self.lease).update(**counted, **values)
