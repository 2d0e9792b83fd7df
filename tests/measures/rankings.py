"""Ranking rounds for the tests, each brought to its state by the people's own verbs."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from measures.models import Measure, RankingRound
from strategy.actor import Actor
from strategy.models import Role
from tests.factories import MeasureFactory, UnitFactory

GROUPS = dict.fromkeys(RankingRound.Group, 1)


def in_days(days):
    return timezone.now() + timedelta(days=days)


def in_review(cast):
    """A measure under review without its review, of which a round asks nothing: many rounds rank many measures."""
    with transaction.atomic():  # the next code of a field is taken under a lock
        place = {"strategy": cast.strategy, "field": cast.field, "stage": cast.stage, "lead_unit": cast.unit}
        return MeasureFactory(state=Measure.State.IN_REVIEW, submitted_on=timezone.localdate(), **place)


def planned(cast, measures=3, **values):
    """A round in which all groups order measures (or so many new ones) within a week."""
    if isinstance(measures, int):
        measures = [in_review(cast) for _ in range(measures)]
    values = {"groups": GROUPS, "title": "Vorrang 2027", "question": "Was zuerst?", "closes_at": in_days(7)} | values
    return RankingRound.objects.create_planned(
        by=cast.actor("project_group"), strategy=cast.strategy, measures=measures, **values
    )


def open_(cast, **values):
    ranking = planned(cast, **values)
    ranking.open(by=cast.actor("project_group"))
    return ranking


def closed(cast, ranking=None, **values):
    """Closed before its time, with the ballots of whoever has voted."""
    ranking = ranking or open_(cast, **values)
    ranking.close(by=cast.actor("project_group"), reason="Alle haben abgegeben")
    return ranking


def published(cast, ranking=None, **values):
    ranking = closed(cast, ranking, **values)
    ranking.publish(by=cast.actor("project_group"))
    return ranking


def cancelled(cast, ranking=None):
    ranking = ranking or open_(cast)
    ranking.cancel(by=cast.actor("project_group"), reason="Falsche Frage")
    return ranking


def heads(cast, number):
    """So many more heads of departments of their own: enough for a figure to be shown."""
    units = [UnitFactory(strategy=cast.strategy) for _ in range(number)]
    return [cast.member(Role.DEPARTMENT_HEAD, unit, f"head-{unit.pk}") for unit in units]


def ballot_of(ranking, user):
    return ranking.ballots.get(elector__user=user)


def items(ranking):
    return list(ranking.measures.values_list("pk", flat=True))


def arrange(ranking, user, order=None):
    """The person puts the measures into this order, or into the round's own."""
    ballot = ballot_of(ranking, user)
    ballot.arrange(by=Actor.of(user), order=order or items(ranking), version=ballot.version)
    return ballot


def vote(ranking, user, order=None):
    ballot = arrange(ranking, user, order)
    ballot.submit(by=Actor.of(user))
    return ballot


IN_STATE = {
    RankingRound.State.PLANNED: planned,
    RankingRound.State.OPEN: open_,
    RankingRound.State.CLOSED: closed,
    RankingRound.State.PUBLISHED: published,
    RankingRound.State.CANCELLED: cancelled,
}


def voted(cast, *, heads_in=7, orders=None, others=(), **values):
    """An open round in which so many heads of departments have handed in, and some of the ``others``.

    ``orders`` turns the round's measures and the number of a head into that head's order.
    """
    heads_of_own = heads(cast, heads_in - 2)
    ranking = open_(cast, **values)
    ranked = items(ranking)
    for number, head in enumerate([cast.department_head, cast.other_head, *heads_of_own]):
        vote(ranking, head, orders(ranked, number) if orders else None)
    for user, order in others:
        vote(ranking, user, order(ranked))
    return ranking
