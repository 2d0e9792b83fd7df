"""Who has been reminded of what a measure asks for, and who will be."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.shortcuts import render
from django.views.decorators.http import require_safe

from measures.models import Condition, Milestone, Review, ReviewResponse, ReviewSlot, StaffParticipation, TextVersion
from strategy.models import Reminder

from .step import measure_of

REMINDERS_ON_A_PAGE = 50


@require_safe
def measure_reminders(request, strategy, code):
    measure = measure_of(request, code)
    if not request.actor.has_perm("strategy.view_dispatch", measure):
        raise PermissionDenied("strategy.view_dispatch")
    rows = reminders_about(measure).with_functions(request.strategy).order_by("-send_on", "-pk")
    page = Paginator(rows, REMINDERS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "measures/reminders.html", {"measure": measure, "page": page})


def reminders_about(measure):
    """Those of the measure itself and of everything below it that has a deadline."""
    below = [
        Milestone.objects.filter(measure=measure),
        Review.objects.filter(measure=measure),
        ReviewSlot.objects.filter(review__measure=measure),
        ReviewResponse.objects.filter(slot__review__measure=measure),
        Condition.objects.filter(response__slot__review__measure=measure),
        StaffParticipation.objects.filter(measure=measure),
        TextVersion.objects.filter(measure=measure),
    ]
    about = Q(content_type=ContentType.objects.get_for_model(measure), object_id=str(measure.pk))
    for rows in below:
        keys = rows.order_by().values(key=Cast("pk", CharField()))
        about |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=keys)
    return Reminder.objects.filter(about, strategy=measure.strategy_id)
