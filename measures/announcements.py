"""Who hears of a step, and in which words: the portal's bell and the outbox, within the step's transaction."""

from collections import defaultdict

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from strategy.models import Membership, Notification, Occasion, Role, User
from strategy.models.unit import parents_of, subtree


def members(strategy_id, *roles):
    held = Membership.objects.valid().filter(strategy=strategy_id, role__in=roles)
    return User.objects.filter(pk__in=held.values("user"), is_active=True)


def heads_of(units):
    """The heads of these units and of those above them."""
    if not units:
        return User.objects.none()
    strategy_id = units[0].strategy_id
    parents = parents_of(strategy_id)
    concerned = {root for root in parents if subtree({root}, parents) & {unit.pk for unit in units}}
    held = Membership.objects.valid().filter(strategy=strategy_id, role__in=Role.HEADS, unit__in=concerned)
    return User.objects.filter(pk__in=held.values("user"), is_active=True)


def tell(people, entry, row, subject, *, link, kind=Occasion.NEWS):
    """Tell each of these people once, in their language and the way they have chosen, about this step."""
    people = [person for person in people if person.pk != entry.user_id]
    prefetch_related_objects(people, "mail_preferences")
    held = roles_of(people, entry.strategy_id)
    for person in people:
        with override(person.language):
            words = {"object": str(row), "reason": entry.reason}
            roles = {"roles": ", ".join(map(str, held[person.pk]))}
            Notification.objects.tell(
                person,
                strategy=entry.strategy,
                kind=kind,
                occasion=f"transition:{entry.pk}",
                title=str(subject) % words,
                text=str(_("Reason: %(reason)s")) % words if entry.reason else "",
                reason=str(_("You take part in this strategy as: %(roles)s.")) % roles,
                url=link,
                content_type_id=entry.content_type_id,
                object_id=entry.object_id,
            )


def roles_of(people, strategy_id):
    """{user id: their memberships of today}, in one query."""
    held = defaultdict(list)
    for membership in Membership.objects.valid().filter(strategy=strategy_id, user__in=people).select_related("unit"):
        held[membership.user_id].append(membership)
    return held


def _authors(measure):
    return members(measure.strategy_id, Role.PROJECT_GROUP)


def _steering(measure):
    return members(measure.strategy_id, Role.STEERING_TEAM)


def _asked(measure):
    return heads_of(measure.units_concerned()) | members(measure.strategy_id, Role.STAFF_COUNCIL)


def _lead(measure):
    return heads_of([measure.lead_unit]) if measure.lead_unit_id else User.objects.none()


REQUESTS = {"submit", "amend", "agree"}  # steps after which it is the turn of those who are told
MEASURE_STEPS = {
    "submit": (_asked, _("Please give your statement: %(object)s")),
    "amend": (_asked, _("Please give your statement on an amendment: %(object)s")),
    "send_back": (_authors, _("Sent back: %(object)s")),
    "agree": (_steering, _("Ready to be decided: %(object)s")),
    "decide": (_lead, _("Decided: %(object)s")),
    "pause": (_lead, _("Paused: %(object)s")),
    "resume": (_lead, _("Resumed: %(object)s")),
    "drop": (_lead, _("Dropped: %(object)s")),
}


def announce_measure(measure, entry):
    if entry.verb not in MEASURE_STEPS:
        return
    recipients, subject = MEASURE_STEPS[entry.verb]
    kind = Occasion.REQUEST if entry.verb in REQUESTS else Occasion.NEWS
    tell(recipients(measure), entry, measure, subject, link=measure.get_absolute_url(), kind=kind)


def announce_response(slot, entry):
    """An objection has to be settled: the steering team hears of it."""
    answer = slot.answer()
    if answer and answer.is_unsettled:
        measure = slot.review.measure
        tell(
            _steering(measure),
            entry,
            measure,
            _("Objection to settle: %(object)s"),
            link=measure.get_absolute_url(),
            kind=Occasion.REQUEST,
        )


def announce_settlement(response, entry):
    review = response.slot.review
    tell(
        _of_slot(response.slot),
        entry,
        review.measure,
        _("Your objection has been settled: %(object)s"),
        link=review.get_absolute_url(),
    )


def announce_condition(condition, entry):
    slot = condition.response.slot
    tell(
        _of_slot(slot),
        entry,
        slot.review.measure,
        _("Your condition has been met: %(object)s"),
        link=slot.review.get_absolute_url(),
    )


def _of_slot(slot):
    return heads_of([slot.unit]) if slot.unit_id else members(slot.strategy_id, Role.STAFF_COUNCIL)
