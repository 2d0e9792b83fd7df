from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .bound import StrategyBound
from .mail import OutgoingMail


class Occasion(models.TextChoices):
    """What somebody can be told about, and chooses a way of being told for."""

    REQUEST = "request", _("Something is asked of me: a statement, a co-signature, a decision")
    NEWS = "news", _("Something I take part in has moved")
    DEADLINE = "deadline", _("A deadline of mine comes near or has passed")
    ESCALATION = "escalation", _("A deadline of others has passed, and the steering team is told")


class Channel(models.TextChoices):
    AT_ONCE = "at_once", pgettext_lazy("way of being told", "at once by e-mail")
    DIGEST = "digest", pgettext_lazy("way of being told", "in the daily e-mail")
    PORTAL = "portal", pgettext_lazy("way of being told", "in the portal only")


def channel(occasion, default):
    return models.CharField(occasion.label, max_length=10, choices=Channel.choices, default=default)


class MailPreferences(models.Model):
    """Which way a person is told of what; who has chosen nothing has no row."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mail_preferences"
    )
    request = channel(Occasion.REQUEST, Channel.AT_ONCE)
    news = channel(Occasion.NEWS, Channel.AT_ONCE)
    deadline = channel(Occasion.DEADLINE, Channel.DIGEST)
    escalation = channel(Occasion.ESCALATION, Channel.DIGEST)
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the daily e-mail"), default=7, validators=[MaxValueValidator(23)]
    )

    class Meta:
        verbose_name = _("choice of ways to be told")
        verbose_name_plural = _("choices of ways to be told")
        constraints = [models.CheckConstraint(condition=Q(digest_hour__lte=23), name="digest_at_an_hour_of_the_day")]

    def __str__(self):
        return str(self.user)

    @classmethod
    def of(cls, user):
        """Those of the person, or the usual ones, which nobody has stored yet. Queries."""
        try:
            return user.mail_preferences
        except cls.DoesNotExist:
            return cls(user=user)

    def channel(self, occasion):
        """The way the person is told; without an address there is only the portal."""
        return Channel(getattr(self, occasion)) if self.user.email else Channel.PORTAL


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """One's own, never those of somebody one stands in for, in strategies one still belongs to."""
        if not actor.is_active:
            return self.none()
        return self.filter(recipient=actor.user, strategy__in=own_strategies(actor))

    def unread(self):
        return self.filter(read_at=None)

    def mark_as_read(self):
        """From now on the bell does not count them."""
        return self.unread().update(read_at=timezone.now())

    def waiting_for_digest(self):
        return self.filter(channel=Channel.DIGEST, mail=None)

    def tell_each(self, told, *, kind, occasion, **common):
        """Tell people once of an occasion, in the portal and as they have chosen; a second call changes nothing.

        Takes ``{person: {"title": ..., "text": ..., "reason": ...}}``, and in ``common`` what all are told alike. The
        transaction must be the one in which the occasion came about, so that nobody else tells of it meanwhile.
        """
        people = {person.pk for person in told}
        known = set(self.filter(occasion=occasion, recipient__in=people).values_list("recipient", flat=True))
        new = [
            self.model(recipient=person, kind=kind, occasion=occasion, **words, **common)
            for person, words in told.items()
            if person.pk not in known
        ]
        for notification in new:
            notification.title = notification.title[:300]
            notification.channel = MailPreferences.of(notification.recipient).channel(kind)
        self._mail_at_once(new, occasion)
        return self.bulk_create(new)

    def _mail_at_once(self, notifications, occasion):
        at_once = [told for told in notifications if told.channel == Channel.AT_ONCE]
        outbox = OutgoingMail.objects
        mails = [outbox.prepare_letter(told.recipient, [told], occasion=occasion) for told in at_once]
        for told, mail in zip(at_once, outbox.bulk_create(mails), strict=True):
            told.mail = mail


def own_strategies(actor):
    """Those the person belongs to in their own right, whomever they stand in for at the moment."""
    if actor.in_place_of is None:
        return actor.strategies()
    return actor.user.memberships.valid().values("strategy")


class Notification(StrategyBound):
    """What somebody has been told; the bell shows it, a mail may carry it."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", verbose_name=_("recipient")
    )
    kind = models.CharField(_("occasion"), max_length=20, choices=Occasion.choices)
    occasion = models.CharField(max_length=100)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    title = models.CharField(_("title"), max_length=300)
    text = models.TextField(_("text"), blank=True)
    reason = models.CharField(_("why this person"), max_length=300, blank=True)
    act = models.CharField(max_length=80, blank=True)
    url = models.CharField(max_length=300)
    quick_url = models.CharField(max_length=300, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    content_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    object_id = models.CharField(max_length=40, blank=True)
    object = GenericForeignKey()
    mail = models.ForeignKey(OutgoingMail, models.SET_NULL, null=True, related_name="notifications")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint("recipient", "occasion", name="one_notification_per_recipient_and_occasion")
        ]
        indexes = [
            models.Index(fields=["recipient", "read_at"], name="notification_unread"),
            models.Index(fields=["content_type", "object_id"], name="notification_of_object"),
        ]

    def __str__(self):
        return self.title

    @property
    def says_whose(self):
        """Whether its reason tells as whom, or in whose place, the person is asked."""
        return self.kind != Occasion.ESCALATION

    @property
    def is_unread(self):
        return self.read_at is None

    def get_absolute_url(self):
        """Leads on to what it tells of, and is read from then on."""
        return reverse("strategy:notification", args=[self.strategy.slug, self.pk])
