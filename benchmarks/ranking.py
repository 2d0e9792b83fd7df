"""The results of a ranking round of 60 people and 200 measures, against fetching its ballots alone."""

import random
from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.stopwatch import ratio
from measures.models import Ballot, Measure, RankingRound
from measures.results import evaluate
from strategy.actor import Actor
from strategy.models import Role, Strategy, User

PEOPLE, MEASURES, BOOTSTRAPS = 60, 200, 1000
ROUNDS = 31  # milliseconds each
SLUG = "load-ranking"
ROWS = """
SELECT e.group, b.id, place.item::text::int, place.rank
FROM measures_ballot b
JOIN measures_elector e ON e.id = b.elector_id
CROSS JOIN LATERAL jsonb_array_elements(b.order) WITH ORDINALITY AS place (item, rank)
WHERE b.round_id = %s AND b.state = 'submitted'
"""


def measure():
    """(what, against what, ratio, target) of all figures, fetching included.

    The target was measured against a fetch of one row a place, the way a table of ranks would give them; we store a
    ballot as one list, which is fetched in a fraction of the time and makes the second ratio so much larger.
    """
    ranking = opened()
    items = [row.pk for row in ranking.measures.all()]
    fill(ranking, items)

    def evaluated():
        return evaluate(as_lists(ranking), items, {"department_heads": 1}, seed=1, bootstraps=BOOTSTRAPS)

    assert len(as_lists(ranking)) == PEOPLE
    what = f"results of {PEOPLE} × {MEASURES}"
    yield what, "its ballots, a row a place", ratio(evaluated, lambda: as_rows(ranking), ROUNDS), 3.5
    yield what, "its ballots, a list each", ratio(evaluated, lambda: as_lists(ranking), ROUNDS), 3.5


def as_lists(ranking):
    return list(ranking.ballots.counting().values_list("elector__group", "order"))


def as_rows(ranking):
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [ranking.pk])
        return cursor.fetchall()


def opened():
    call_command("make_load", measures=MEASURES * 5 // 4, heads=PEOPLE, strategy=SLUG, verbosity=0)
    strategy = Strategy.objects.get(slug=SLUG)
    by = Actor.of(User.objects.get(memberships__strategy=strategy, memberships__role=Role.PROJECT_GROUP))
    ranking = RankingRound.objects.create_planned(
        by=by,
        strategy=strategy,
        title="Last",
        question="Was zuerst?",
        closes_at=timezone.now() + timedelta(days=7),
        measures=Measure.objects.rankable().filter(strategy=strategy)[:MEASURES],
        groups={RankingRound.Group.DEPARTMENT_HEADS: 1},
    )
    ranking.open(by=by)
    return ranking


def fill(ranking, items):
    """Everybody roughly shares one order and places about three quarters of it."""
    chance = random.Random(SLUG)  # noqa: S311  no secret, and the same data every time
    ballots = list(ranking.ballots.all())
    for ballot in ballots:
        order = sorted(items, key=lambda item: items.index(item) + chance.gauss(0, MEASURES / 6))
        ballot.order = order[: chance.randint(MEASURES // 2, MEASURES)]
        ballot.state, ballot.submitted_at, ballot.receipt = Ballot.State.SUBMITTED, timezone.now(), f"{ballot.pk:020d}"
    Ballot.objects.bulk_update(ballots, ["order", "state", "submitted_at", "receipt"])
