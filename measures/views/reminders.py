"""Who has been reminded of what an object of the work asks for, and who will be: one view a kind, one page for all."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measures.models import Condition, Milestone, Review, ReviewResponse, ReviewSlot, StaffParticipation, TextVersion
from strategy.views.reminders import reminder_log

from .history import address, to_measure
from .need import need_of
from .ranking import ranking_of
from .step import measure_of


@require_safe
def measure_reminders(request, strategy, code):
    measure = measure_of(request, code)
    below = (
        Milestone.objects.filter(measure=measure),
        Review.objects.filter(measure=measure),
        ReviewSlot.objects.filter(review__measure=measure),
        ReviewResponse.objects.filter(slot__review__measure=measure),
        Condition.objects.filter(response__slot__review__measure=measure),
        StaffParticipation.objects.filter(measure=measure),
        TextVersion.objects.filter(measure=measure),
    )
    return reminder_log(request, measure, to_measure(request, measure), *below)


@require_safe
def need_reminders(request, strategy, pk):
    need = need_of(request, pk)
    return reminder_log(request, need, [(_("Needs"), address(request, "needs")), (need, need.get_absolute_url())])


@require_safe
def ranking_reminders(request, strategy, pk):
    ranking = ranking_of(request, pk)
    crumbs = [(_("Prioritisation"), address(request, "rankings")), (ranking, ranking.get_absolute_url())]
    return reminder_log(request, ranking, crumbs)
