"""What measures and reviews ask of people; registered with ``strategy.deadlines`` when the app is loaded."""

from datetime import timedelta

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from measures.models import (
    Condition,
    Measure,
    MeasureLink,
    Milestone,
    Need,
    RankingRound,
    Review,
    ReviewResponse,
    ReviewSlot,
    StaffParticipation,
    StatusUpdate,
    TextVersion,
)
from measures.quick_status import quick_url
from strategy.deadlines import DATES_OFFERED, SOON_DAYS, Date, Task, offers_dates, offers_tasks
from strategy.models import Role
from strategy.templatetags.portal import shown_end


@offers_tasks
def statements(actor, strategy, on):
    """Slots of open reviews this actor may fill and nobody has."""
    slots = ReviewSlot.objects.answerable_by(actor).filter(strategy=strategy, state=ReviewSlot.State.OPEN)
    for slot in slots.select_related("review__measure__strategy", "review__text_version", "unit"):
        yield Task(
            kind="statement",
            object=slot,
            title=_("Give your statement: %(measure)s") % {"measure": slot.review.measure},
            why=_("For %(asked)s, on version %(number)s of the text.")
            % {"asked": slot.asked, "number": slot.review.text_version.number},
            act=_("Give statement"),
            url=reverse("measures:respond", args=[strategy.slug, slot.pk]),
            due_on=slot.review.due_on,
            known_since=slot.review.opened_on,
            about=slot.review.get_absolute_url(),
        )


@offers_tasks
def status_updates(actor, strategy, on):
    """Running measures of the own unit whose rhythm asks for an update; a task when it is soon."""
    rhythm = timedelta(days=strategy.status_rhythm_days)
    led = Measure.objects.of_unit(actor.units(*Role.HEADS)).filter(strategy=strategy, state=Measure.State.RUNNING)
    updates = StatusUpdate.objects.filter(measure=OuterRef("pk")).order_by("-pk")
    for measure in led.for_list().annotate(last_update=Subquery(updates.values("pk")[:1])):
        last = measure.status_on or measure.started_on or on
        yield Task(
            kind="status",
            object=measure,
            title=_("Report the status: %(measure)s") % {"measure": measure},
            why=_age_of_status(measure, on),
            act=_("Report status"),
            url=reverse("measures:report-status", args=[strategy.slug, measure.code]),
            due_on=last + rhythm,
            known_since=last,
            opens_on=last + rhythm - timedelta(days=SOON_DAYS),
            quick_url=""
            if actor.in_place_of
            else quick_url(actor.user, measure, measure.last_update, last + rhythm, on),
            about=measure.get_absolute_url(),
            is_stale=measure.is_stale(on),
        )


def _age_of_status(measure, on):
    age = measure.status_age(on)
    if age is None:
        return _("No status has been reported yet.")
    return ngettext("The last status is %(count)d day old.", "The last status is %(count)d days old.", age) % {
        "count": age
    }


@offers_tasks
def reviews_to_lead_on(actor, strategy, on):
    """For the project group: reviews that can be concluded, and those that are late."""
    if not actor.has_perm("measures.agree_measure", strategy):
        return
    open_reviews = Review.objects.open().filter(strategy=strategy).select_related("measure__strategy", "text_version")
    counted = open_reviews.annotate(
        asked=Count("slots", distinct=True),
        answered=Count("slots", filter=Q(slots__state=ReviewSlot.State.ANSWERED), distinct=True),
        objections=Count(
            "slots__responses",
            filter=Q(slots__responses__vote="object", slots__responses__state="given"),
            distinct=True,
        ),
    )
    for review in counted.filter(Q(answered=F("asked")) | Q(due_on__lt=on)).filter(objections=0):
        late = review.answered < review.asked
        yield Task(
            kind="review",
            object=review,
            title=(_("Statements are missing: %(measure)s") if late else _("Can be agreed: %(measure)s"))
            % {"measure": review.measure},
            why=_("%(answered)d of %(asked)d have answered.") % {"answered": review.answered, "asked": review.asked},
            act=_("Open review"),
            url=review.get_absolute_url(),
            due_on=review.due_on,
            escalates=False,  # the places without an answer do, each for itself
        )


@offers_tasks
def conditions(actor, strategy, on):
    """For the project group: conditions that have a day and are not met."""
    if not actor.has_perm("measures.meet_condition", strategy):
        return
    waiting = Condition.objects.filter(strategy=strategy, due_on__isnull=False).to_be_met()
    for condition in waiting.of_review():
        slot = condition.response.slot
        yield Task(
            kind="condition",
            object=condition,
            title=_("Meet a condition: %(measure)s") % {"measure": slot.review.measure},
            why=_("Asked for by %(asked)s.") % {"asked": slot.asked},
            act=_("Open review"),
            url=f"{slot.review.get_absolute_url()}#slot-{slot.pk}",
            due_on=condition.due_on,
            opens_on=condition.due_on - timedelta(days=SOON_DAYS),
            about=slot.review.get_absolute_url(),
        )


@offers_tasks
def objections(actor, strategy, on):
    """For the steering team: objections that block an agreement."""
    if not actor.has_perm("measures.settle_reviewresponse", strategy):
        return
    standing = ReviewResponse.objects.filter(
        strategy=strategy, vote=ReviewResponse.Vote.OBJECT, state=ReviewResponse.State.GIVEN
    ).filter(slot__review__state=Review.State.OPEN)
    for response in standing.select_related("slot__review__measure", "slot__unit"):
        yield Task(
            kind="objection",
            object=response,
            title=_("Settle an objection: %(measure)s") % {"measure": response.slot.review.measure},
            why=_("Raised by %(asked)s.") % {"asked": response.slot.asked},
            act=_("Settle objection"),
            url=reverse("measures:settle", args=[strategy.slug, response.pk]),
            due_on=response.slot.review.due_on,
            known_since=timezone.localdate(response.given_at),
        )


@offers_tasks
def decisions(actor, strategy, on):
    """For the steering team: what is agreed and waits for its decision, and merges that the project group proposes."""
    if not actor.has_perm("measures.decide_measure", strategy):
        return
    for measure in Measure.objects.filter(strategy=strategy, state=Measure.State.AGREED):
        yield Task(
            kind="decision",
            object=measure,
            title=_("Decide: %(measure)s") % {"measure": measure},
            why=_("Everyone concerned has been heard."),
            act=_("Decide"),
            url=reverse("measures:decide", args=[strategy.slug, measure.code]),
        )
    merges = MeasureLink.objects.filter(
        strategy=strategy, kind=MeasureLink.Kind.MERGED_INTO, source_measure__state__in=Measure.drop.sources
    )
    for link in merges.select_related("source_measure", "target_measure"):
        yield Task(
            kind="merge",
            object=link.source_measure,
            title=_("Decide whether to merge: %(measure)s") % {"measure": link.source_measure},
            why=_("Proposed to be merged into %(measure)s.") % {"measure": link.target_measure},
            act=_("Decide"),
            url=reverse("measures:drop", args=[strategy.slug, link.source_measure.code]),
            about=link.source_measure.get_absolute_url(),
        )
    agreed = TextVersion.objects.filter(strategy=strategy, state=TextVersion.State.AGREED)
    for version in agreed.select_related("measure"):
        yield Task(
            kind="amendment",
            object=version,
            title=_("Decide on an amendment: %(measure)s") % {"measure": version.measure},
            why=_("Version %(number)s has been agreed.") % {"number": version.number},
            act=_("Decide"),
            url=reverse("measures:amendment", args=[strategy.slug, version.measure.code, version.number]),
        )


@offers_tasks
def formal_participations(actor, strategy, on):
    """For the staff council: formal participations whose clock runs."""
    if not actor.has_perm("measures.state_view_staffparticipation", strategy):
        return
    running = StaffParticipation.objects.visible_to(actor).filter(
        strategy=strategy, state=StaffParticipation.State.OPEN
    )
    for participation in running.for_list():
        yield Task(
            kind="participation",
            object=participation,
            title=_("State the council's view: %(measure)s") % {"measure": participation.measure},
            why=participation.basis,
            act=_("State view"),
            url=participation.get_absolute_url(),
            due_on=participation.due_on,
        )


@offers_tasks
def participations_to_conclude(actor, strategy, on):
    """For the project group: formal participations that are answered or whose period is over."""
    if not actor.has_perm("measures.conclude_staffparticipation", strategy):
        return
    waiting = StaffParticipation.objects.visible_to(actor).under_way().filter(strategy=strategy)
    over = Q(due_on__lt=on) | Q(state=StaffParticipation.State.STATED)
    for participation in waiting.filter(over).for_list():
        is_stated = participation.state == StaffParticipation.State.STATED
        yield Task(
            kind="participation-outcome",
            object=participation,
            title=_("Record the outcome: %(measure)s") % {"measure": participation.measure},
            why=(_("The staff council has stated its view.") if is_stated else _("The period has passed in silence.")),
            act=_("Record outcome"),
            url=participation.get_absolute_url(),
            due_on=participation.due_on,
        )


@offers_tasks
def ballots(actor, strategy, on):
    """Open rounds in which this person has not handed in a ballot."""
    for ranking in RankingRound.objects.waiting_for(actor).filter(strategy=strategy).select_related("strategy"):
        yield Task(
            kind="ballot",
            object=ranking,
            title=_("Rank the measures: %(ranking)s") % {"ranking": ranking},
            why=_("Your ballot has not been handed in yet."),
            act=_("Rank measures"),
            url=reverse("measures:ballot", args=[strategy.slug, ranking.pk]),
            due_on=ranking.closes_on,
            due_at=ranking.closes_at,
            known_since=timezone.localdate(ranking.opened_at),
            about=ranking.get_absolute_url(),
        )


@offers_tasks
def rankings_to_lead_on(actor, strategy, on):
    """For the project group: rounds that could not open by themselves, and results that wait to be published."""
    if not actor.has_perm("measures.publish_rankinground", strategy):
        return
    rankings = RankingRound.objects.filter(strategy=strategy).select_related("strategy")
    for ranking in rankings.due_to_open():
        yield Task(
            kind="ranking",
            object=ranking,
            title=_("Could not be opened: %(ranking)s") % {"ranking": ranking},
            why=_("Something is missing before the round can open."),
            act=_("Open round"),
            url=ranking.get_absolute_url(),
            due_on=timezone.localdate(ranking.opens_at),
        )
    for ranking in rankings.filter(state=RankingRound.State.CLOSED):
        yield Task(
            kind="ranking",
            object=ranking,
            title=_("Publish the results: %(ranking)s") % {"ranking": ranking},
            why=_("The ranking is closed; so far project group and steering team see the results."),
            act=_("Publish results"),
            url=reverse("measures:ranking-publish", args=[strategy.slug, ranking.pk]),
        )


@offers_tasks
def rankings_to_decide(actor, strategy, on):
    """For the steering team: published results that have led to no priority yet."""
    if not actor.has_perm("measures.decide_rankinground", strategy):
        return
    for ranking in RankingRound.objects.to_decide().filter(strategy=strategy).select_related("strategy"):
        yield Task(
            kind="ranking",
            object=ranking,
            title=_("Decide on priorities: %(ranking)s") % {"ranking": ranking},
            why=_("The results have been published."),
            act=_("Decide on priorities"),
            url=reverse("measures:ranking-decide", args=[strategy.slug, ranking.pk]),
        )


@offers_tasks
def needs_to_answer(actor, strategy, on):
    """For the project group: needs of the staff council that wait for an answer."""
    if not actor.has_perm("measures.answer_need", strategy):
        return
    for need in Need.objects.visible_to(actor).unanswered().filter(strategy=strategy).for_list():
        is_new = need.state == Need.State.SUBMITTED
        yield Task(
            kind="need",
            object=need,
            title=_("Answer the staff council: %(need)s") % {"need": need},
            why=_("Receipt has not been confirmed yet.") if is_new else _("Receipt has been confirmed."),
            act=_("Open need"),
            url=need.get_absolute_url(),
            due_on=need.due_on,
            known_since=need.submitted_on,
        )


@offers_tasks
def answered_needs(actor, strategy, on):
    """For the staff council: answers to settle, or to object to once."""
    if not actor.has_perm("measures.settle_need", strategy):
        return
    answered = Need.objects.visible_to(actor).filter(strategy=strategy, state=Need.State.ANSWERED)
    for need in answered.for_list():
        yield Task(
            kind="need-answer",
            object=need,
            title=_("Read the answer: %(need)s") % {"need": need},
            why=_("The objection has been answered; please settle the need.")
            if need.objected_on
            else _("Please settle the need, or object once."),
            act=_("Open need"),
            url=need.get_absolute_url(),
        )


@offers_tasks
def objections_to_needs(actor, strategy, on):
    """For the steering team: objections of the staff council against an answer."""
    if not actor.has_perm("measures.answer_objection_need", strategy):
        return
    objected = Need.objects.visible_to(actor).filter(strategy=strategy, state=Need.State.OBJECTED)
    for need in objected.for_list():
        yield Task(
            kind="need-objection",
            object=need,
            title=_("Answer an objection: %(need)s") % {"need": need},
            why=_("The staff council does not agree with the answer."),
            act=_("Open need"),
            url=need.get_absolute_url(),
        )


@offers_tasks
def milestones(actor, strategy, on):
    """For those who lead the measure a milestone ahead; once its day has passed the project group asks, too."""
    writes = actor.has_perm("measures.change_measure", strategy)
    if not (writes or actor.led_units):
        return
    theirs = Q(measure__lead_unit__in=actor.led_units)
    if writes:
        theirs |= Q(due_on__lt=on)
    under_way = [Measure.State.DECIDED, Measure.State.RUNNING]
    ahead = Milestone.objects.open().filter(theirs, strategy=strategy, measure__state__in=under_way)
    for milestone in ahead.exclude(date_precision="year").select_related("measure__strategy"):
        url = milestone.measure.get_absolute_url()
        is_theirs = milestone.measure.lead_unit_id in actor.led_units
        yield Task(
            kind="milestone",
            object=milestone,
            title=_("Milestone: %(milestone)s") % {"milestone": milestone},
            why=str(milestone.measure),
            act=_("Open measure"),
            url=url,
            due_on=milestone.due_on,
            known_since=None if is_theirs else milestone.due_on + timedelta(days=1),
            opens_on=milestone.due_on - timedelta(days=SOON_DAYS),
            about=url,
        )


@offers_dates
def answers_due(actor, strategy, on):
    waiting = Need.objects.visible_to(actor).unanswered().filter(strategy=strategy, due_on__gte=on)
    for need in waiting.for_list().order_by("due_on", "number")[:DATES_OFFERED]:
        yield Date(need.due_on, _("Answer due: %(need)s") % {"need": need}, need.get_absolute_url())


@offers_dates
def rankings_closing(actor, strategy, on):
    rankings = RankingRound.objects.visible_to(actor).open().filter(strategy=strategy).select_related("strategy")
    for ranking in rankings.order_by("closes_at", "pk")[:DATES_OFFERED]:
        title = _("Ranking closes: %(ranking)s") % {"ranking": ranking}
        yield Date(ranking.closes_on, title, ranking.get_absolute_url(), shown_end(ranking.closes_at))


@offers_dates
def reviews_ending(actor, strategy, on):
    ending = Review.objects.visible_to(actor).open().filter(strategy=strategy, due_on__gte=on)
    for review in ending.select_related("measure__strategy").order_by("due_on", "pk")[:DATES_OFFERED]:
        yield Date(
            review.due_on, _("Review ends: %(measure)s") % {"measure": review.measure}, review.get_absolute_url()
        )


@offers_dates
def milestones_due(actor, strategy, on):
    measures = Measure.objects.visible_to(actor).under_way().filter(strategy=strategy)
    milestones = Milestone.objects.open().filter(measure__in=measures, due_on__gte=on).exclude(date_precision="year")
    for milestone in milestones.select_related("measure__strategy").order_by("due_on", "pk")[:DATES_OFFERED]:
        yield Date(milestone.due_on, milestone.title, milestone.measure.get_absolute_url(), str(milestone.measure))
