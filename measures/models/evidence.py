"""What measures rest on in figures: indicators with values, and resources with their state."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.models import CouncilPaper, Sourced, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition


class Indicator(StrategyBound, Sourced):
    """A figure of a measure, or of the whole strategy."""

    measure = models.ForeignKey(
        "measures.Measure",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("measure"),
    )
    name = models.CharField(_("name"), max_length=200)
    definition = models.TextField(_("definition"), blank=True)
    unit = models.CharField(_("unit"), max_length=60)
    target = models.DecimalField(_("target"), max_digits=16, decimal_places=4, null=True, blank=True)
    target_year = models.PositiveSmallIntegerField(_("target year"), null=True, blank=True)

    changes = changes()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["measure", "pk"]

    def __str__(self):
        return self.name


class IndicatorValue(StrategyBound, Sourced):
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

    changes = changes()

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = [models.F("as_of").asc(nulls_first=True), "pk"]

    def __str__(self):
        return f"{self.indicator}: {self.value}"


class ResourceRequest(Workflow, StrategyBound, Sourced):
    """Positions or funds a measure needs in a budget year, from noted to granted or refused."""

    class State(models.TextChoices):
        NOTED = "noted", _("noted")
        REGISTERED = "registered", _("registered")
        GRANTED = "granted", _("granted")
        PARTLY_GRANTED = "partly_granted", _("partly granted")
        REFUSED = "refused", _("refused")

    class Kind(models.TextChoices):
        POSITIONS = "positions", _("Positions (full-time equivalents)")
        OPERATING = "operating", _("Operating budget (€)")
        CAPITAL = "capital", _("Capital budget (€)")

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="resource_requests")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("budget year"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    granted_amount = models.DecimalField(_("granted"), max_digits=14, decimal_places=2, null=True, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.NOTED)
    council_paper = models.ForeignKey(CouncilPaper, models.PROTECT, null=True, blank=True, related_name="+")

    changes = changes()

    class Meta:
        verbose_name = _("resource request")
        verbose_name_plural = _("resource requests")
        ordering = ["kind", "year", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="resources_are_not_negative"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["granted", "partly_granted", "refused"])
                | models.Q(council_paper__isnull=False),
                name="answered_resources_name_the_paper",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.year}"

    def lock_first(self):
        return (self.measure,)

    @transition(State.NOTED, to=State.REGISTERED)
    def register(self, *, by, reason=""):
        """Registered for the budget."""

    @transition(State.REGISTERED, to=State.GRANTED)
    def grant(self, *, by, council_paper, reason=""):
        self.council_paper, self.granted_amount = council_paper, self.amount

    @transition(State.REGISTERED, to=State.PARTLY_GRANTED)
    def grant_partly(self, *, by, council_paper, granted_amount, reason=""):
        if not 0 < granted_amount < self.amount:
            raise RuleViolation({"granted_amount": _("More than nothing and less than what was registered.")})
        self.council_paper, self.granted_amount = council_paper, granted_amount

    @transition(State.REGISTERED, to=State.REFUSED)
    def refuse(self, *, by, council_paper, reason=""):
        self.council_paper, self.granted_amount = council_paper, 0
