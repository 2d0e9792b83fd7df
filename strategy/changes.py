"""History of every change, field by field, with the person and whom they stood for."""

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords


class Change(models.Model):
    """What each row of ``changes`` carries beside the fields and the person."""

    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
    )

    class Meta:
        abstract = True


def changes(**options):
    """The history manager of a model, to be assigned to the attribute ``changes``."""
    return HistoricalRecords(bases=[Change], **options)


def stamp_actor(sender, instance, history_instance, **kwargs):
    """Write person and deputyship of the acting verb, or else of the request, into the row of history."""
    request = getattr(HistoricalRecords.context, "request", None)
    actor = getattr(instance, "_changed_by", None) or getattr(request, "actor", None)
    if actor is None or (actor.user and actor.user.is_anonymous):  # a password is reset before anybody is signed in
        return
    history_instance.history_user = actor.user
    if hasattr(history_instance, "in_place_of_id"):
        history_instance.in_place_of = actor.in_place_of
