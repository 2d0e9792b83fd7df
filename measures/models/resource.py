"""Positions and funds that measures need, by budget year."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.models import CouncilPaper
from strategy.workflow import RuleViolation, Workflow, transition

from .measure import Measure
from .typed import Typed

YEARS_OF_A_BUDGET = 2  # Stuttgart decides for two years at once, beginning with an even one


def budget_of(year) -> int:
    """The first year of the double budget a year belongs to."""
    return year - year % YEARS_OF_A_BUDGET


def budget_years(first) -> tuple[int, ...]:
    """All years of the double budget that begins with this one."""
    return tuple(range(first, first + YEARS_OF_A_BUDGET))


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


class Term(models.TextChoices):
    NOT_STATED = "", _("not stated")
    PERMANENT = "permanent", _("permanent")
    FIXED = "fixed", _("fixed-term")


class ResourceRequestQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """With the measure."""
        return self.filter(measure__in=Measure.objects.visible_to(actor))

    def for_list(self):
        return self.select_related("measure__strategy", "measure__field", "measure__stage", "council_paper")


class ResourceRequest(Workflow, Typed):
    """Positions or funds a measure needs in a budget year, from noted to granted or refused."""

    State, Kind, Term = State, Kind, Term
    ANSWERED = (State.GRANTED, State.PARTLY_GRANTED, State.REFUSED)

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="resource_requests")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("budget year"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    granted_amount = models.DecimalField(_("granted"), max_digits=14, decimal_places=2, null=True, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.NOTED)
    council_paper = models.ForeignKey(
        CouncilPaper, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("council paper")
    )
    term = models.CharField(_("term of the positions"), max_length=9, choices=Term.choices, blank=True)
    until = models.DateField(_("positions end on"), null=True, blank=True)
    pay_grade = models.CharField(_("pay grade"), max_length=60, blank=True)
    purpose = models.CharField(_("needed for"), max_length=300, blank=True)

    objects = ResourceRequestQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("resource request")
        verbose_name_plural = _("resource requests")
        ordering = ["kind", "year", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="resources_are_not_negative"),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "partly_granted", "refused"]) | Q(council_paper__isnull=False),
                name="answered_resources_name_the_paper",
            ),
            models.CheckConstraint(
                condition=Q(granted_amount=None) | Q(granted_amount__gte=0, granted_amount__lte=F("amount")),
                name="no_more_is_granted_than_was_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(kind="positions") | Q(term="", until=None, pay_grade=""),
                name="only_positions_have_a_term_and_a_pay_grade",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(term="fixed"), name="only_fixed_term_positions_have_an_end"
            ),
        ]
        indexes = [models.Index(fields=["strategy", "year", "kind"], name="resource_by_year")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.year}"

    def get_absolute_url(self):
        return reverse("measures:resource", args=[self.measure.strategy.slug, self.measure.code, self.pk])

    @property
    def budget(self):
        return budget_of(self.year)

    @property
    def is_positions(self):
        return self.kind == Kind.POSITIONS

    def lock_first(self):
        return (self.measure,)

    def check_editable(self):
        if self.state != State.NOTED:
            raise RuleViolation(_("This request has been registered and is no longer edited."))
        if self.measure.is_ended:
            raise RuleViolation(_("This measure has ended and is no longer edited."))

    def check_values(self):
        if not self.is_positions:
            for name in ("term", "until", "pay_grade"):
                if getattr(self, name):
                    raise RuleViolation({name: _("Only positions have this; please leave it empty.")})
        if self.until and self.term != Term.FIXED:
            raise RuleViolation({"until": _("Only fixed-term positions have an end.")})

    @transition(State.NOTED, to=State.REGISTERED)
    def register(self, *, by, reason=""):
        """Registered for the budget."""

    @transition(State.NOTED)
    def discard(self, *, by, reason=""):
        """Deleted; this step and its row of ``changes`` remain."""
        self.delete()

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
