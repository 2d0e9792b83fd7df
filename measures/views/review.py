"""Reviews: who is asked on which text, what was answered, and what follows from it."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.forms.review import MeetForm, RespondForm, SettleForm
from measures.models import Condition, Review, ReviewResponse, ReviewSlot

from .amendment import text_changes
from .participation import participations_concluded, participations_under_way
from .statements import my_slots, reviews_with_answers
from .step import Step, Words

CLOSED_PER_PAGE = 25


@require_safe
def review_list(request, strategy):
    """What is open with its deadline, what waits for me first; below what is closed."""
    reviews = Review.objects.visible_to(request.actor).filter(strategy=request.strategy).for_list()
    # of several slots of one person the unanswered one: it comes last and wins
    slots = my_slots(request.actor).filter(strategy=request.strategy).order_by("state", "-pk")
    mine = {slot.review_id: slot for slot in slots}
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
        "participations": participations_under_way(request),
        "concluded": participations_concluded(request).count(),
    }
    return render(request, "measures/review/list.html", context)


def _count_answers(review):
    slots = review.slots.all()
    review.asked, review.answered = len(slots), sum(slot.state == ReviewSlot.State.ANSWERED for slot in slots)


@require_safe
def review(request, strategy, pk):
    """One review: the text it is about, who has answered, the statements this person may read."""
    reviews = Review.objects.visible_to(request.actor).filter(strategy=request.strategy)
    row = get_object_or_404(reviews.for_list(), pk=pk)
    shown = reviews_with_answers(request.actor, [row])[0]
    measure = row.measure
    context = {
        "review": shown,
        "measure": measure,
        "version": row.text_version,
        "is_amendment": measure.text_versions.amendments().filter(pk=row.text_version_id).exists(),
        "may_agree": row.is_open and measure.may("agree", request.actor),
    }
    return render(request, "measures/review/review.html", context)


class ReviewStep(Step):
    """A step within a review; leads back to it."""

    def get_review(self):
        raise NotImplementedError

    def get_back_url(self):
        if self.subject is None or not self.request.actor.has_perm("measures.view_review", self.get_review()):
            return self.get_list_url()
        return self.get_review().get_absolute_url()

    def get_label(self):
        return str(self.get_review().measure)

    def get_list_url(self):
        return reverse("measures:reviews", args=[self.request.strategy.slug])

    def get_context_data(self, **context):
        review = self.get_review()
        return super().get_context_data(
            review=review, measure=review.measure, version=review.text_version, list_url=self.get_list_url(), **context
        )


class Respond(ReviewStep):
    verb = "respond"
    form_class = RespondForm
    template_name = "measures/review/respond.html"
    words = {
        "respond": Words(
            _("Give your statement on %(object)s"),
            _("Give statement"),
            _("Statement given. You can change it until the review is closed."),
        )
    }

    def get_subject(self):
        slots = ReviewSlot.objects.filter(
            strategy=self.request.strategy, review__in=Review.objects.visible_to(self.request.actor)
        )
        return get_object_or_404(
            slots.select_related(
                "unit",
                "review__measure__strategy",
                "review__text_version__field",
                "review__text_version__stage",
                "review__text_version__lead_unit",
            ),
            pk=self.kwargs["pk"],
        )

    def get_review(self):
        return self.subject.review

    def is_possible(self):
        return super().is_possible() and self.subject.review.is_open

    def why_not(self):
        return _("This review is closed; statements can no longer be given.")

    def get_context_data(self, **context):
        answers = self.subject.responses.select_related("given_by", "in_place_of")
        version = self.subject.review.text_version
        before = version.amended_text()
        changes = text_changes(before, version) if before else []
        return super().get_context_data(slot=self.subject, answers=answers, changes=changes, **context)


class Settle(ReviewStep):
    verb = "settle"
    form_class = SettleForm
    template_name = "measures/review/settle.html"
    words = {
        "settle": Words(
            _("Settle an objection to %(object)s"),
            _("Settle objection"),
            _("Objection settled; those who raised it have been told."),
        )
    }

    def get_subject(self):
        responses = ReviewResponse.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        return get_object_or_404(
            responses.select_related("slot__unit", "slot__review__measure__strategy", "slot__review__text_version"),
            pk=self.kwargs["pk"],
        )

    def get_review(self):
        return self.subject.slot.review

    def is_possible(self):
        return self.subject.is_unsettled and self.get_review().is_open

    def why_not(self):
        return _("Only an objection that still stands in an open review can be settled.")


class MeetCondition(ReviewStep):
    verb = "meet"
    form_class = MeetForm
    template_name = "measures/review/meet.html"
    words = {
        "meet": Words(
            _("Mark a condition as met"),
            _("Mark condition as met"),
            _("Condition met; the unit has been told."),
        )
    }

    def get_subject(self):
        conditions = Condition.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        return get_object_or_404(
            conditions.select_related(
                "response__slot__unit",
                "response__slot__review__measure__strategy",
                "response__slot__review__text_version",
            ),
            pk=self.kwargs["pk"],
        )

    def get_review(self):
        return self.subject.response.slot.review
