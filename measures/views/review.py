"""Reviews: who is asked on which text, what was answered, and what follows from it."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measures.exchange.lists import review_sheet
from measures.exchange.writer import file_of
from measures.models import Review, ReviewSlot
from strategy.as_of import past_day

from .amendment import amendments_under_way
from .condition import conditions_to_be_met
from .participation import participations_concluded, participations_under_way
from .past import of_any_day
from .statements import my_slots, reviews_with_answers, texts_since
from .texts import text_changes

CLOSED_PER_PAGE = 25


@require_safe
@of_any_day()
def review_list(request, strategy):
    """What is open with its deadline, what waits for me first; below what is closed. On a past day nothing waits."""
    reviews = Review.objects.visible_to(request.actor).filter(strategy=request.strategy).for_list()
    if "export" in request.GET:
        return exported(request, reviews)
    mine = {} if past_day() else slots_waiting(request)
    running = list(reviews.open().order_by("due_on", "pk"))
    for review in running:
        review.my_slot = mine.get(review.pk)
        _count_answers(review)
    running.sort(key=lambda review: review.my_slot is None or review.my_slot.state != ReviewSlot.State.OPEN)
    closed = Paginator(reviews.exclude(state=Review.State.OPEN), CLOSED_PER_PAGE).get_page(request.GET.get("page"))
    for review in closed:
        _count_answers(review)
    context = {
        "running": running,
        "waiting": sum(review.my_slot is not None and review.my_slot.state == "open" for review in running),
        "closed": closed,
        "amendments": amendments_under_way(request),
        "conditions": conditions_to_be_met(request),
        "participations": participations_under_way(request),
        "concluded": participations_concluded(request).count(),
    }
    return render(request, "measures/review/list.html", context)


def exported(request, reviews):
    rows = list(reviews)
    for review in rows:
        _count_answers(review)
    return file_of(request.GET["export"], _("reviews"), [review_sheet(rows)])


def slots_waiting(request):
    """{review: my slot}; of several slots of one person the unanswered one: it comes last and wins."""
    slots = my_slots(request.actor).filter(strategy=request.strategy).order_by("state", "-pk")
    return {slot.review_id: slot for slot in slots}


def _count_answers(review):
    slots = review.slots.all()
    review.asked, review.answered = len(slots), sum(slot.state == ReviewSlot.State.ANSWERED for slot in slots)


@require_safe
def review(request, strategy, pk):
    """One review: the text it is about, who has answered, the statements this person may read."""
    reviews = Review.objects.visible_to(request.actor).filter(strategy=request.strategy)
    row = get_object_or_404(reviews.for_list(), pk=pk)
    shown = reviews_with_answers(request.actor, [row])[0]
    measure, version = row.measure, row.text_version
    texts_since([shown], measure)
    context = {
        "review": shown,
        "measure": measure,
        "version": version,
        "is_amendment": measure.text_versions.amendments().filter(pk=version.pk).exists(),
        "changes": text_changes(measure, version) if shown.is_on_proposal else [],
        "may": {
            "agree": row.is_open and (measure.may("agree", request.actor) or version.may("agree", request.actor)),
            "remind": any(slot.may_remind for slot in shown.slots_shown),
            "extend": row.may("extend", request.actor),
            "withdraw": row.may("withdraw", request.actor),
        },
    }
    return render(request, "measures/review/review.html", context)
