"""Keys with which programs ask the portal in a person's place."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .calendar import hash_of


class ApiTokenQuerySet(models.QuerySet):
    def with_key(self, key):
        """The token with this key, whether it holds or not."""
        return self.filter(key_hash=hash_of(key))

    def of_key(self, key, on=None):
        """The token with this key, while it holds and its person may sign in."""
        today = on or timezone.localdate()
        return self.with_key(key).filter(expires_on__gte=today, user__is_active=True)

    def issue(self, user, *, name, scope, days, on=None):
        """A new token of the person, which holds today and ``days`` days more.

        Returns:
            The row and its key; the key is told this once, only its hash is kept.
        """
        key = f"{ApiToken.PREFIX}{secrets.token_urlsafe(32)}"
        expires_on = (on or timezone.localdate()) + timedelta(days=days)
        values = {"user": user, "name": name, "scope": scope, "expires_on": expires_on, "key_hash": hash_of(key)}
        return self.create(**values), key


class ApiToken(models.Model):
    """Asks with the person's own rights of that moment, never with those of somebody they stand in for."""

    class Scope(models.TextChoices):
        READ = "read", _("read only")
        WRITE = "write", _("read and write")

    PREFIX = "wst_"  # by which scanners find keys that have leaked

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(pgettext_lazy("key", "may"), max_length=5, choices=Scope.choices, default=Scope.READ)
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    expires_on = models.DateField(_("valid until"))
    used_on = models.DateField(_("last used on"), null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access for a program")
        verbose_name_plural = _("access for programs")
        ordering = ["expires_on", "pk"]

    def __str__(self):
        return self.name

    @property
    def may_write(self):
        return self.scope == self.Scope.WRITE

    def has_expired(self, on=None):
        return self.expires_on < (on or timezone.localdate())

    def note_use(self, on):
        """The day is all that is kept, and written once a day."""
        if self.used_on != on:
            type(self).objects.filter(pk=self.pk).update(used_on=on)
