"""The audit trail: who came, was refused or took something along, and the chain into which everything is sealed.

Steps (``Transition``) and field changes (``changes``) are written where they happen. What is accessed without being
changed is written here, as ``AccessEvent``. ``strategy.audit`` seals all of them.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccessEvent(models.Model):
    """Who did what kind of thing, when, at which address: never what was typed, searched for or read."""

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGNED_OUT = "signed_out", _("signed out")
        SIGN_IN_REFUSED = "sign_in_refused", _("sign-in refused")
        PASSWORD_SET = "password_set", _("password set")
        FACTOR_ADDED = "factor_added", _("second factor set up")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        SESSIONS_ENDED = "sessions_ended", _("signed out on other devices")
        REFUSED = "refused", _("refused")
        EXPORTED = "exported", _("table exported")
        DOWNLOADED = "downloaded", _("file fetched")
        TOKEN_CREATED = "token_created", _("access for a program made")
        TOKEN_REVOKED = "token_revoked", _("access for a program revoked")
        OWN_DATA = "own_data", _("own data fetched")
        ANONYMISED = "anonymised", _("person anonymised")
        AUDIT_READ = "audit_read", _("audit trail exported")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)
    strategy = models.ForeignKey("strategy.Strategy", models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=100, blank=True)  # the name of the page, never a query
    reference = models.CharField(max_length=40, blank=True)  # the code of the measure
    because = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("accesses")
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["strategy", "at"], name="access_in_strategy"),
            models.Index(fields=["user", "at"], name="access_of_person"),
            models.Index(fields=["kind", "at"], name="access_of_kind"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.address} {self.reference}".strip()


class AuditLink(models.Model):
    """One sealed row of the chain. It holds digests alone, so it is kept for ever; the database refuses to change it.

    ``digest`` covers the link before and this link's other fields; ``commitment`` the content of the row, salted.
    """

    position = models.BigIntegerField(primary_key=True)
    source = models.CharField(max_length=80)
    row = models.BigIntegerField()
    commitment = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint("source", "row", name="one_link_per_row")]

    def __str__(self):
        return f"{self.position}: {self.source} {self.row}"


class AuditShape(models.Model):
    """The fields a source had when its rows were sealed: a later migration may add others."""

    source = models.CharField(max_length=80)
    fields = models.JSONField()

    def __str__(self):
        return self.source


class AuditOpening(models.Model):
    """What it takes to compare a row with its link. Without the salt the commitment tells nothing about the row."""

    link = models.OneToOneField(AuditLink, models.PROTECT, primary_key=True, related_name="opening")
    shape = models.ForeignKey(AuditShape, models.PROTECT, related_name="+")
    salt = models.CharField(max_length=64)

    def __str__(self):
        return str(self.link_id)


class AuditHead(models.Model):
    """The end of the chain, locked by whoever makes it longer. A copy of it is kept outside the database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    verified_at = models.DateTimeField(null=True)
    broken = models.PositiveIntegerField(default=0)  # findings of that check

    def __str__(self):
        return f"{self.position}: {self.digest}"


class Erasure(models.Model):
    """The only way in which sealed rows may change or go: which, when, by whom, for what. Sealed itself."""

    class Reason(models.TextChoices):
        RETENTION = "retention", _("retention period over")
        ANONYMISED = "anonymised", _("person anonymised")

    source = models.CharField(max_length=80)
    rows = models.JSONField()
    reason = models.CharField(max_length=20, choices=Reason.choices)
    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    strategy = models.ForeignKey("strategy.Strategy", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.source}: {len(self.rows)}"
