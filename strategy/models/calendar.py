import hashlib
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .bound import StrategyBound


class SecretAddressQuerySet(models.QuerySet):
    def of_key(self, key):
        """The feed at this secret address, while its person may sign in: whatever is wrong, it is one query."""
        return self.filter(key_hash=hash_of(key), user__is_active=True)

    def issue(self, user):
        """Make the person's address, or put a new one in the place of the old. Returns the key, told this once."""
        key = secrets.token_urlsafe(32)
        values = {"key_hash": hash_of(key), "made_at": timezone.now(), "used_on": None}
        self.update_or_create(user=user, defaults=values)
        return key


def hash_of(key):
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


class SecretAddress(models.Model):
    """What a program fetches for one person, at an address that is secret and stored as a hash only."""

    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made on"))
    used_on = models.DateField(_("last fetched on"), null=True)

    objects = SecretAddressQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.user)

    def note_use(self, on):
        """The day is all that is kept, and written once a day."""
        if self.used_on != on:
            self.used_on = on
            self.save(update_fields=["used_on"])


class CalendarFeed(SecretAddress):
    """A person's deadlines for the calendar program."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="calendar_feed"
    )

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")


class HistoryFeed(SecretAddress):
    """What happens in a person's strategies, for the feed reader."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="history_feed")

    class Meta:
        verbose_name = _("feed address")
        verbose_name_plural = _("feed addresses")


class CalendarEntryQuerySet(models.QuerySet):
    def follow(self, feed, deadlines, at):
        """Make the feed's entries those of these deadlines: [(entry, task)], what has been cancelled without a task.

        ``deadlines`` is {strategy: its tasks}. The caller has locked the feed. Doing it twice changes nothing.
        """
        wanted = {key_of(task): (strategy, task) for strategy, tasks in deadlines.items() for task in tasks}
        stored = {row.key: row for row in self.filter(feed=feed)}
        new = [CalendarEntry.of(feed, *wanted[key], at) for key in wanted if key not in stored]
        gone = [row for row in stored.values() if row.key not in wanted]
        ended = [row for row in gone if row.is_over(at, deadlines)]
        cancelled = [row for row in gone if row not in ended]
        changed = [row for key, row in stored.items() if key in wanted and row.follow(wanted[key][1], at)]
        self.bulk_create(new)
        self.bulk_update(changed + [row for row in cancelled if row.cancel(at)], CalendarEntry.FOLLOWED)
        self.filter(pk__in=[row.pk for row in ended]).delete()
        kept = [row for row in stored.values() if row.key in wanted]
        return [(row, wanted[row.key][1]) for row in kept + new] + [(row, None) for row in cancelled]


def key_of(task):
    return task.kind, ContentType.objects.get_for_model(task.object).pk, str(task.object.pk)


class CalendarEntry(StrategyBound):
    """What a feed has told of a deadline: calendar programs know it again and see which version is newer."""

    KEPT = timedelta(weeks=6)  # so long a cancelled event is told, for programs that fetch rarely
    FOLLOWED = ("title", "due_on", "due_at", "sequence", "changed_at", "cancelled_on")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    feed = models.ForeignKey(CalendarFeed, models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=40)
    is_appointment = models.BooleanField(default=False)
    title = models.CharField(_("title"), max_length=300)
    due_on = models.DateField(_("due on"))
    due_at = models.DateTimeField(null=True)
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    cancelled_on = models.DateField(null=True)

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar entry")
        verbose_name_plural = _("calendar entries")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint("feed", "kind", "content_type", "object_id", name="one_calendar_entry_per_deadline")
        ]

    def __str__(self):
        return self.title

    @classmethod
    def of(cls, feed, strategy, task, at):
        kind, content_type, object_id = key_of(task)
        row = cls(feed=feed, strategy=strategy, kind=kind, content_type_id=content_type, object_id=object_id)
        row.is_appointment, row.changed_at = task.is_appointment, at
        row._take(task)
        return row

    @property
    def key(self):
        return self.kind, self.content_type_id, self.object_id

    def follow(self, task, at):
        """Take over day, hour and title, or come back; whether anything has changed, which is a new version."""
        before = self.title, self.due_on, self.due_at, self.cancelled_on
        self._take(task)
        self.cancelled_on = None
        return self._tell_again(at) if before != (self.title, self.due_on, self.due_at, None) else False

    def cancel(self, at):
        """The deadline is done or gone; whether that is new."""
        if self.cancelled_on:
            return False
        self.cancelled_on = timezone.localdate(at)
        return self._tell_again(at)

    def is_over(self, at, strategies):
        """Whether nothing is told of it any more: cancelled long ago, taken place, or of a strategy left since."""
        today = timezone.localdate(at)
        has_been = self.is_appointment and self.due_on < today
        long_ago = self.cancelled_on is not None and self.cancelled_on < today - self.KEPT
        return has_been or long_ago or self.strategy_id not in {strategy.pk for strategy in strategies}

    def _take(self, task):
        self.title, self.due_on, self.due_at = task.title[:300], task.due_on, task.due_at

    def _tell_again(self, at):
        self.sequence += 1
        self.changed_at = at
        return True
