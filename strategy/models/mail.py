import uuid
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail.message import sanitize_address
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy import letters

from .bound import StrategyBound


class OutgoingMailQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=OutgoingMail.State.WAITING)

    def of(self, person, occasion):
        return self.filter(recipient=person, occasion=occasion)

    def in_trouble(self):
        """What the server has refused, and what has to be tried again; the newest first."""
        troubled = Q(state=OutgoingMail.State.FAILED) | Q(state=OutgoingMail.State.WAITING) & ~Q(problem="")
        return self.filter(troubled).order_by("-queued_at", "-pk")

    def failed(self):
        return self.filter(state=OutgoingMail.State.FAILED)

    def resend(self, strategy, *, by):
        """Put the failed ones of a strategy into the outbox again, as the same mails. Returns how many.

        A reminder goes out only after the planner has said again that it holds. Raises PermissionDenied.
        """
        if not by.has_perm("strategy.resend_outgoingmail", strategy):
            raise PermissionDenied("strategy.resend_outgoingmail")
        now = timezone.now()
        again = {"state": OutgoingMail.State.WAITING, "attempts": 0, "problem": "", "not_before": now, "queued_at": now}
        return self.failed().filter(strategy=strategy).update(**again)

    def not_in_hand(self, at):
        return self.waiting().filter(Q(leased_until=None) | Q(leased_until__lt=at))

    def due(self, at=None):
        """What may be sent: its time has come, nobody has it in hand, and what it says is not out of date."""
        at = at or timezone.now()
        true = Q(confirmed_at=None) | Q(confirmed_at__gt=at - OutgoingMail.TRUE_FOR)
        return self.not_in_hand(at).filter(true, not_before__lte=at)

    def lease(self, at=None, size=100):
        """Take a batch in hand, for a while: no other sender gets these mails meanwhile."""
        at, token = at or timezone.now(), uuid.uuid4()
        with transaction.atomic():
            batch = list(self.due(at).select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
            self.filter(pk__in=batch).update(lease=token, leased_until=at + OutgoingMail.LEASE)
        return list(self.filter(lease=token).select_related("recipient")) if batch else []

    def release(self, problem=""):
        """Give back what has been leased and not sent."""
        values = {"problem": problem[:300]} if problem else {}
        self.waiting().update(lease=None, leased_until=None, **values)

    def expire(self, at=None):
        """A mail that has waited too long stays here: after a restored backup it would tell old news again."""
        at = at or timezone.now()
        self.waiting().filter(queued_at__lt=at - OutgoingMail.OLDEST).update(
            state=OutgoingMail.State.FAILED,
            problem=gettext("Waited for more than %(days)d days; too old to be sent.")
            % {"days": OutgoingMail.OLDEST.days},
        )

    def prepare(self, *, subject, **values):
        """A mail as it goes out, which nobody has stored yet."""
        row = self.model(subject=letters.one_line(subject)[:200], **values)
        row.write()
        return row

    def prepare_letter(self, person, notifications, *, on=None, **values):
        """The same, telling of these notifications in the person's language."""
        letter = letters.write(person, notifications, on)
        words = {"subject": letter.subject, "body": letter.text, "html": letter.html}
        return self.prepare(strategy_id=notifications[0].strategy_id, recipient=person, **words, **values)

    def queue(self, **values):
        """Put one mail per recipient and occasion into the outbox; a second call changes nothing."""
        return self._store(self.prepare(**values))

    def compose(self, person, notifications, **values):
        """Put a mail that tells of these notifications into the outbox, in the person's language."""
        row = self._store(self.prepare_letter(person, notifications, **values))
        row.notifications.add(*notifications)
        return row

    def _store(self, row):
        names = {field.name for field in row._meta.concrete_fields} - {"id", "recipient", "occasion"}
        told = {name: getattr(row, name) for name in names}
        return self.get_or_create(recipient=row.recipient, occasion=row.occasion, defaults=told)[0]

    def hold(self, person, notifications, **values):
        """Put such a mail beside those that were not sent: after a restore, what may have gone out before."""
        state, problem = OutgoingMail.State.FAILED, held_by_restore()
        return self.compose(person, notifications, state=state, problem=problem, **values)


def held_by_restore():
    return gettext("Held after the restore of a backup: it may have been sent before.")


class Envelope(mail.EmailMultiAlternatives):
    """What a connection sends; a mail that has been written is not written again, which takes longer than sending."""

    source = b""

    def message(self):
        return Addressed(self.source, *self.to) if self.source else super().message()


class Addressed:
    """A mail as it was written, to the address its recipient has now; connections ask for nothing but the bytes."""

    def __init__(self, source, address):
        self.source = b"To: %s\r\n%s" % (sanitize_address(address, settings.DEFAULT_CHARSET).encode(), source)

    def as_bytes(self, unixfrom=False, policy=None, linesep="\n"):
        return self.source.replace(b"\r\n", linesep.encode())


class OutgoingMail(StrategyBound):
    """A mail of the outbox. It owns its Message-ID, so that a repeat can be recognised by the recipient's server."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    LEASE = timedelta(minutes=5)  # longer than a batch may take, see ``strategy.delivery``
    TRUE_FOR = timedelta(minutes=20)  # a reminder waits for the planner to say again that it still holds
    LOCK = """
        SELECT id FROM strategy_outgoingmail WHERE id = %s AND lease = %s AND state = 'waiting'
        FOR UPDATE SKIP LOCKED
    """
    SETTLE_AS_SENT = """
        UPDATE strategy_outgoingmail
        SET state = 'sent', sent_at = %s, problem = '', attempts = attempts + 1, lease = NULL, leased_until = NULL
        WHERE id = %s AND lease = %s AND state = 'waiting'
    """
    HOLD_WHAT_WAITS = """
        UPDATE strategy_outgoingmail SET state = 'failed', problem = {problem}, lease = NULL, leased_until = NULL
        WHERE state = 'waiting'
    """
    OLDEST = timedelta(days=3)  # a weekend without mail server is made up for, a restored backup is not
    LONGEST_PAUSE = timedelta(hours=1)

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="mails",
        verbose_name=_("recipient"),
    )
    occasion = models.CharField(_("occasion"), max_length=100)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    html = models.TextField(blank=True)
    source = models.BinaryField(default=b"")  # all of it as it goes out, but for the line with the address
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    queued_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["not_before", "pk"]
        constraints = [models.UniqueConstraint("recipient", "occasion", name="one_mail_per_recipient_and_occasion")]
        indexes = [
            models.Index(fields=["state", "not_before"], name="mail_due"),
            models.Index(fields=["lease"], name="mail_of_lease", condition=Q(lease__isnull=False)),
        ]

    def __str__(self):
        return self.subject

    @contextmanager
    def held(self):
        """Whether the mail is ours to send, until the block ends and what has become of it is committed.

        On PostgreSQL the row is locked meanwhile. SQLite knows only one lock for all writing, which a slow mail
        server must not hold: there the lease alone keeps others away.
        """
        if not connection.features.has_select_for_update:
            yield type(self).objects.waiting().filter(pk=self.pk, lease=self.lease).exists()
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(self.LOCK, [self.pk, self.lease])  # plain, for the ORM takes longer than the server
            yield cursor.fetchone() is not None

    def message(self, through=None):
        """What goes to the mail server."""
        message = Envelope(
            self.subject, self.body, to=[self.recipient.email], headers=self.headers(), connection=through
        )
        if self.html:
            message.attach_alternative(self.html, "text/html")
        message.source = bytes(self.source)
        return message

    def headers(self):
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
        return {
            "Message-ID": f"<{self.message_id}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{letters.preferences_url()}>",
        }

    def write(self):
        """Put into bytes what goes out, once: the recipient's address comes before it when it is sent."""
        message = mail.EmailMultiAlternatives(self.subject, self.body, headers=self.headers())
        if self.html:
            message.attach_alternative(self.html, "text/html")
        self.source = message.message().as_bytes(linesep="\r\n")

    @property
    def can_be_delivered(self):
        return self.recipient.is_active and bool(self.recipient.email)

    def rewrite(self, notifications, *, on, confirmed_at):
        """Say what of it still holds, counted from that day. The caller has locked the row."""
        letter = letters.write(self.recipient, notifications, on)
        self.subject, self.body, self.html = letter.subject, letter.text, letter.html
        self.confirmed_at = confirmed_at
        self.write()
        self.save(update_fields=["subject", "body", "html", "source", "confirmed_at"])
        self.notifications.exclude(pk__in=[told.pk for told in notifications]).update(mail=None)

    @property
    def reminds(self):
        """Whether it tells of deadlines, and is true only as long as they wait."""
        return self.confirmed_at is not None

    # What becomes of it; each is one statement, and none of them undoes another's.

    def sent(self, at):
        lease = self._meta.get_field("lease").get_db_prep_value(self.lease, connection)
        with connection.cursor() as cursor:
            cursor.execute(self.SETTLE_AS_SENT, [connection.ops.adapt_datetimefield_value(at), self.pk, lease])

    def fail(self, problem):
        self._settle(state=self.State.FAILED, problem=problem[:300])

    def withdraw(self, problem=""):
        self._settle(state=self.State.WITHDRAWN, problem=problem[:300])

    def postpone(self, problem, at):
        """Try again after a pause that grows with each attempt."""
        pause = min(timedelta(minutes=2**self.attempts), self.LONGEST_PAUSE)
        self._settle(problem=problem[:300], not_before=at + pause)

    def _settle(self, **values):
        counted = {"attempts": self.attempts + 1, "lease": None, "leased_until": None}
        type(self).objects.waiting().filter(pk=self.pk, lease=self.lease).update(**counted, **values)
