"""Needs and ranking rounds have a log of who was reminded of them and who will be, for the project group alone."""

import pytest
from django.urls import reverse

from measures.models import Need
from strategy import planner
from tests.measures import rankings
from tests.pages import browser_of, text_of

pytestmark = pytest.mark.django_db


def log_url(name, cast, row):
    return reverse(f"measures:{name}-reminders", args=[cast.strategy.slug, row.pk])


def shown(cast, name, row):
    """{(recipient's user name, state)} of the log."""
    page = browser_of(cast.project_group).get(log_url(name, cast, row)).context["page"]
    return {(reminder.recipient.username, reminder.state) for reminder in page.object_list}


def test_the_log_of_a_need_tells_who_will_be_reminded_of_the_answer(cast):
    need, other = cast.need(Need.State.SUBMITTED), cast.need(Need.State.SUBMITTED)
    assert shown(cast, "need", need) == set()

    planner.remind(cast.strategy)

    assert shown(cast, "need", need) == {(cast.project_group.username, "planned")}
    cast.answer_need(need)
    planner.remind(cast.strategy)
    assert shown(cast, "need", need) == {(cast.project_group.username, "withdrawn")}
    assert shown(cast, "need", other) == {(cast.project_group.username, "planned")}


def test_the_log_of_a_round_tells_who_will_be_reminded_and_no_ballot(cast):
    ranking = rankings.open_(cast)
    planner.remind(cast.strategy)
    everyone = {person for person, _state in shown(cast, "ranking", ranking)}
    assert {cast.department_head.username, cast.other_head.username, cast.project_group.username} <= everyone

    rankings.vote(ranking, cast.department_head)
    planner.remind(cast.strategy)

    later = {person for person, state in shown(cast, "ranking", ranking) if state == "planned"}
    assert everyone - later == {cast.department_head.username}
    assert cast.department_head.username not in text_of(
        browser_of(cast.project_group).get(log_url("ranking", cast, ranking))
    )


@pytest.mark.parametrize("kind", ["need", "ranking"])
def test_the_page_leads_to_the_log_for_those_who_may_read_it(cast, kind):
    row = cast.need(Need.State.SUBMITTED) if kind == "need" else rankings.open_(cast)

    def leads_there(person):
        page = browser_of(person).get(row.get_absolute_url())
        assert page.status_code == 200
        return log_url(kind, cast, row) in page.content.decode()

    assert leads_there(cast.project_group)
    assert not leads_there(cast.staff_council)
    assert not leads_there(cast.steering_team)
