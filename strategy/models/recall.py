from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.ladder import AFTER, working_day

from .bound import StrategyBound
from .reminder import Reminder, ReminderRules


class RecallQuerySet(models.QuerySet):
    def not_withdrawn(self):
        return self.filter(withdrawn_at=None)

    def wanted(self, on):
        """What the planner has to see to, on that day and after: a worker may have been gone for some days."""
        return self.not_withdrawn().filter(send_on__gt=on - Recall.MADE_UP_FOR)

    def ahead(self, strategy, kind, at=None):
        """The one that can still be taken back, or None."""
        at = timezone.localtime(at)
        coming = self.not_withdrawn().filter(strategy=strategy, kind=kind, send_on__gte=at.date())
        latest = coming.order_by("-send_on").first()
        return latest if latest and latest.can_be_withdrawn(at) else None

    def ask(self, strategy, *, by, kind, rows, addressees):
        """Have everybody reminded of these rows on the next working day; asking twice is asking once, for all of them.

        ``kind`` is that of their tasks. Raises PermissionDenied.
        """
        if not by.has_perm("strategy.ask_recall", strategy):
            raise PermissionDenied("strategy.ask_recall")
        values = {"object_ids": [str(row.pk) for row in rows], "addressees": addressees}
        values |= {"asked_by": by.user, "in_place_of": by.in_place_of}
        send_on = working_day(timezone.localdate() + timedelta(days=1), AFTER)
        asked, is_new = self.get_or_create(
            strategy=strategy, kind=kind, send_on=send_on, withdrawn_at=None, defaults=values
        )
        if not is_new and set(values["object_ids"]) > set(asked.object_ids):
            asked.object_ids, asked.addressees = values["object_ids"], addressees
            asked.save(update_fields=["object_ids", "addressees"])
        return asked


class Recall(StrategyBound):
    """The project group has everybody reminded at once of what is stale; until it goes out it can be taken back."""

    MADE_UP_FOR = timedelta(days=7)

    kind = models.CharField(max_length=40)
    object_ids = models.JSONField()
    addressees = models.PositiveIntegerField(_("units"))
    send_on = models.DateField(_("goes out on"))
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = RecallQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder of all")
        verbose_name_plural = _("reminders of all")
        ordering = ["-send_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "strategy", "kind", "send_on", condition=Q(withdrawn_at=None), name="one_recall_per_kind_and_day"
            )
        ]

    def __str__(self):
        return f"{self.kind}, {self.send_on:%d.%m.%Y}"

    @property
    def step(self):
        """The key of its reminders among the steps of the ladder: one a day."""
        return f"{Reminder.ASKED_FOR}{self.send_on}"

    @property
    def send_at(self):
        hour = time(ReminderRules.of(self.strategy).hour)
        return timezone.make_aware(datetime.combine(self.send_on, hour))

    def can_be_withdrawn(self, at=None):
        return self.withdrawn_at is None and (at or timezone.now()) < self.send_at

    def asks_for(self, task):
        return task.kind == self.kind and task.is_stale and str(task.object.pk) in self.object_ids

    @transaction.atomic
    def withdraw(self, *, by):
        """Take it back; whether it had not gone out. Waits for a planner who is at it. Raises PermissionDenied."""
        if not by.has_perm("strategy.withdraw_recall", self):
            raise PermissionDenied("strategy.withdraw_recall")
        list(ReminderRules.objects.select_for_update().filter(strategy=self.strategy_id))
        self.refresh_from_db()
        if not self.can_be_withdrawn():
            return False
        self.withdrawn_at = timezone.now()
        self.save(update_fields=["withdrawn_at"])
        planned = Reminder.objects.planned().filter(strategy=self.strategy_id, step=self.step)
        planned.update(
            state=Reminder.State.WITHDRAWN,
            withdrawn_because=Reminder.Because.TAKEN_BACK,
            settled_at=self.withdrawn_at,
        )
        return True
