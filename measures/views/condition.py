"""Conditions of units that have agreed, until they are met."""

from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.forms.review import MeetForm, ScheduleForm
from measures.models import Condition
from strategy.as_of import past_day

from .past import of_any_day
from .review_step import ReviewStep
from .step import Words

SHOWN_WITH_REVIEWS = 5
ROWS_ON_A_PAGE = 50


def conditions_to_be_met(request, page=1, rows=SHOWN_WITH_REVIEWS):
    """A page of those still open, the overdue ones first, each with what this person may do."""
    open_ones = Condition.objects.visible_to(request.actor).to_be_met().of_review()
    of_strategy = open_ones.filter(response__slot__review__measure__strategy=request.strategy)
    in_order = of_strategy.order_by(F("due_on").asc(nulls_last=True), "response__given_at", "pk")
    found = Paginator(in_order, rows).get_page(page)
    for condition in found:
        condition.is_late = condition.is_overdue()
        condition.may_schedule = not past_day() and condition.may("schedule", request.actor)
        condition.may_meet = not past_day() and condition.may("meet", request.actor)
    return found


@require_safe
@of_any_day()
def condition_list(request, strategy):
    """All conditions still to be met, today or on a past day."""
    page = conditions_to_be_met(request, request.GET.get("page"), ROWS_ON_A_PAGE)
    return render(request, "measures/review/conditions.html", {"page": page})


class ConditionStep(ReviewStep):
    """A step of a condition; leads back to its review."""

    template_name = "measures/review/condition_step.html"

    def get_subject(self):
        conditions = Condition.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        return get_object_or_404(conditions.of_review(), pk=self.kwargs["pk"])

    def get_review(self):
        return self.subject.response.slot.review


class ScheduleCondition(ConditionStep):
    verb = "schedule"
    form_class = ScheduleForm
    words = {
        "schedule": Words(
            _("Say by when a condition is to be met"),
            _("Set deadline"),
            _("Deadline set; the unit has been told."),
        )
    }


class MeetCondition(ConditionStep):
    verb = "meet"
    form_class = MeetForm
    words = {
        "meet": Words(
            _("Mark a condition as met"),
            _("Mark condition as met"),
            _("Condition met; the unit has been told."),
        )
    }
