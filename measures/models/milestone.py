from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.as_of import today
from strategy.changes import changes
from strategy.models import DatePrecision, Sourced, StrategyBound


class MilestoneQuerySet(models.QuerySet):
    def open(self):
        return self.filter(reached_on__isnull=True)

    def overdue(self, on=None):
        return self.open().filter(due_on__lt=on or today())


class Milestone(StrategyBound, Sourced):
    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="milestones")
    title = models.CharField(_("milestone"), max_length=300)
    due_on = models.DateField(_("due on"))
    date_precision = models.CharField(
        _("exact to the"),
        max_length=5,
        choices=DatePrecision.choices,
        default=DatePrecision.DAY,
    )
    reached_on = models.DateField(_("reached on"), null=True, blank=True)

    objects = MilestoneQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on", "pk"]

    def __str__(self):
        return self.title

    @property
    def is_reached(self):
        return self.reached_on is not None

    def is_overdue(self, on=None):
        return not self.is_reached and self.due_on < (on or today())
