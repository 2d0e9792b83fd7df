from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CharField, Prefetch, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.ladder import Ladder

from .bound import StrategyBound
from .people import Membership

LONGEST_DISTANCE = 365  # days
MOST_STEPS = 10


def validate_days_before(days):
    if not isinstance(days, list) or len(days) > MOST_STEPS:
        raise ValidationError(_("At most %(count)d days, please."), params={"count": MOST_STEPS})
    if not all(type(number) is int and 1 <= number <= LONGEST_DISTANCE for number in days):
        raise ValidationError(_("Each number of days lies between 1 and %(most)d."), params={"most": LONGEST_DISTANCE})


def standard_days_before():
    return list(Ladder.days_before)


class ReminderRules(StrategyBound):
    """The ladder of a strategy's reminders, and when it was last climbed."""

    WITHIN_A_YEAR = [MinValueValidator(1), MaxValueValidator(LONGEST_DISTANCE)]

    strategy = models.OneToOneField(
        "strategy.Strategy", models.CASCADE, related_name="reminder_rules", verbose_name=_("strategy")
    )
    days_before = models.JSONField(
        _("days before the deadline"), default=standard_days_before, blank=True, validators=[validate_days_before]
    )
    on_the_day = models.BooleanField(_("on the day itself"), default=True)
    overdue_every = models.PositiveSmallIntegerField(
        _("while overdue, every … days"), null=True, blank=True, default=Ladder.overdue_every, validators=WITHIN_A_YEAR
    )
    escalate_after = models.PositiveSmallIntegerField(
        _("tell the steering team after … days"),
        null=True,
        blank=True,
        default=Ladder.escalate_after,
        validators=WITHIN_A_YEAR,
    )
    hour = models.PositiveSmallIntegerField(_("hour of sending"), default=7, validators=[MaxValueValidator(23)])
    planned_at = models.DateTimeField(null=True, editable=False)

    changes = changes(excluded_fields=["planned_at"])

    class Meta:
        verbose_name = _("rules of reminding")
        verbose_name_plural = _("rules of reminding")
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="an_hour_of_the_day"),
            models.CheckConstraint(
                condition=Q(overdue_every__isnull=True) | Q(overdue_every__gte=1), name="overdue_every_some_days"
            ),
        ]

    def __str__(self):
        return str(self.strategy)

    @classmethod
    def of(cls, strategy):
        """Those of the strategy, or the usual ones, which nobody has stored yet."""
        return cls.objects.filter(strategy=strategy).first() or cls(strategy=strategy)

    @classmethod
    def take(cls, strategy):
        """The rules, locked until the transaction ends, or None while somebody else is planning."""
        cls.objects.get_or_create(strategy=strategy)
        return cls.objects.select_for_update(skip_locked=True).filter(strategy=strategy).first()

    @property
    def ladder(self):
        return Ladder(tuple(self.days_before), self.on_the_day, self.overdue_every, self.escalate_after)


class ReminderQuerySet(models.QuerySet):
    def planned(self):
        return self.filter(state=Reminder.State.PLANNED)

    def due(self, on=None):
        """Planned, and their day has come."""
        return self.planned().filter(send_on__lte=on or timezone.localdate())

    def ahead(self, until):
        """What is to go out by that day, what is to reach people together one after the other."""
        rows = self.planned().filter(send_on__lte=until)
        return rows.order_by("send_on", "due_on", "content_type", "object_id", "step", "pk")

    def with_functions(self, strategy):
        """The functions of the recipients and of those they stand in for, as ``functions`` of each person."""
        held = Membership.objects.valid().filter(strategy=strategy).select_related("unit")
        people = ("recipient", "in_place_of")
        prefetches = [Prefetch(f"{person}__memberships", held, to_attr="functions") for person in people]
        return self.select_related(*people, "recipient__mail_preferences").prefetch_related(*prefetches)

    def about(self, row, *below):
        """Those of the row itself and of all the rows of these querysets."""
        wanted = Q(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
        for rows in below:
            keys = rows.order_by().values(key=Cast("pk", CharField()))
            wanted |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=keys)
        return self.filter(wanted)

    def follow(self, strategy, wanted):
        """Make the rows of the strategy those that are wanted: a list of unsaved reminders.

        What is wanted and not there is planned, what was withdrawn comes back, what nobody wants any more is withdrawn;
        what has gone out stays as it is. Doing it twice changes nothing.
        """
        wanted = {reminder.key: reminder for reminder in wanted}
        stored = {row.key: row for row in self._concerned(strategy, wanted)}
        self.bulk_create([row for key, row in wanted.items() if key not in stored], ignore_conflicts=True)
        changed = [row for key, row in stored.items() if key in wanted and row.follow(wanted[key])]
        self.bulk_update(changed, Reminder.FOLLOWED)
        self._withdraw(stored, wanted)

    def _concerned(self, strategy, wanted):
        """Those still planned, and those that have been planned once for the same days."""
        days = {reminder.due_on for reminder in wanted.values()}
        return self.filter(strategy=strategy).filter(Q(state=Reminder.State.PLANNED) | Q(due_on__in=days))

    def _withdraw(self, stored, wanted):
        """Say of each why it does not go out: a later step stands for it, the day has moved, or nothing waits."""
        planned = [row for key, row in stored.items() if key not in wanted and row.state == Reminder.State.PLANNED]
        days = {}
        for reminder in wanted.values():
            days.setdefault(reminder.concern, set()).add(reminder.due_on)
        for row in planned:
            row.state, row.settled_at = Reminder.State.WITHDRAWN, timezone.now()
            row.withdrawn_because = row.why_not(days.get(row.concern, ()))
        self.bulk_update(planned, ["state", "settled_at", "withdrawn_because"])


class Reminder(StrategyBound):
    """One step of the ladder of one deadline, for one person; its key keeps it from going out twice."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENT = "sent", _("gone out")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Because(models.TextChoices):
        SETTLED = "settled", _("it waits for this person no longer")
        MOVED = "moved", _("the deadline has been moved")
        OVERTAKEN = "overtaken", _("a later step stands for it")
        TAKEN_BACK = "taken_back", _("the project group has taken it back")

    ASKED_FOR = "@"  # begins the step of what the project group has asked for, see Recall

    TOLD = ("kind", "title", "why", "reason", "act", "url", "quick_url", "in_place_of_id")
    FOLLOWED = ("state", "withdrawn_because", "settled_at", "send_on", *TOLD)

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name=_("recipient")
    )
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=40)
    object = GenericForeignKey()
    due_on = models.DateField(_("due on"))
    step = models.CharField(_("step"), max_length=12)
    send_on = models.DateField(_("goes out on"))
    kind = models.CharField(max_length=40)
    title = models.CharField(_("what is due"), max_length=300)
    why = models.CharField(max_length=300, blank=True)
    reason = models.CharField(_("why this person"), max_length=300, blank=True)
    act = models.CharField(max_length=80, blank=True)
    url = models.CharField(max_length=300)
    quick_url = models.CharField(max_length=300, blank=True)
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=_("in place of")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    withdrawn_because = models.CharField(max_length=10, choices=Because.choices, blank=True)
    planned_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["send_on", "due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                "recipient",
                "content_type",
                "object_id",
                "due_on",
                "step",
                name="one_reminder_per_recipient_object_day_and_step",
            )
        ]
        indexes = [
            models.Index(fields=["strategy", "state", "send_on"], name="reminder_due"),
            models.Index(fields=["content_type", "object_id"], name="reminder_of_object"),
        ]

    def __str__(self):
        return self.title

    @property
    def concern(self):
        """Whom it reminds of what."""
        return self.recipient_id, self.content_type_id, self.object_id

    @property
    def key(self):
        return *self.concern, self.due_on, self.step

    @property
    def escalates(self):
        return self.step == "escalation"

    @property
    def is_asked_for(self):
        return self.step.startswith(self.ASKED_FOR)

    @property
    def shown_step(self):
        """Why on this day, in words."""
        if self.escalates:
            return gettext("long overdue, to those above")
        if self.is_asked_for:
            return gettext("asked for by the project group")
        days = int(self.step)
        if days < 0:
            return ngettext("%(days)d day before the deadline", "%(days)d days before the deadline", -days) % {
                "days": -days
            }
        if days == 0:
            return gettext("on the day of the deadline")
        return ngettext("%(days)d day after the deadline", "%(days)d days after the deadline", days) % {"days": days}

    def follow(self, wanted):
        """Take over what the planner wants now, unless it has gone out; whether anything has changed."""
        if self.state == self.State.SENT:
            return False
        before = [getattr(self, name) for name in self.FOLLOWED]
        for name in self.FOLLOWED:
            setattr(self, name, getattr(wanted, name))
        return before != [getattr(self, name) for name in self.FOLLOWED]

    def why_not(self, days_wanted):
        """Why it is not wanted any more, by the days on which the same thing is due for the same person now."""
        if self.due_on in days_wanted:
            return self.Because.OVERTAKEN
        return self.Because.MOVED if days_wanted else self.Because.SETTLED
