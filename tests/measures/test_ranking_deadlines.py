"""What ranking rounds ask of whom, until when."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from measures.models import Measure, RankingRound
from strategy.actor import Actor
from strategy.deadlines import dates_ahead, tasks_of
from strategy.models import Deputyship, Role
from tests.measures import rankings

PEOPLE = (*Role.values, "other_head")


def asked(cast):
    """{person: [(kind, title)]} of everybody who is asked for something about rounds."""
    tasks = {name: tasks_of(cast.actor(name), cast.strategy) for name in PEOPLE}
    found = {
        name: [(task.kind, task.title) for task in of_one if task.kind in ("ballot", "ranking")]
        for name, of_one in tasks.items()
    }
    return {name: of_one for name, of_one in found.items() if of_one}


def test_an_open_round_asks_those_who_have_not_handed_in(cast):
    ranking = rankings.open_(cast, closes_at=timezone.make_aware(parse_datetime("2031-11-01 00:00")))
    rankings.vote(ranking, cast.department_head)
    rankings.arrange(ranking, cast.other_head)

    (task,) = (task for task in tasks_of(cast.actor("other_head"), cast.strategy) if task.kind == "ballot")

    assert set(asked(cast)) == {"other_head", "administrative_head", "project_group"}
    assert (str(task.due_on), task.object) == ("2031-10-31", ranking)
    assert task.url == f"{ranking.get_absolute_url()}ballot/"


def test_a_deputy_is_not_asked_to_vote(cast):
    rankings.open_(cast)
    today = timezone.localdate()
    membership = cast.department_head.memberships.get()
    Deputyship.objects.create(membership=membership, deputy=cast.reader, valid_from=today, valid_to=today)
    deputy = Actor.deputising(cast.reader, Deputyship.objects.usable_by(cast.reader).get())

    assert [task.kind for task in tasks_of(deputy, cast.strategy) if task.kind == "ballot"] == []


def test_the_project_group_is_asked_to_publish_and_the_steering_team_to_decide(cast):
    measures = [cast.measure(Measure.State.AGREED) for _ in range(2)]
    ranking = rankings.closed(cast, measures=measures)
    assert asked(cast) == {"project_group": [("ranking", "Ergebnisse veröffentlichen: Vorrang 2027")]}

    rankings.published(cast, measures=measures, is_trial=True)
    ranking.publish(by=cast.actor("project_group"))
    assert asked(cast) == {"steering_team": [("ranking", "Prioritäten entscheiden: Vorrang 2027")]}

    row = ranking.measures.first()
    row.measure.prioritise(by=cast.actor("steering_team"), reason="Vorrang", priority=cast.priority, round_measure=row)
    assert asked(cast) == {}


def test_a_round_that_could_not_open_by_itself_is_the_project_groups_task(cast):
    ranking = rankings.planned(cast, measures=1, opens_at=rankings.in_days(1))
    assert asked(cast) == {}

    RankingRound.objects.filter(pk=ranking.pk).update(opens_at=timezone.now() - timedelta(minutes=2))

    assert asked(cast) == {"project_group": [("ranking", "Konnte nicht eröffnet werden: Vorrang 2027")]}


@pytest.mark.parametrize("name", PEOPLE)
def test_the_end_of_a_round_stands_among_the_dates_of_all_who_take_part(cast, name):
    rankings.planned(cast)
    ranking = rankings.open_(cast)

    shown = [
        date.title for date in dates_ahead(cast.actor(name), cast.strategy) if date.url == ranking.get_absolute_url()
    ]

    sees = name not in Role.LOOKING_ON
    assert shown == ["Priorisierung endet: Vorrang 2027"] * sees
