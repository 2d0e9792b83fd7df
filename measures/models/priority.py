from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.as_of import today
from strategy.models import CouncilPaper, Priority, Role, StrategyBound


class PriorityDecisionQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """With the measure; who looks on sees none from before the measure was decided."""
        takes_part = models.Q(
            strategy__in=actor.strategies(*Role.TAKING_PART),
            measure__submitted_on__isnull=False,
        )
        writes = models.Q(strategy__in=actor.strategies(Role.PROJECT_GROUP))
        looks_on = models.Q(
            strategy__in=actor.strategies(*Role.LOOKING_ON),
            decided_on__gte=models.F("measure__decided_on"),
        )
        return self.filter(writes | takes_part | looks_on)

    def on(self, measure):
        """Those on a measure; on a past day, those that had been made by then."""
        return self.filter(measure=measure, decided_on__lte=today()).select_related("priority", "council_paper")


class PriorityDecision(StrategyBound):
    """A priority the steering team set, with its reason; never changed."""

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="priority_decisions")
    priority = models.ForeignKey(Priority, models.PROTECT, related_name="+", verbose_name=_("priority"))
    reason = models.TextField(_("reason"))
    council_paper = models.ForeignKey(
        CouncilPaper,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("council paper"),
    )
    round_measure = models.ForeignKey(
        "measures.RoundMeasure",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="priority_decisions",
        verbose_name=_("proposal it stood beside"),
    )
    decided_on = models.DateField(_("decided on"), default=timezone.localdate)

    objects = PriorityDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("priority decision")
        verbose_name_plural = _("priority decisions")
        ordering = ["-decided_on", "-pk"]

    def __str__(self):
        return f"{self.measure.code}: {self.priority}"
