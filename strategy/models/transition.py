from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .bound import StrategyBound


class TransitionQuerySet(models.QuerySet):
    def of(self, *rows):
        """The steps of these rows, all of one kind."""
        if not rows:
            return self.none()
        return self.filter(
            content_type=ContentType.objects.get_for_model(rows[0]), object_id__in=[str(row.pk) for row in rows]
        )

    def moments(self):
        """{id as written: moment} of the last of these steps of each object, in their order."""
        return dict(self.values_list("object_id", "at"))


class Transition(StrategyBound):
    """A step somebody took: who, when, from where to where, why. Never changed, outlives its object."""

    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.CharField(max_length=40)
    object = GenericForeignKey()
    label = models.CharField(_("object"), max_length=300)
    verb = models.CharField(_("step"), max_length=40)
    before = models.CharField(_("from"), max_length=30)
    after = models.CharField(_("to"), max_length=30, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("person"),
    )
    membership = models.ForeignKey("strategy.Membership", models.SET_NULL, null=True, related_name="+")
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("in place of"),
    )
    role = models.CharField(_("role"), max_length=30, blank=True)

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="transition_of_object")]

    def __str__(self):
        return f"{self.label}: {self.verb}"
