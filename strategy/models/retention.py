"""How long what is about people is kept: days, kind by kind, as the strategy's administration has set them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import StrategyBound


class RetentionPeriod(StrategyBound):
    """A period that differs from the one the kind begins with (``strategy.retention``)."""

    TEN_YEARS = 3660

    kind = models.CharField(_("kind"), max_length=20)
    days = models.PositiveIntegerField(_("days"), validators=[MinValueValidator(1), MaxValueValidator(TEN_YEARS)])

    changes = changes()

    class Meta:
        verbose_name = _("retention period")
        verbose_name_plural = _("retention periods")
        constraints = [models.UniqueConstraint("strategy", "kind", name="one_retention_period_per_kind")]

    def __str__(self):
        return f"{self.kind}: {self.days}"
