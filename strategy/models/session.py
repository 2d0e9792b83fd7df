from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone


class SessionQuerySet(models.QuerySet):
    def of(self, user):
        """The person's sessions that have not ended, the youngest first."""
        return self.filter(user=user, expire_date__gt=timezone.now()).order_by("-started_at", "pk")


class Session(AbstractBaseSession):
    """A sign-in that lasts. Of the device its kind is kept, of its use the hour: no address, no more than one needs
    to know one's own sessions apart. The row goes when the session ends.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    objects = SessionQuerySet.as_manager()

    class Meta(AbstractBaseSession.Meta):
        pass

    @classmethod
    def get_session_store_class(cls):
        from strategy.sessions import SessionStore  # the store needs this model

        return SessionStore

    def describe(self, data):
        """What the session itself says about whose it is."""
        self.user_id = data.get(SESSION_KEY)
        self.device = data.get("device", "")
        self.started_at = data.get("started_at")
        self.used_at = data.get("used_at")
