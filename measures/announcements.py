"""Who hears of a step, and in which words: the portal's bell and the outbox, within the step's transaction."""

from collections import defaultdict

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from strategy.models import Membership, Notification, Occasion, Role, User
from strategy.models.unit import parents_of, subtree
from strategy.templatetags.portal import shown_date, shown_end


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


def tell(people, entry, row, subject, *, link, act="", kind=Occasion.NEWS, by=None, **more):
    """Tell each of these people once, in their language and the way they have chosen; ``more`` are lazy words.

    ``by`` is the day until which they are asked to act. What has none says ``since`` when it waits.
    """
    people = [person for person in people if person.pk != entry.user_id]
    prefetch_related_objects(people, "mail_preferences")
    held = roles_of(people, entry.strategy_id)
    told = {}
    for person in people:
        with override(person.language):
            since = shown_date(timezone.localdate(entry.at))
            words = {"object": str(row), "reason": entry.reason, "since": since, **more}
            roles = {"roles": ", ".join(map(str, held[person.pk]))}
            told[person] = {
                "title": str(subject) % words,
                "text": str(_("Reason: %(reason)s")) % words if entry.reason else "",
                "reason": str(_("You take part in this strategy as: %(roles)s.")) % roles,
                "act": str(act),
            }
    Notification.objects.tell_each(
        told,
        strategy=entry.strategy,
        kind=kind,
        occasion=f"transition:{entry.pk}",
        url=link,
        due_on=by,
        content_type_id=entry.content_type_id,
        object_id=entry.object_id,
    )


def roles_of(people, strategy_id):
    """{user id: their memberships of today}, in one query."""
    held = defaultdict(list)
    for membership in Membership.objects.valid().filter(strategy=strategy_id, user__in=people).select_related("unit"):
        held[membership.user_id].append(membership)
    return held


def _authors(row):
    return members(row.strategy_id, Role.PROJECT_GROUP)


def _steering(row):
    return members(row.strategy_id, Role.STEERING_TEAM)


def _council(row):
    return members(row.strategy_id, Role.STAFF_COUNCIL)


def _lead(measure):
    return heads_of([measure.lead_unit]) if measure.lead_unit_id else User.objects.none()


REQUEST, NEWS = Occasion.REQUEST, Occasion.NEWS  # whether it is the turn of those who are told
MEASURE_STEPS = {
    "send_back": (_authors, NEWS, _("Sent back: %(object)s")),
    "agree": (_steering, REQUEST, _("To be decided since %(since)s: %(object)s")),
    "decide": (_lead, NEWS, _("Decided: %(object)s")),
    "pause": (_lead, NEWS, _("Paused: %(object)s")),
    "resume": (_lead, NEWS, _("Resumed: %(object)s")),
    "drop": (_lead, NEWS, _("Dropped: %(object)s")),
}


STATEMENTS_WANTED = {
    "submit": _("Please give your statement: %(object)s"),
    "amend": _("Please give your statement on an amendment: %(object)s"),
}
NEWS_OF_A_NEED = {  # what the staff council hears of a measure that came from one of its needs
    "decide": _("Decided, from your need: %(object)s"),
    "start": _("Started, from your need: %(object)s"),
    "complete": _("Completed, from your need: %(object)s"),
    "pause": _("Paused, from your need: %(object)s"),
    "resume": _("Resumed, from your need: %(object)s"),
    "drop": _("Dropped, from your need: %(object)s"),
}


def announce_measure(measure, entry):
    if entry.verb in MEASURE_STEPS:
        recipients, kind, subject = MEASURE_STEPS[entry.verb]
        tell(recipients(measure), entry, measure, subject, link=measure.get_absolute_url(), kind=kind)
    if entry.verb in STATEMENTS_WANTED:
        ask_for_statements(measure, entry, STATEMENTS_WANTED[entry.verb])
    if entry.verb in NEWS_OF_A_NEED and measure.needs.exists():
        tell(_council(measure), entry, measure, NEWS_OF_A_NEED[entry.verb], link=measure.get_absolute_url())


def ask_for_statements(measure, entry, subject):
    """Everyone is led to the form of their place; whoever may answer in several, to the review with all of them."""
    review = measure.reviews.open().get()
    links = {}
    for slot in review.slots.select_related("unit"):
        for person in _of_slots([slot]):
            links[person] = review.get_absolute_url() if person in links else answer_url(slot)
    for link in dict.fromkeys(links.values()):
        people = [person for person, theirs in links.items() if theirs == link]
        tell(people, entry, measure, subject, link=link, act=_("Give statement"), kind=REQUEST, by=review.due_on)


def answer_url(slot):
    return reverse("measures:respond", args=[slot.strategy.slug, slot.pk])


AMENDMENT_STEPS = {
    "agree": (_steering, REQUEST, _("Amendment to be decided since %(since)s: %(object)s")),
    "decide": (_lead, NEWS, _("Amendment in force: %(object)s")),
    "reject": (_authors, NEWS, _("Amendment rejected: %(object)s")),
}


def announce_amendment(version, entry):
    if entry.verb not in AMENDMENT_STEPS:
        return
    recipients, kind, subject = AMENDMENT_STEPS[entry.verb]
    measure = version.measure
    link = reverse("measures:amendment", args=[measure.strategy.slug, measure.code, version.number])
    tell(recipients(measure), entry, measure, subject, link=link, kind=kind)


REVIEW_STEPS = {
    "extend": _("More time for your statement, until %(due_on)s: %(object)s"),
    "withdraw": _("Review withdrawn, no statement is needed: %(object)s"),
}
DAY = lazy(shown_date, str)  # in the language of whoever reads it


def announce_review(review, entry):
    """All who were asked hear of it; what was withdrawn they may no longer see, so they are led to the list."""
    if entry.verb not in REVIEW_STEPS:
        return
    is_open = entry.verb == "extend"
    link = review.get_absolute_url() if is_open else reverse("measures:reviews", args=[review.measure.strategy.slug])
    asked = _of_slots(review.slots.select_related("unit"))
    tell(asked, entry, review.measure, REVIEW_STEPS[entry.verb], link=link, due_on=DAY(review.due_on))


def announce_slot(slot, entry):
    {"remind": announce_reminder, "respond": announce_response}[entry.verb](slot, entry)


def announce_reminder(slot, entry):
    review = slot.review
    tell(
        _of_slots([slot]),
        entry,
        review.measure,
        _("The project group reminds you, please give your statement: %(object)s"),
        link=answer_url(slot),
        act=_("Give statement"),
        kind=Occasion.REQUEST,
        by=review.due_on,
    )


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
            kind=REQUEST,
            by=slot.review.due_on,
        )


def announce_settlement(response, entry):
    review = response.slot.review
    tell(
        _of_slots([response.slot]),
        entry,
        review.measure,
        _("Your objection has been settled: %(object)s"),
        link=review.get_absolute_url(),
    )


CONDITION_STEPS = {
    "schedule": _("Your condition is to be met by %(due_on)s: %(object)s"),
    "meet": _("Your condition has been met: %(object)s"),
}


def announce_condition(condition, entry):
    slot = condition.response.slot
    subject, link = CONDITION_STEPS[entry.verb], slot.review.get_absolute_url()
    due_on = DAY(condition.due_on) if condition.due_on else ""
    tell(_of_slots([slot]), entry, slot.review.measure, subject, link=link, due_on=due_on)


def _of_slots(slots):
    """Everyone who may answer in one of these places."""
    people = heads_of([slot.unit for slot in slots if slot.unit_id])
    council = [slot for slot in slots if not slot.unit_id]
    return people | members(council[0].strategy_id, Role.STAFF_COUNCIL) if council else people


def _electors(ranking_round):
    electors = ranking_round.electors.values("user")
    return User.objects.filter(pk__in=electors, is_active=True)


def _taking_part(ranking_round):
    return members(ranking_round.strategy_id, *Role.TAKING_PART)


ROUND_STEPS = {
    "open": (_electors, REQUEST, _("Please rank until %(closes_at)s: %(object)s")),
    "extend": (_electors, REQUEST, _("More time to rank, until %(closes_at)s: %(object)s")),
    "close": (_authors, REQUEST, _("Closed on %(since)s, please publish the results: %(object)s")),
    "publish": (_taking_part, NEWS, _("The results of the ranking are there: %(object)s")),
    "decide": (_taking_part, NEWS, _("Priorities have been set after the ranking: %(object)s")),
    "cancel": (_electors, NEWS, _("The ranking has been cancelled: %(object)s")),
}
END = lazy(shown_end, str)  # in the language of whoever reads it


def announce_round(ranking_round, entry):
    if entry.verb not in ROUND_STEPS:
        return
    recipients, kind, subject = ROUND_STEPS[entry.verb]
    link, closes_at = ranking_round.get_absolute_url(), END(ranking_round.closes_at)
    if entry.verb == "publish" and not ranking_round.is_trial:  # first, for nobody hears twice of one step
        asked = _("Please decide on priorities, results of the ranking published on %(since)s: %(object)s")
        tell(_steering(ranking_round), entry, ranking_round, asked, link=link, kind=REQUEST)
    tell(recipients(ranking_round), entry, ranking_round, subject, link=link, kind=kind, closes_at=closes_at)


NEED_STEPS = {
    "submit": (_authors, REQUEST, _("New need of the staff council: %(object)s")),
    "withdraw": (_authors, NEWS, _("Withdrawn by the staff council: %(object)s")),
    "acknowledge": (_council, NEWS, _("Receipt of your need confirmed: %(object)s")),
    "extend": (_council, NEWS, _("Interim notice on your need: %(object)s")),
    "answer": (_council, REQUEST, _("Your need was answered on %(since)s: %(object)s")),
    "object": (_steering, REQUEST, _("Objection of the staff council to answer, made on %(since)s: %(object)s")),
    "answer_objection": (_council, REQUEST, _("Your objection was answered on %(since)s: %(object)s")),
}


def announce_need(need, entry):
    if entry.verb not in NEED_STEPS:
        return
    recipients, kind, subject = NEED_STEPS[entry.verb]
    by = need.due_on if entry.verb == "submit" else None
    tell(recipients(need), entry, need, subject, link=need.get_absolute_url(), kind=kind, by=by)


PARTICIPATION_STEPS = {
    "start": (_council, REQUEST, _("Formal participation, the council has been informed: %(object)s")),
    "inform_again": (_council, REQUEST, _("The clock of the formal participation starts anew: %(object)s")),
    "extend": (_council, REQUEST, _("More time for the formal participation: %(object)s")),
    "state_view": (_authors, REQUEST, _("The staff council has stated its view: %(object)s")),
    "conclude": (_council, NEWS, _("Outcome of the formal participation: %(object)s")),
}


def announce_participation(participation, entry):
    if entry.verb not in PARTICIPATION_STEPS:
        return
    recipients, kind, subject = PARTICIPATION_STEPS[entry.verb]
    measure = participation.measure
    by = participation.due_on if kind == REQUEST else None
    link = participation.get_absolute_url()
    tell(recipients(participation), entry, measure, subject, link=link, kind=kind, by=by)
