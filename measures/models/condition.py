"""What units have asked for when they agreed, tracked until it is met."""

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures import announcements
from strategy.as_of import today
from strategy.changes import changes
from strategy.models import StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition

from .review import Review, ReviewResponse


class ConditionQuerySet(models.QuerySet):
    def visible_to(self, actor):
        seen = ReviewResponse.objects.visible_to(actor)
        return self.filter(Exists(seen.filter(pk=OuterRef("response"))))

    def to_be_met(self):
        """Open, of a statement that counts, on a question that was not taken back, for a measure that goes on."""
        return (
            self.filter(state=Condition.State.OPEN)
            .exclude(response__state=ReviewResponse.State.REPLACED)
            .exclude(response__slot__review__state=Review.State.WITHDRAWN)
            .exclude(response__slot__review__measure__state="dropped")
        )

    def of_review(self):
        return self.select_related(
            "response__slot__unit", "response__slot__review__measure__strategy", "response__slot__review__text_version"
        )


class Condition(Workflow, StrategyBound):
    """What a unit asked for when it agreed; tracked until it is met."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        MET = "met", _("met")

    response = models.ForeignKey(ReviewResponse, models.CASCADE, related_name="conditions")
    text = models.TextField(_("condition"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    due_on = models.DateField(_("to be met by"), null=True)
    met_on = models.DateField(_("met on"), null=True)
    how = models.TextField(_("how it was met"), blank=True)

    objects = ConditionQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["pk"]

    def __str__(self):
        return self.text[:80]

    def lock_first(self):
        slot = self.response.slot
        return (slot.review.measure, slot.review, self.response)

    def is_overdue(self, on=None):
        return self.state == self.State.OPEN and self.due_on is not None and self.due_on < (on or today())

    @transition(State.OPEN)
    def schedule(self, *, by, due_on, reason=""):
        """Say by when it is to be met; the unit is told."""
        if due_on < timezone.localdate():
            raise RuleViolation({"due_on": _("This day has passed; please give one that is still ahead.")})
        self.due_on = due_on

    @transition(State.OPEN, to=State.MET, reason=True)
    def meet(self, *, by, reason):
        """Say in a sentence how the condition has been met; the unit is told."""
        self.met_on = timezone.localdate()
        self.how = reason

    def announce(self, entry):
        announcements.announce_condition(self, entry)
