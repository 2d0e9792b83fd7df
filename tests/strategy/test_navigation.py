"""The main menu and the frame around every page."""

import pytest
from django.urls import reverse

from measures.models import Measure
from strategy.models import Role
from strategy.navigation import menu
from tests.factories import MembershipFactory


def names(cast, role, path="/"):
    return [link["url"].removeprefix(f"/{cast.strategy.slug}/") for link in links(cast, role, path)]


def links(cast, role, path):
    return [link for _title, entries in menu(cast.actor(role), cast.strategy, path) for link in entries]


COUNCIL_BUSINESS = ["settings/sessions/", "settings/papers/"]
MAINTAINS = {Role.PROJECT_GROUP: [*COUNCIL_BUSINESS, "dispatch/"], Role.ADMINISTRATOR: [*COUNCIL_BUSINESS, "settings/"]}


@pytest.mark.parametrize("role", Role.values)
def test_the_menu_offers_what_the_role_maintains(cast, role):
    work = [] if role in Role.LOOKING_ON else ["reviews/", "rankings/", "needs/"]
    quality = ["quality/"] if role == Role.PROJECT_GROUP else []
    evaluate = ["timeline/", *quality, "indicators/", "resources/", "reports/", "brochure/", "history/"]

    assert names(cast, role) == ["", "measures/", *work, *evaluate, *MAINTAINS.get(role, [])]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("", ""),
        ("measures/", "measures/"),
        ("measures/A1/edit/", "measures/"),
        ("settings/units/", "settings/"),
        ("tasks/", None),
        ("search/", None),
    ],
)
def test_the_entry_nearest_to_the_page_is_marked(cast, path, current):
    base = f"/{cast.strategy.slug}/"

    marked = [link["url"] for link in links(cast, "administrator", base + path) if link["is_current"]]

    assert marked == ([] if current is None else [base + current])


def test_the_menu_counts_what_the_person_sees_and_what_is_open(cast):
    cast.measure(Measure.State.DRAFT)
    cast.measure(Measure.State.IN_REVIEW)
    cast.measure(Measure.State.AGREED)
    cast.measure(Measure.State.RUNNING)

    shown = {
        role: [link["count"] for link in links(cast, role, "/") if link["count"]]
        for role in ("project_group", "department_head", "reader")
    }

    assert shown == {"project_group": [4, 1], "department_head": [3, 1], "reader": [1]}


def test_the_menu_asks_one_question(cast, django_assert_num_queries):
    actor = cast.actor("project_group")

    with django_assert_num_queries(1):
        menu(actor, cast.strategy, "/")


@pytest.mark.parametrize("role", Role.values)
def test_every_entry_of_the_menu_opens(cast, client, role):
    client.force_login(getattr(cast, role))

    answers = {url: client.get(f"/{cast.strategy.slug}/{url}").status_code for url in names(cast, role)}

    assert set(answers.values()) == {200}, answers


def test_other_strategies_are_offered_to_those_who_belong_to_them_alone(cast, client):
    other = MembershipFactory(user=cast.reader).strategy

    client.force_login(cast.reader)
    mine = client.get(reverse("strategy:account")).content.decode()
    client.force_login(cast.steering_team)
    theirs = client.get(reverse("strategy:account")).content.decode()

    assert f'href="/{other.slug}/"' in mine
    assert f'href="/{other.slug}/"' not in theirs


def test_a_page_without_strategy_has_no_menu_and_no_search(cast, client):
    client.force_login(cast.reader)

    page = client.get(reverse("strategy:account")).content.decode()

    assert 'class="wt-rail' not in page
    assert 'role="search"' not in page
