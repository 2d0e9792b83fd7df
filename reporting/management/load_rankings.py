"""Ranking rounds in bulk: one published with its results, one that is open and half voted."""

from datetime import timedelta

from django.utils import timezone

from measures.models import Ballot, Elector, RankingRound, RoundGroup, RoundMeasure
from measures.models.ballot import receipt_of

Group, State = RankingRound.Group, RankingRound.State
RANKED_AT_MOST = 200  # more than that nobody would order
GROUPS = (Group.DEPARTMENT_HEADS, Group.PROJECT_GROUP)
SPREAD = 0.2  # of all places: how far a ballot strays from the common order


def make_rankings(load):
    """Write both rounds with the measures, people and counters of a ``Load``; its ballots are valid ones."""
    measures = load.rankable()[:RANKED_AT_MOST]
    if len(measures) < 2:
        return
    first = _open(load, "Runde 1", measures, closes_in=-60)
    _vote(load, first, share=0.8)
    _publish(first)
    _vote(load, _open(load, "Runde 2", measures, closes_in=14), share=0.5)


def _open(load, title, measures, closes_in):
    closes_at = timezone.now() + timedelta(days=closes_in)
    opened = RankingRound(
        strategy=load.strategy,
        title=title,
        question="Was zuerst?",
        state=State.OPEN,
        opened_at=closes_at - timedelta(days=21),
        closes_at=closes_at,
    )
    [opened] = load.keep(RankingRound, [opened])
    rows = {"strategy": load.strategy, "round": opened}
    load.keep(RoundGroup, [RoundGroup(group=group, **rows) for group in GROUPS])
    load.keep(RoundMeasure, [_ranked(load, measure, place, rows) for place, measure in enumerate(measures)])
    Elector.objects.freeze(opened)
    load.rows += 2 * opened.electors.count()
    return opened


def _ranked(load, measure, place, rows):
    text = load.version_of[measure.pk]
    known = {"code": measure.code, "title": measure.title, "field_id": measure.field_id}
    return RoundMeasure(measure=measure, position=place, text_version=text, **known, **rows)


def _vote(load, ranking, share):
    """So many of the ballots, each in an order of its own."""
    items = list(ranking.measures.values_list("pk", flat=True))
    ballots = list(ranking.ballots.order_by("pk"))
    for ballot in ballots[: round(share * len(ballots))]:
        places = {item: place + load.random.gauss(0, SPREAD * len(items)) for place, item in enumerate(items)}
        ballot.order = sorted(items, key=places.get)
        ballot.state, ballot.saved_at = Ballot.State.SUBMITTED, ranking.opened_at + timedelta(days=1)
        ballot.submitted_at, ballot.nonce = ballot.saved_at, f"{load.random.getrandbits(128):032x}"
        ballot.receipt = receipt_of(ranking.pk, ballot.order, ballot.nonce)
    Ballot.objects.bulk_update(ballots, ["order", "state", "saved_at", "submitted_at", "nonce", "receipt"], 100)


def _publish(ranking):
    """The row as its verbs would leave it; nobody is told."""
    ranking.state, ranking.closed_at = State.PUBLISHED, ranking.closes_at
    ranking.published_at, ranking.results = ranking.closes_at + timedelta(days=7), ranking._evaluated()
    ranking.save()
