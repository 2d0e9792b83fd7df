"""Figures of a measure or of the strategy, with their values."""

from datetime import timedelta

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from strategy.as_of import today
from strategy.changes import changes
from strategy.models import DatePrecision, Role, first_day, last_day
from strategy.workflow import RuleViolation

from .measure import Measure
from .typed import Typed

STALE_AFTER = timedelta(days=548)  # a year and a half: figures of a year come in the next one
FEWEST_PEOPLE = 5  # a value that rests on fewer may tell of one of them


def begun(on, path=""):
    """The condition of values whose day, month or year has begun: what comes later is a forecast."""
    year = Q(**{f"{path}date_precision": DatePrecision.YEAR, f"{path}as_of__lte": last_day(on, DatePrecision.YEAR)})
    month = Q(**{f"{path}date_precision": DatePrecision.MONTH, f"{path}as_of__lte": last_day(on, DatePrecision.MONTH)})
    return Q(**{f"{path}as_of__lte": on}) | year | month


class IndicatorQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """The strategy's own for all its members, a measure's with the measure."""
        members = Q(measure=None, strategy__in=actor.strategies(*Role.TAKING_PART, *Role.LOOKING_ON))
        return self.filter(members | Q(measure__in=Measure.objects.visible_to(actor)))

    def search(self, text):
        """Every word stands somewhere in name, definition, unit, or the code or title of the measure."""
        found = self
        for word in text.split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(definition__icontains=word)
                | Q(unit__icontains=word)
                | Q(measure__code__iexact=word)
                | Q(measure__title__icontains=word)
            )
        return found

    def stale(self, on=None):
        """Whose newest value, forecasts apart, is older than figures of a year may be; without a date nobody knows."""
        long_ago = (on or today()) - STALE_AFTER
        newest = Max("values__as_of", filter=begun(on or today(), "values__"))
        return self.annotate(newest_on=newest).filter(newest_on__lt=long_ago)

    def for_list(self):
        return self.select_related("strategy", "measure__strategy", "measure__field")

    def in_order(self):
        """The strategy's own first, then by field and measure."""
        return self.order_by(F("measure__field__position").asc(nulls_first=True), "measure", "pk")


class Indicator(Typed):
    """A figure of a measure, or of the whole strategy."""

    class Direction(models.TextChoices):
        MORE = "more", _("more is better")
        LESS = "less", _("less is better")
        NEITHER = "", _("neither")

    measure = models.ForeignKey(
        "measures.Measure",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("measure"),
    )
    name = models.CharField(_("name"), max_length=200)
    definition = models.TextField(_("definition"), blank=True, max_length=5000)
    unit = models.CharField(_("unit"), max_length=60)
    decimals = models.PositiveSmallIntegerField(
        _("decimal places"), null=True, blank=True, validators=[MaxValueValidator(4)]
    )
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices, blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=16, decimal_places=4, null=True, blank=True)
    baseline_on = models.DateField(_("date of the baseline"), null=True, blank=True)
    baseline_precision = models.CharField(
        _("date of the baseline is exact to the"),
        max_length=5,
        choices=DatePrecision.choices,
        default=DatePrecision.DAY,
    )
    baseline_people = models.PositiveIntegerField(_("people the baseline rests on"), null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=16, decimal_places=4, null=True, blank=True)
    target_year = models.PositiveSmallIntegerField(_("target year"), null=True, blank=True)

    objects = IndicatorQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["measure", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decimals=None) | Q(decimals__lte=4), name="an_indicator_has_at_most_four_decimals"
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **options):
        """The baseline of a year or a month stands for all of it, and so for its last day."""
        self.baseline_on = self.baseline_on and last_day(self.baseline_on, self.baseline_precision)
        super().save(*args, **options)

    def get_absolute_url(self):
        return reverse("measures:indicator", args=[self.strategy.slug, self.pk])

    def lock_first(self):
        return (self.measure,) if self.measure_id else ()

    def check_values(self):
        if self.baseline is None and (self.baseline_on or self.baseline_people is not None):
            raise RuleViolation({"baseline": _("Please give the value of the baseline.")})
        if self.target is None and self.target_year:
            raise RuleViolation({"target": _("Please give the target that belongs to the year.")})

    def visible_since(self, actor):
        """The moment from which the actor may read the history: the strategy's own tell all of it."""
        return self.measure.visible_since(actor) if self.measure_id else None

    @property
    def has_small_baseline(self):
        return self.baseline_people is not None and self.baseline_people < FEWEST_PEOPLE


class IndicatorValueQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(indicator__in=Indicator.objects.visible_to(actor))


class IndicatorValue(Typed):
    class Qualifier(models.TextChoices):
        EXACT = "", _("exactly")
        ABOUT = "about", _("about")
        OVER = "over", _("over")
        UP_TO = "up_to", _("up to")

    class DatePrecision(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")
        YEAR = "year", _("year")
        UNKNOWN = "unknown", _("not on record")

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="values")
    as_of = models.DateField(_("date"), null=True, blank=True)
    date_precision = models.CharField(max_length=7, choices=DatePrecision.choices, default=DatePrecision.DAY)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)
    qualifier = models.CharField(_("qualifier"), max_length=10, choices=Qualifier.choices, blank=True)
    scope = models.CharField(_("scope"), max_length=200, blank=True)
    people = models.PositiveIntegerField(_("people it rests on"), null=True, blank=True)

    objects = IndicatorValueQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = [models.F("as_of").asc(nulls_first=True), "pk"]

    def __str__(self):
        return f"{self.indicator}: {self.value}"

    def save(self, *args, **options):
        """A figure of a year or a month is known when that is over: it carries its last day."""
        self.as_of = self.as_of and last_day(self.as_of, self.date_precision)
        super().save(*args, **options)

    def get_absolute_url(self):
        return self.indicator.get_absolute_url()

    def lock_first(self):
        return (*self.indicator.lock_first(), self.indicator)

    @property
    def begins_on(self):
        """The first day it tells of."""
        return first_day(self.as_of, self.date_precision)

    @property
    def is_small(self):
        """Whether it rests on so few people that it may tell of one of them."""
        return self.people is not None and self.people < FEWEST_PEOPLE
