from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.models import Light, Sourced, StrategyBound


class StatusUpdateQuerySet(models.QuerySet):
    def report(self, measure, *, by, light, progress, text, next_steps):
        """Write the update and carry light, progress and day over to the measure (which the caller saves)."""
        update = self.model(
            measure=measure,
            light=light,
            progress=progress,
            text=text,
            next_steps=next_steps,
            reported_by=by.user,
            in_place_of=by.in_place_of,
        )
        update.save()
        measure.light, measure.progress, measure.status_on = (
            light,
            progress,
            update.reported_on,
        )
        return update


class StatusUpdate(StrategyBound, Sourced):
    """How a measure stood on a day; never changed."""

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="status_updates")
    light = models.ForeignKey(Light, models.PROTECT, related_name="+", verbose_name=_("light"))
    progress = models.PositiveSmallIntegerField(_("progress"), validators=[MaxValueValidator(100)])
    text = models.TextField(_("status"), blank=True, max_length=2000)
    next_steps = models.TextField(_("next steps"), blank=True, max_length=1000)
    reported_on = models.DateField(_("reported on"), default=timezone.localdate)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = StatusUpdateQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("status update")
        verbose_name_plural = _("status updates")
        ordering = ["-reported_on", "-pk"]
        get_latest_by = ["reported_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(progress__lte=100),
                name="reported_progress_is_a_percentage",
            )
        ]

    def __str__(self):
        return f"{self.measure.code}, {self.reported_on:%d.%m.%Y}"


class BaselineQuerySet(models.QuerySet):
    def take(self, measure, kind):
        """Keep the plan as it is now: dates, stage and milestones."""
        return self.create(
            measure=measure,
            strategy_id=measure.strategy_id,
            kind=kind,
            plan=plan_of(measure),
        )


class Baseline(StrategyBound):
    """The plan of a measure as decided, or as of a final report; never changed."""

    class Kind(models.TextChoices):
        DECIDED = "decided", _("as decided")
        REPORT = "report", _("as of a final report")

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="baselines")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    taken_on = models.DateField(default=timezone.localdate)
    plan = models.JSONField()

    objects = BaselineQuerySet.as_manager()

    class Meta:
        ordering = ["taken_on", "pk"]


def plan_of(measure):
    """What a baseline keeps of a measure, as plain data with ISO dates."""

    def iso(day):
        return day.isoformat() if day else None

    return {
        "starts_on": iso(measure.starts_on),
        "ends_on": iso(measure.ends_on),
        "stage": measure.stage.number if measure.stage_id else None,
        "milestones": [
            {
                "id": milestone.pk,
                "title": milestone.title,
                "due_on": iso(milestone.due_on),
            }
            for milestone in measure.milestones.all()
        ],
    }
