"""The page of one object's history: the same for all kinds, with filters, for each reader from where it is theirs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, StaffParticipation
from strategy.models import User
from tests.factories import IndicatorFactory, IndicatorValueFactory, MilestoneFactory, ResourceRequestFactory
from tests.measures import rankings
from tests.pages import text_of

State = Measure.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(cast):
    User.objects.update(language="en")


def page(client, cast, who, name, *args, **query):
    client.force_login(getattr(cast, who))
    return client.get(reverse(name, args=[cast.strategy.slug, *args]), query)


def words(client, cast, who, name, *args, **query):
    response = page(client, cast, who, name, *args, **query)
    assert response.status_code == 200
    return text_of(response)


def test_a_history_is_cut_down_by_kind_and_by_person(cast, client):
    measure = cast.measure(State.RUNNING)
    User.objects.filter(pk=cast.steering_team.pk).update(function="Bürgermeisteramt")
    measure.pause(by=cast.actor("steering_team"), reason="Kein Geld")
    MilestoneFactory(measure=measure, title="Pilot läuft")
    here = ("project_group", "measures:history", measure.code)

    assert "Pilot läuft" not in words(client, cast, *here, kind="measure")
    of_milestones = words(client, cast, *here, kind="milestone")
    assert "Milestone added: Pilot läuft" in of_milestones
    assert "Kein Geld" not in of_milestones
    by_the_steering_team = words(client, cast, *here, person=cast.steering_team.pk)
    assert "Kein Geld" in by_the_steering_team
    assert "Pilot läuft" not in by_the_steering_team.replace("Measure", "")
    nothing = words(client, cast, *here, kind="milestone", person=cast.steering_team.pk)
    assert "Nothing of that kind by this person." in nothing


@pytest.mark.parametrize("asked", [{"kind": "\x00"}, {"person": "9" * 99}, {"page": "x"}])
def test_a_filter_that_means_nothing_asks_nothing(cast, client, asked):
    measure = cast.measure(State.RUNNING)

    assert "Started" in words(client, cast, "reader", "measures:history", measure.code, **asked)


def test_a_review_tells_its_statements_to_those_who_may_read_them(cast, client):
    measure = cast.measure(State.IN_REVIEW)
    review = measure.open_review()
    slot = review.slots.get(unit=cast.other_unit)
    slot.respond(by=cast.actor("other_head"), vote="object", text="Geheimer Einwand")
    slot.answer().settle(by=cast.actor("steering_team"), reason="Geheime Klärung")

    told = {
        who: words(client, cast, who, "measures:review-history", review.pk)
        for who in ("project_group", "department_head")
    }

    assert "Objection settled: 51 Jugendamt Geheime Klärung" in told["project_group"]
    assert "Geheim" not in told["department_head"]
    assert "51 Jugendamt" not in told["department_head"]


def test_a_formal_participation_a_resource_and_an_indicator_have_their_pages(cast, client):
    measure = cast.measure(State.RUNNING)
    opened = StaffParticipation.objects.start(
        measure, by=cast.actor("project_group"), kind="hearing", informed_on=timezone.localdate()
    )
    opened.state_view(by=cast.actor("staff_council"), vote="comments", text="So nicht")
    request = ResourceRequestFactory(measure=measure, amount=40000, year=2027)
    request.register(by=cast.actor("project_group"))
    value = IndicatorValueFactory(indicator=IndicatorFactory(measure=measure, name="Anträge"), value=3)

    of_participation = words(client, cast, "department_head", "measures:participation-history", measure.code, opened.pk)
    assert "the staff council has stated its view" in of_participation
    of_resource = words(client, cast, "reader", "measures:resource-history", request.pk)
    assert "Registered for the budget" in of_resource
    assert "Amount: 40,000" in of_resource
    of_indicator = words(client, cast, "reader", "measures:indicator-history", value.indicator_id)
    assert "Value added: Anträge" in of_indicator


def test_what_takes_no_steps_tells_of_nobody_elses(cast, client):
    cast.measure(State.IN_REVIEW)
    indicator = IndicatorFactory(measure=cast.measure(State.RUNNING))

    for name, pk in (("measures:indicator-history", indicator.pk), ("strategy:fields-history", cast.field.pk)):
        assert "Submitted" not in words(client, cast, "project_group", name, pk)


def test_what_belongs_to_a_draft_has_no_history_for_others(cast, client):
    draft = cast.measure()
    rows = {
        "measures:resource-history": ResourceRequestFactory(measure=draft),
        "measures:indicator-history": IndicatorFactory(measure=draft),
    }

    for name, row in rows.items():
        assert page(client, cast, "project_group", name, row.pk).status_code == 200
        for who in ("department_head", "staff_council", "reader"):
            assert page(client, cast, who, name, row.pk).status_code == 404


def test_a_ranking_begins_for_most_with_its_opening_and_never_tells_of_a_ballot(cast, client):
    planned = rankings.planned(cast, title="Geheime Vorfassung")
    planned.edit(by=cast.actor("project_group"), version=planned.version, changes={"title": "Was zuerst?"})
    type(planned).changes.update(history_date=timezone.now() - timedelta(hours=1))
    planned.open(by=cast.actor("project_group"))
    rankings.vote(planned, cast.department_head)

    told = {
        who: words(client, cast, who, "measures:ranking-history", planned.pk)
        for who in ("project_group", "department_head")
    }

    assert "Geheime Vorfassung" in told["project_group"]
    assert "Geheim" not in told["department_head"]
    assert "Ranking opened" in told["department_head"]
    for text in told.values():
        assert "Ballot" not in text


def test_the_frame_of_a_strategy_is_told_to_project_group_and_administration(cast, client):
    cast.field.title = "Gesundes Arbeiten"
    cast.field.save()
    cast.strategy.vision = "Gemeinsam"
    cast.strategy.save()

    for who in ("administrator", "project_group"):
        assert "Gesundes Arbeiten" in words(client, cast, who, "strategy:fields-history", cast.field.pk)
        assert "Gemeinsam" in words(client, cast, who, "strategy:settings-history")
    assert page(client, cast, "reader", "strategy:fields-history", cast.field.pk).status_code == 403
    assert page(client, cast, "administrator", "strategy:fields-history", 2**63).status_code == 404


@pytest.mark.parametrize("size", [1, 20])
def test_a_history_of_the_frame_asks_the_same_number_of_questions(cast, client, size, django_assert_num_queries):
    for number in range(size):
        cast.unit.name = f"Amt {number}"
        cast.unit.save()
    client.force_login(cast.administrator)
    address = reverse("strategy:units-history", args=[cast.strategy.slug, cast.unit.pk])
    client.get(address)

    with django_assert_num_queries(6):
        client.get(address)
