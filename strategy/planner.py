"""Who is told of which deadline on which day. Apps offer deadlines, the ladder has the days, rows keep it to once.

The planner may run as often as one likes, twice at once, late, or not at all for a while: what is due follows from
what is stored, never from when it ran. So nobody is reminded of what is done, and a crash is made up for.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import rules
import structlog
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from strategy.actor import Actor
from strategy.deadlines import Task, deadlines_of
from strategy.ladder import Sending, is_working_day
from strategy.models import (
    Channel,
    Deputyship,
    MailPreferences,
    Membership,
    Notification,
    Occasion,
    OutgoingMail,
    Recall,
    Reminder,
    ReminderRules,
    Restoration,
    Role,
)
from strategy.templatetags.portal import shown_date

log = structlog.get_logger(__name__)

AHEAD = timedelta(days=28)  # how far the pages look ahead


@dataclass(frozen=True, eq=False)
class Seat:
    """A person with the rights a task waits for, and the days on which they have them."""

    actor: Actor
    first: date | None = None
    last: date | None = None

    @property
    def person(self):
        return self.actor.user

    def reason(self):
        if self.first is None:
            return _("It waits for you as: %(roles)s.") % {"roles": self.roles()}
        words = {"member": self.roles(), "day": shown_date(self.last)}
        return _("You stand in for %(member)s until %(day)s.") % words

    def roles(self):
        return ", ".join(map(str, self.actor.memberships))


@dataclass(frozen=True)
class Claim:
    """What one deadline asks of one person."""

    seat: Seat
    task: Task

    @property
    def subject(self):
        kind = ContentType.objects.get_for_model(self.task.object)
        return kind.pk, str(self.task.object.pk), self.task.due_on


# Who


def seats(strategy, on, until) -> Iterator[Seat]:
    """Everybody who acts in the strategy in their own right, then the deputies of these days."""
    held = Membership.objects.valid(on).filter(strategy=strategy, user__is_active=True)
    own = defaultdict(list)
    for membership in held.select_related("user", "unit", "strategy").order_by("user_id", "pk"):
        own[membership.user].append(membership)
    for person, memberships in own.items():
        yield Seat(Actor(person, memberships))
    standing_in = Deputyship.objects.filter(
        strategy=strategy, membership__in=held, deputy__in=[person.pk for person in own]
    )
    for row in standing_in.filter(valid_from__lte=until, valid_to__gte=on).select_related(
        "deputy", "membership__user", "membership__unit", "membership__strategy"
    ):
        yield Seat(Actor.deputising(row.deputy, row), row.valid_from, row.valid_to)


class Knowledge:
    """All deadlines of a strategy on a day and whom they wait for."""

    def __init__(self, strategy, on):
        self.strategy, self.on, self.until = strategy, on, on + AHEAD
        self.seats = list(seats(strategy, on, self.until))
        self.asked, self.faults = {}, {}
        self.claims = [claim for seat in self.seats for claim in self.ask(seat, seat.person.language)]
        self.by_subject = defaultdict(list)
        for claim in self.claims:
            self.by_subject[claim.subject].append(claim)

    def ask(self, seat, language):
        """What waits for them, in the words of that language."""
        if (seat, language) not in self.asked:
            self.asked[seat, language] = list(self.claims_of(seat, language))
        return self.asked[seat, language]

    def claims_of(self, seat, language):
        """One person's trouble is not everybody's: it is told at the end, what they have is left as it is."""
        try:
            with transaction.atomic(), override(language):
                return [Claim(seat, task) for task in deadlines_of(seat.actor, self.strategy, self.on)]
        except Exception as fault:
            log.exception("deadlines_unknown", user=seat.person.pk, strategy=self.strategy.pk)
            self.faults[seat.person.pk] = fault
            return []

    def still_holds(self, notification):
        """Whether what a reminder says is still to be done."""
        claims = self.by_subject.get((notification.content_type_id, notification.object_id, notification.due_on), ())
        if notification.kind == Occasion.ESCALATION:
            return bool(claims)
        return any(claim.seat.person.pk == notification.recipient_id for claim in claims)


# What and when


class Plan:
    """The reminders a strategy wants, from a day on: unsaved rows."""

    def __init__(self, knowledge, ladder):
        self.knowledge, self.ladder = knowledge, ladder
        self.recalls = list(Recall.objects.filter(strategy=knowledge.strategy).wanted(knowledge.on))
        self.reminders = {}
        for claim in knowledge.claims:
            self.want_for(claim)
        self.want_escalations()

    def want_for(self, claim):
        task, seat = claim.task, claim.seat
        since = max((day for day in (task.known_since, seat.first) if day), default=None)
        until = min(self.knowledge.until, seat.last or self.knowledge.until)
        sendings = self.ladder.sendings(
            task.due_on, self.knowledge.on, until, since, is_appointment=task.is_appointment
        )
        with override(seat.person.language):
            reason = seat.reason()
        for sending in sendings:
            self.want(claim, sending, seat, why=task.why, reason=reason, url=task.url, quick_url=task.quick_url)
        for recall in self.recalls:
            self.want_recalled(claim, recall, {sending.day for sending in sendings})

    def want_recalled(self, claim, recall, days):
        """What the project group has all reminded of, unless a step of the ladder does so on the same day."""
        task, seat, on = claim.task, claim.seat, self.knowledge.on
        first, last = seat.first or date.min, seat.last or date.max
        told_anyway = any(recall.send_on <= day <= max(on, recall.send_on) for day in days)
        if told_anyway or not recall.asks_for(task) or not first <= max(recall.send_on, on) <= last:
            return
        with override(seat.person.language):
            reason = _("The project group reminds all units whose status is not current.")
        sending = Sending(recall.send_on, recall.step)
        self.want(claim, sending, seat, why=task.why, reason=reason, url=task.url, quick_url=task.quick_url)

    def want_escalations(self):
        above = [seat for seat in self.knowledge.seats if holds(seat, Role.STEERING_TEAM)]
        for claims in self.knowledge.by_subject.values():
            task = claims[0].task
            sending = self.ladder.escalation(task.due_on)
            is_theirs = any(holds(claim.seat, Role.STEERING_TEAM) for claim in claims)
            if sending is None or sending.day > self.knowledge.until or is_theirs:
                continue
            if task.escalates and not task.is_appointment:
                for seat in above:
                    self.escalate(claims, sending, seat)

    def escalate(self, claims, sending, seat):
        """Tell one of those above, in their language, with a link they may open."""
        first, last = seat.first or date.min, seat.last or date.max
        if not first <= max(sending.day, self.knowledge.on) <= last or not may_see(seat.actor, claims[0].task.object):
            return
        language = seat.person.language
        claim = self.in_language(claims[0], language)
        with override(language):
            late = dict.fromkeys(other.seat.roles() for other in claims if other.seat.first is None)
            why = _("Waits for: %(roles)s") % {"roles": "; ".join(late)} if late else ""
            reason = _(
                "The steering team is told once when a deadline has passed by %(days)d days and nothing has happened."
            )
            reason %= {"days": self.ladder.escalate_after}
        url = claim.task.about or claim.task.url
        self.want(claim, sending, seat, why=why, reason=reason, url=url, act=None)

    def in_language(self, claim, language):
        if claim.seat.person.language == language:
            return claim
        asked = self.knowledge.ask(claim.seat, language)
        return next((other for other in asked if other.subject == claim.subject), claim)

    def want(self, claim, sending: Sending, seat, *, why, reason, url, act="", quick_url=""):
        task = claim.task
        kind, object_id, due_on = claim.subject
        row = Reminder(
            strategy=self.knowledge.strategy,
            recipient=seat.person,
            content_type_id=kind,
            object_id=object_id,
            due_on=due_on,
            step=str(sending.step),
            send_on=sending.day,
            kind=task.kind,
            title=task.title[:300],
            why=why[:300],
            reason=reason[:300],
            act="" if act is None else task.act[:80],
            url=url,
            quick_url=quick_url,
            in_place_of=seat.actor.in_place_of,
        )
        self.reminders.setdefault(row.key, row)  # the own right comes before the deputy's


def holds(seat, role):
    return any(membership.role == role for membership in seat.actor.memberships)


def may_see(actor, row):
    """Whether the rules let them see it; what has no rule of its own is seen with what it belongs to."""
    permission = f"{row._meta.app_label}.view_{row._meta.model_name}"
    return not rules.perm_exists(permission) or actor.has_perm(permission, row)


# Telling


@dataclass
class Outcome:
    """What a run has done: the reminders that went out with the way each took, how many mails, and what went wrong."""

    told: list[tuple[Reminder, Channel]] = field(default_factory=list)
    mails: int = 0
    faults: list[Exception] = field(default_factory=list)


def remind(strategy, *, by=None, at=None, rehearsal=False):
    """Plan the strategy's reminders and tell what is due by then; a rehearsal leaves no trace.

    Returns an ``Outcome``, or None while another run is at it. Raises PermissionDenied.
    """
    by, at = by or Actor.system(strategy), at or timezone.now()
    if not by.has_perm("strategy.send_reminders", strategy):
        raise PermissionDenied("strategy.send_reminders")
    with transaction.atomic():
        taken = ReminderRules.take(strategy)
        if taken is None:
            return None
        outcome = Run(strategy, taken, at).go()
        if rehearsal:
            transaction.set_rollback(True)
    return outcome


class Run:
    """One climb of the ladder, alone in its strategy: the caller holds the lock."""

    def __init__(self, strategy, rules, at):
        self.strategy, self.rules, self.at = strategy, rules, at
        self.now = timezone.localtime(at)
        self.today = self.now.date()
        self.knowledge = Knowledge(strategy, self.today)
        self.known = ~Q(recipient__in=list(self.knowledge.faults))
        self.outcome = Outcome(faults=list(self.knowledge.faults.values()))
        self.restored_at = Restoration.latest_moment()
        self.told_perhaps = set()

    def go(self):
        plan = Plan(self.knowledge, self.rules.ladder)
        Reminder.objects.filter(self.known).follow(self.strategy, plan.reminders.values())
        self.look_after_what_was_told()
        if is_working_day(self.today):
            for person, rows in self.due().items():
                self.tell_unless_in_trouble(person, rows)
        ReminderRules.objects.filter(pk=self.rules.pk).update(planned_at=self.at)
        return self.outcome

    def due(self):
        """{person: their reminders whose day has come}; also those for whom something waits for the daily mail."""
        rows = Reminder.objects.filter(self.known, strategy=self.strategy).due(self.today)
        waiting = Notification.objects.filter(strategy=self.strategy, recipient__is_active=True).waiting_for_digest()
        found = {note.recipient: [] for note in waiting.select_related("recipient__mail_preferences")}
        for row in rows.select_related("recipient__mail_preferences"):
            found.setdefault(row.recipient, []).append(row)
        return found

    def tell_unless_in_trouble(self, person, rows):
        try:
            with transaction.atomic():
                self.tell(person, rows)
        except Exception as fault:
            log.exception("reminders_not_told", user=person.pk, strategy=self.strategy.pk)
            self.outcome.faults.append(fault)

    def tell(self, person, rows):
        preferences = MailPreferences.of(person)
        digest = f"digest:{self.strategy.pk}:{self.today}"
        is_time = dict.fromkeys(Channel, self.now.hour >= self.rules.hour)
        is_time[Channel.DIGEST] = (
            self.now.hour >= preferences.digest_hour and not OutgoingMail.objects.of(person, digest).exists()
        )
        by_row = {row: preferences.channel(occasion_of(row)) for row in rows}
        ready = [row for row, channel in by_row.items() if is_time[channel] and not self.may_be_taken_back(row)]
        notes = self.note(person, ready, by_row)
        collected = [note for note in notes if note.channel == Channel.DIGEST]
        if is_time[Channel.DIGEST]:
            collected += self.waiting_since_before(person, preferences.digest_hour)
        if collected:
            self.mail(person, collected, digest)
        for note in notes:
            if note.channel == Channel.AT_ONCE:
                self.mail(person, [note], note.occasion)

    def may_be_taken_back(self, row):
        """What the project group asks for waits for the strategy's hour even where the daily mail is earlier."""
        return row.is_asked_for and row.send_on == self.today and self.now.hour < self.rules.hour

    def note(self, person, rows, by_row):
        """What the bell shows; from now on the rows have gone out."""
        notes = Notification.objects.bulk_create([note_of(row, by_row[row], self.at) for row in rows])
        self.told_perhaps |= {
            note.pk for note, row in zip(notes, rows, strict=True) if self.is_before_restoration(row.send_on)
        }
        Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(state=Reminder.State.SENT, settled_at=self.at)
        self.outcome.told += [(row, by_row[row]) for row in rows]
        return notes

    def waiting_since_before(self, person, hour):
        """What the daily mail collects beside the reminders: all up to its hour."""
        end = self.now.replace(hour=hour, minute=0, second=0, microsecond=0)
        waiting = Notification.objects.filter(strategy=self.strategy, recipient=person, created_at__lt=end)
        notes = list(waiting.waiting_for_digest().exclude(kind__in=REMINDING))
        if self.restored_at:
            self.told_perhaps |= {note.pk for note in notes if note.created_at <= self.restored_at}
        return notes

    def is_before_restoration(self, day):
        return self.restored_at is not None and day <= timezone.localdate(self.restored_at)

    def mail(self, person, notes, occasion):
        """After a restore nobody knows what of the days before has gone out: that is held until somebody says so."""
        held = [note for note in notes if note.pk in self.told_perhaps]
        new = [note for note in notes if note.pk not in self.told_perhaps]
        if held:
            OutgoingMail.objects.hold(person, held, occasion=f"{occasion}:held", on=self.today, confirmed_at=self.at)
        if new:
            OutgoingMail.objects.compose(person, new, occasion=occasion, on=self.today, confirmed_at=self.at)
            self.outcome.mails += 1

    def look_after_what_was_told(self):
        """Mails still waiting say what is true now or nothing; the bell forgets what has been done."""
        reminding = OutgoingMail.objects.filter(self.known, strategy=self.strategy, confirmed_at__isnull=False)
        waiting = reminding.not_in_hand(self.at).select_for_update(skip_locked=True).prefetch_related("notifications")
        same = [mail.pk for mail in waiting.order_by("pk") if not self.say_again(mail)]
        OutgoingMail.objects.filter(pk__in=same).update(confirmed_at=self.at)
        unread = Notification.objects.filter(self.known, strategy=self.strategy, kind__in=REMINDING).unread()
        done = [note.pk for note in unread if not self.knowledge.still_holds(note)]
        Notification.objects.filter(pk__in=done).update(read_at=self.at)

    def say_again(self, mail):
        """Mend a mail that is not true any more, or counts from another day; whether it had to be."""
        notes = mail.notifications.all()
        true = [note for note in notes if note.kind not in REMINDING or self.knowledge.still_holds(note)]
        if not true:
            mail.withdraw(_("What it told of has been done."))
        elif len(true) < len(notes) or timezone.localdate(mail.confirmed_at) != self.today:
            mail.rewrite(true, on=self.today, confirmed_at=self.at)
        else:
            return False
        return True


REMINDING = (Occasion.DEADLINE, Occasion.ESCALATION)


def occasion_of(row):
    return Occasion.ESCALATION if row.escalates else Occasion.DEADLINE


def note_of(row, channel, at):
    return Notification(
        strategy=row.strategy,
        recipient=row.recipient,
        kind=occasion_of(row),
        occasion=f"reminder:{row.pk}",
        channel=channel,
        title=row.title,
        text=row.why,
        reason=row.reason,
        act=row.act,
        url=row.url,
        quick_url=row.quick_url,
        due_on=row.due_on,
        content_type_id=row.content_type_id,
        object_id=row.object_id,
        created_at=at,
    )
