from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.models import Role, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition


class StaffParticipationQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """All who take part see that it runs; the council's words once it has stated them."""
        return self.filter(
            strategy__in=actor.strategies(*Role.TAKING_PART),
            measure__submitted_on__isnull=False,
        ) | self.filter(strategy__in=actor.strategies(Role.PROJECT_GROUP))

    def start(self, measure, *, by, kind, informed_on):
        """Open the formal participation on a measure handed over; its clock starts when fully informed.

        Raises PermissionDenied and RuleViolation.
        """
        participation = self.model(
            measure=measure,
            strategy_id=measure.strategy_id,
            kind=kind,
            informed_on=informed_on,
            due_on=informed_on + timedelta(days=measure.strategy.formal_participation_days),
        )
        if not by.has_perm("measures.add_staffparticipation", participation):
            raise PermissionDenied("measures.add_staffparticipation")
        if measure.submitted_on is None:
            raise RuleViolation(_("The staff council does not see a draft; please submit the measure first."))
        participation._changed_by = by
        participation.save()
        return participation


class StaffParticipation(Workflow, StrategyBound):
    """Formal participation of the staff council; blocks nothing by itself, and draws no consequence of the law."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        STATED = "stated", _("stated")
        CONCLUDED = "concluded", _("concluded")

    class Kind(models.TextChoices):
        CODETERMINATION = "codetermination", _("Co-determination, LPVG §§ 74/75")
        COOPERATION = "cooperation", _("Cooperation, LPVG § 81")
        HEARING = "hearing", _("Hearing, LPVG § 87")

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="staff_participations")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    informed_on = models.DateField(_("fully informed on"))
    due_on = models.DateField(_("due on"))
    statement = models.TextField(_("statement"), blank=True, max_length=5000)
    stated_on = models.DateField(_("stated on"), null=True)
    outcome = models.TextField(_("outcome"), blank=True, max_length=2000)
    concluded_on = models.DateField(_("concluded on"), null=True)

    objects = StaffParticipationQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("formal participation")
        verbose_name_plural = _("formal participations")
        ordering = ["-informed_on", "-pk"]

    def __str__(self):
        return f"{self.measure.code}: {self.get_kind_display()}"

    def lock_first(self):
        return (self.measure,)

    def is_overdue(self, on=None):
        return self.state == self.State.OPEN and self.due_on < (on or timezone.localdate())

    @transition(State.OPEN, State.STATED, to=State.STATED)
    def state_view(self, *, by, text, reason=""):
        """The council states its view; changeable until the outcome is recorded."""
        if not text.strip():
            raise RuleViolation({"text": _("Please write the statement.")})
        self.statement, self.stated_on = text, timezone.localdate()

    @transition(State.OPEN, State.STATED, to=State.CONCLUDED, reason=True)
    def conclude(self, *, by, reason):
        """Record the outcome; silence is recorded as silence."""
        self.outcome, self.concluded_on = reason, timezone.localdate()
