import uuid
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .bound import StrategyBound


class OutgoingMailQuerySet(models.QuerySet):
    def due(self, at=None):
        return self.filter(state=OutgoingMail.State.WAITING, not_before__lte=at or timezone.now())

    def queue(self, *, strategy_id, recipient, occasion, subject, body):
        """Put one mail per recipient and occasion into the outbox; a second call changes nothing."""
        return self.get_or_create(
            recipient=recipient,
            occasion=occasion,
            defaults={
                "strategy_id": strategy_id,
                "subject": subject[:200],
                "body": body,
            },
        )[0]


class OutgoingMail(StrategyBound):
    """A mail of the outbox. It owns its Message-ID, so that a repeat can be recognised by the recipient's server."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    MOST_ATTEMPTS = 8

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="mails",
        verbose_name=_("recipient"),
    )
    occasion = models.CharField(_("occasion"), max_length=100)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["not_before", "pk"]
        constraints = [models.UniqueConstraint("recipient", "occasion", name="one_mail_per_recipient_and_occasion")]
        indexes = [models.Index(fields=["state", "not_before"], name="mail_due")]

    def __str__(self):
        return self.subject

    @classmethod
    def send_due(cls, limit=100):
        """Send what is due over one connection, each mail locked, sent and committed by itself.

        Returns how many were sent. A crash repeats at most the one mail between the server's OK and the
        commit, with the same Message-ID.
        """
        waiting = list(cls.objects.due().values_list("pk", flat=True)[:limit])
        if not waiting:
            return 0
        with mail.get_connection() as connection:
            return sum(cls._send_one(pk, connection) for pk in waiting)

    @classmethod
    def _send_one(cls, pk, connection):
        with transaction.atomic():
            row = cls.objects.due().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if row is None:
                return False
            return row._deliver(connection)

    def _deliver(self, connection):
        self.attempts += 1
        try:
            self._message(connection).send()
        except OSError as problem:  # smtplib's errors are OSErrors: the server's no or no server at all
            self._postpone(str(problem))
        else:
            self.state, self.sent_at, self.problem = self.State.SENT, timezone.now(), ""
        self.save()
        return self.state == self.State.SENT

    def _message(self, connection):
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
        return mail.EmailMessage(
            self.subject,
            self.body,
            to=[self.recipient.email],
            headers={
                "Message-ID": f"<{self.message_id}@{domain}>",
                "Auto-Submitted": "auto-generated",
            },
            connection=connection,
        )

    def _postpone(self, problem):
        self.problem = problem[:300]
        if self.attempts >= self.MOST_ATTEMPTS:
            self.state = self.State.FAILED
        else:
            self.not_before = timezone.now() + timedelta(minutes=2**self.attempts)
