"""Who was asked, who has answered what, and what this actor may read of it and do with it."""

from itertools import groupby

from django.utils import timezone

from measures.models import ReviewResponse, ReviewSlot, TextVersion

from .texts import text_changes


def my_slots(actor):
    return ReviewSlot.objects.answerable_by(actor).select_related("unit")


def reviews_with_answers(actor, reviews):
    """The reviews with ``slots_shown``: each slot with what this actor may see of it and do with it.

    A slot gets ``answers`` (newest first, earlier ones kept), ``is_answered`` and ``is_mine``.
    """
    reviews = list(reviews)
    slots = list(ReviewSlot.objects.filter(review__in=reviews).select_related("unit").order_by("review", "pk"))
    mine = set(my_slots(actor).filter(review__in=reviews).values_list("pk", flat=True))
    seen = ReviewResponse.objects.visible_to(actor).filter(slot__in=slots)
    answers = {pk: list(rows) for pk, rows in groupby(_in_order(seen), key=lambda row: row.slot_id)}
    for slot in slots:
        slot.answers = answers.get(slot.pk, [])
        slot.current = next((row for row in slot.answers if row.state != ReviewResponse.State.REPLACED), None)
        slot.earlier = [row for row in slot.answers if row is not slot.current]
        slot.is_answered = slot.state == ReviewSlot.State.ANSWERED
        slot.is_mine = slot.pk in mine
    for review in reviews:
        review.slots_shown = [slot for slot in slots if slot.review_id == review.pk]
        review.answered = sum(slot.is_answered for slot in review.slots_shown)
        review.overdue = review.is_overdue()
        for slot in review.slots_shown:
            _offer_steps(slot, review, actor)
    return reviews


def _in_order(responses):
    people = responses.select_related("given_by", "in_place_of", "slot__unit", "slot__review__measure")
    return people.prefetch_related("conditions").order_by("slot", "-given_at", "-pk")


def texts_since(reviews, measure):
    """Mark each review with ``is_on_proposal``, and with ``since``: what has changed from its text to today's."""
    for review in reviews:
        review.is_on_proposal = review.text_version.state in TextVersion.OPEN
        review.since = [] if review.is_on_proposal else text_changes(review.text_version, measure)
    return reviews


def _offer_steps(slot, review, actor):
    slot.review = review
    slot.may_remind = review.is_open and slot.may("remind", actor) and slot.reminded_on != timezone.localdate()
    current = slot.current
    stands = current is not None and current.is_unsettled and review.is_open
    slot.may_settle = stands and current.may("settle", actor)
    slot.conditions = list(current.conditions.all()) if current else []
    for condition in slot.conditions:
        condition.may_meet = condition.may("meet", actor)
        condition.may_schedule = condition.may("schedule", actor)
        condition.is_late = condition.is_overdue()
