from django.conf import settings
from django.db import IntegrityError, models, transaction


class SubmittedFormManager(models.Manager):
    def redeem(self, token, user):
        """Use up a form's token: the new row, or nothing where the form has been sent before.

        Of two clicks at once the second waits for the first one's transaction and then gets nothing.
        """
        try:
            with transaction.atomic():
                return self.create(token=token, user=user)
        except IntegrityError:
            return None


class SubmittedForm(models.Model):
    """A form that has been sent once and leads to what it made: a second click makes nothing new."""

    token = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    location = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = SubmittedFormManager()

    def __str__(self):
        return str(self.token)
