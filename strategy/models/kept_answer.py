from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone


class KeptAnswerQuerySet(models.QuerySet):
    def claim(self, user, key, asked, at=None):
        """The row of this key, and whether it is new. Needs a transaction, in which a new one is to be filled.

        Who comes second waits here until the first one's transaction has ended.
        """
        at = at or timezone.now()
        mine = self.filter(user=user, key=key)
        mine.filter(made_at__lt=at - KeptAnswer.KEPT_FOR).delete()
        try:
            with transaction.atomic():
                return self.create(user=user, key=key, asked=asked, made_at=at), True
        except IntegrityError:
            return mine.get(), False

    def expired(self, at=None):
        return self.filter(made_at__lt=(at or timezone.now()) - KeptAnswer.KEPT_FOR)


class KeptAnswer(models.Model):
    """What was answered to a request with an ``Idempotency-Key``, for the case that it is sent once more."""

    KEPT_FOR = timedelta(hours=24)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)  # SHA-256 of address and body
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    etag = models.CharField(max_length=40, blank=True)
    location = models.CharField(max_length=500, blank=True, db_default="")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="one_kept_answer_per_key")]

    def __str__(self):
        return self.key
