"""The page of a ranking list over HTTP: with and without script, in time and too late, and for its owner alone."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from measures.models import Ballot, RankingRound
from strategy.middleware import ActorMiddleware
from strategy.models import Deputyship, Role, Transition
from tests.measures import rankings
from tests.pages import browser_of, text_of

pytestmark = pytest.mark.django_db

BALLOT_PAGES = ("ballot", "ballot-arrange", "ballot-undo", "ballot-submit", "ballot-withdraw")
JSON = {"Accept": "application/json"}


@pytest.fixture
def ranking(cast):
    return rankings.open_(cast, measures=6)


@pytest.fixture
def ballot(cast, ranking):
    """The owner's draft: four of six placed."""
    return rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[:4])


@pytest.fixture
def owner(cast):
    return browser_of(cast.department_head)


def url_of(ranking, name="ballot"):
    return reverse(f"measures:{name}", args=[ranking.strategy.slug, ranking.pk])


def sent(ballot, **fields):
    """What the page sends without script, as it was shown."""
    places = {f"place-{item}": place for place, item in enumerate(ballot.order, 1)}
    shown = {"ballot": ballot.pk, "version": ballot.version, "shown": ",".join(map(str, ballot.order))}
    return shown | places | fields


def press(owner, ballot, move, **fields):
    return owner.post(url_of(ballot.round, "ballot-arrange"), sent(ballot, move=move, **fields))


def send_order(owner, ballot, order, **fields):
    """What the page sends with script."""
    body = {"ballot": ballot.pk, "version": ballot.version, "order": order} | fields
    return owner.post(url_of(ballot.round, "ballot-arrange"), body, headers=JSON)


def stored(ballot):
    return Ballot.objects.get(pk=ballot.pk)


def end(ranking):
    """The moment of closing has come, beat has not."""
    RankingRound.objects.filter(pk=ranking.pk).update(closes_at=timezone.now() - timedelta(seconds=1))


def bands_shown(response):
    return [[row.place for row in band.rows] for band in response.context["sheet"].bands]


# What the page shows


def test_the_page_shows_the_places_in_quarters_and_the_rest_by_field(owner, ballot):
    page = owner.get(url_of(ballot.round))

    sheet = page.context["sheet"]
    assert bands_shown(page) == [[1, 2], [3], [4], []]
    assert [[row.item for row in group.rows] for group in sheet.rest] == [rankings.items(ballot.round)[4:]]
    assert "4 of 6 placed" in text_of(page)


def test_the_page_is_kept_by_no_cache(owner, ballot):
    assert "no-store" in owner.get(url_of(ballot.round))["Cache-Control"]


def test_a_measure_that_has_been_sent_back_is_ranked_on_without_a_link(cast, owner, ballot):
    first = ballot.round.measures.first()
    first.measure.send_back(by=cast.actor("project_group"), reason="Ziel fehlt")

    rows = [row for band in owner.get(url_of(ballot.round)).context["sheet"].bands for row in band.rows]

    assert [bool(row.url) for row in rows] == [row.item != first.pk for row in rows]


@pytest.mark.parametrize("measures", [10, 48])
def test_the_page_asks_the_database_as_often_for_10_measures_as_for_48(cast, owner, measures):
    ranking = rankings.open_(cast, measures=measures)
    rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[: measures // 2])
    owner.get(url_of(ranking))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        owner.get(url_of(ranking))

    assert len(queries) == 7


# Without script


@pytest.mark.parametrize(
    ("move", "item", "after"),
    [
        ("up", 2, [0, 2, 1, 3]),
        ("down", 2, [0, 1, 3, 2]),
        ("up", 0, [0, 1, 2, 3]),
        ("remove", 1, [0, 2, 3]),
        ("append", 5, [0, 1, 2, 3, 5]),
    ],
)
def test_a_button_moves_one_measure_and_leads_back_to_it(owner, ballot, move, item, after):
    items = rankings.items(ballot.round)

    answer = press(owner, ballot, f"{move}-{items[item]}")

    assert (answer.status_code, answer.url) == (302, f"{url_of(ballot.round)}#measure-{items[item]}")
    assert stored(ballot).order == [items[index] for index in after]


def test_typed_places_are_taken_all_at_once(owner, ballot):
    first, second, third, fourth, fifth, _sixth = rankings.items(ballot.round)

    press(owner, ballot, "to", **{f"place-{fourth}": " 1 ", f"place-{first}": "3", f"place-{fifth}": "2"})

    assert stored(ballot).order == [fourth, fifth, first, second, third]


def test_places_typed_before_a_button_was_pressed_are_not_lost(owner, ballot):
    first, second, third, fourth, *_rest = rankings.items(ballot.round)

    press(owner, ballot, f"up-{third}", **{f"place-{fourth}": "1"})

    assert stored(ballot).order == [fourth, first, third, second]


@pytest.mark.parametrize("typed", ["", "0", "-1", "zwei", "1,5", "99999", "１", "\x00", "\ud800"])
def test_what_is_no_place_is_marked_and_stays_in_its_field(owner, ballot, typed):
    item = ballot.order[1]
    body = urlencode(sent(ballot, move="to") | {f"place-{item}": typed}, errors="surrogatepass")

    page = owner.post(url_of(ballot.round, "ballot-arrange"), body, content_type="application/x-www-form-urlencoded")

    row = next(row for band in page.context["sheet"].bands for row in band.rows if row.item == item)
    assert page.status_code == 422
    assert row.typed == typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert "Error: Please enter a place between 1 and 4." in text_of(page)
    assert page.content.decode().count("aria-invalid") == 1
    assert stored(ballot).version == ballot.version


def test_the_last_change_is_taken_back(owner, ballot):
    before = ballot.order
    press(owner, ballot, f"remove-{before[0]}")
    now = stored(ballot)

    answer = owner.post(url_of(ballot.round, "ballot-undo"), {"ballot": now.pk, "version": now.version})

    assert (answer.status_code, answer.url) == (302, url_of(ballot.round))
    assert stored(ballot).order == before


@pytest.mark.parametrize(
    ("version", "status", "sentence"),
    [("", 422, "could not be recognised"), (1, 409, "has been changed in another window in the meantime")],
)
def test_an_outdated_or_unknown_window_takes_nothing_back(owner, ballot, version, status, sentence):
    page = owner.post(url_of(ballot.round, "ballot-undo"), {"ballot": ballot.pk, "version": version})

    assert page.status_code == status
    assert sentence in text_of(page)
    assert stored(ballot).order == ballot.order


def test_where_there_is_nothing_to_take_back_the_page_says_so(cast, owner, ranking):
    ballot = rankings.ballot_of(ranking, cast.department_head)

    page = owner.post(url_of(ranking, "ballot-undo"), {"ballot": ballot.pk, "version": ballot.version})

    assert page.status_code == 409
    assert "There is nothing to take back." in text_of(page)


def test_where_all_places_are_taken_nothing_is_appended(cast, owner):
    ranking = rankings.open_(cast, measures=5, method="top", top_n=2)
    ballot = rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[:2])

    page = press(owner, ballot, f"append-{rankings.items(ranking)[4]}")

    assert page.status_code == 409
    assert "There are only 2 places." in text_of(page)
    assert bands_shown(page) == [[1, 2]]
    assert "All 2 places are taken. Please take a measure out first." in text_of(page)
    assert stored(ballot).order == ballot.order


# Two windows


def test_an_outdated_window_saves_nothing_and_shows_the_list_as_it_is(owner, ballot):
    items = rankings.items(ballot.round)
    press(owner, ballot, f"remove-{items[0]}")
    newer = stored(ballot)

    page = press(owner, ballot, "to", **{f"place-{items[3]}": "1"})

    assert page.status_code == 409
    assert "has been changed in another window in the meantime" in text_of(page)
    assert stored(ballot).order == newer.order == items[1:4]
    shown = {row.item: row.typed for band in page.context["sheet"].bands for row in band.rows}
    assert shown == {items[1]: "1", items[2]: "2", items[3]: "1"}  # the last was typed: nothing typed is lost


def test_with_script_an_outdated_window_is_told_the_other_list(owner, ballot):
    items = rankings.items(ballot.round)
    send_order(owner, ballot, items[:1])
    newer = stored(ballot)

    answer = send_order(owner, ballot, items)

    assert (answer.status_code, answer.json()["order"], answer.json()["version"]) == (409, items[:1], newer.version)
    assert stored(ballot).order == items[:1]


def test_a_missing_version_is_not_taken_for_the_latest(owner, ballot):
    body = {"ballot": ballot.pk, "order": ballot.order[:1]}

    answer = owner.post(url_of(ballot.round, "ballot-arrange"), body, headers=JSON)

    assert answer.status_code == 422
    assert stored(ballot).order == ballot.order


# With script


def test_the_whole_order_is_saved_and_the_page_told_when(owner, ballot):
    order = ballot.order[::-1]

    answer = send_order(owner, ballot, order)

    now = stored(ballot)
    at = timezone.localtime(now.saved_at).strftime("%H:%M")
    assert answer.json() == {"version": ballot.version + 1, "order": order, "saved": f"Saved at {at}", "undo": True}
    assert now.order == order
    assert owner.get(url_of(ballot.round), headers=JSON).json() == answer.json()


def test_a_list_can_be_emptied(owner, ballot):
    assert send_order(owner, ballot, []).json()["order"] == []
    assert stored(ballot).order == []


GARBAGE = {
    "nothing": {},
    "no ballot": {"ballot": ""},
    "no number": {"version": "eins"},
    "a measure of nowhere": {"order": [2**70]},
    "no id": {"order": ["1; drop"]},
    "NUL": {"order": ["\x00"]},
    "full-width digits": {"order": ["１"]},
    "an unknown move": {"move": "sideways-1"},
    "a move of nothing": {"move": "up-"},
    "a move of everything": {"move": "up"},
    "what was shown is no list": {"move": "to", "shown": "1,zwei"},
}


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "script"])
@pytest.mark.parametrize("case", GARBAGE)
def test_garbage_is_refused(owner, ballot, case, headers):
    body = {"ballot": ballot.pk, "version": ballot.version} | GARBAGE[case] if GARBAGE[case] else {}

    answer = owner.post(url_of(ballot.round, "ballot-arrange"), body, headers=headers)

    assert answer.status_code == 422
    assert "could not be recognised" in answer.content.decode()
    assert stored(ballot).version == ballot.version


def test_a_measure_sent_twice_is_refused(owner, ballot):
    answer = send_order(owner, ballot, [ballot.order[0]] * 2)

    assert (answer.status_code, answer.json()) == (409, {"problem": "This order holds a measure twice."})
    assert stored(ballot).order == ballot.order


def test_a_round_beyond_all_numbers_is_not_there(cast, owner):
    assert owner.get(f"/{cast.strategy.slug}/rankings/{2**70}/ballot/").status_code == 404


# Its owner alone


def test_nobody_but_an_elector_gets_to_a_ballot(cast, ranking):
    electors = {"project_group", "department_head", "other_head", "administrative_head"}
    outsiders = [role.value for role in Role if role.value not in electors]

    answers = {
        (who, name): browser_of(getattr(cast, who)).get(url_of(ranking, name)).status_code
        for who in [*outsiders, "stranger"]
        for name in BALLOT_PAGES
        if name not in ("ballot-arrange", "ballot-undo")
    }

    assert set(answers.values()) == {404}


def test_each_elector_sees_the_own_list_and_no_other(cast, ballot):
    other = browser_of(cast.other_head).get(url_of(ballot.round))

    assert other.context["ballot"].elector.user == cast.other_head
    assert other.context["sheet"].placed == 0


def test_a_deputy_gets_to_no_ballot(cast, ballot):
    today = timezone.localdate()
    membership = cast.department_head.memberships.get()
    deputyship = Deputyship.objects.create(membership=membership, deputy=cast.reader, valid_from=today, valid_to=today)
    deputy = browser_of(cast.reader)
    session = deputy.session
    session[ActorMiddleware.SESSION_KEY] = deputyship.pk
    session.save()

    seen = deputy.get(ballot.round.get_absolute_url()).status_code
    answers = [deputy.post(url_of(ballot.round, name), sent(ballot)).status_code for name in BALLOT_PAGES[1:]]

    assert (seen, deputy.get(url_of(ballot.round)).status_code, answers) == (200, 404, [404] * 4)


def test_a_page_opened_by_somebody_else_changes_no_ballot(cast, ballot):
    """In the same owner another person has signed in since."""
    another = browser_of(cast.other_head)
    own = rankings.ballot_of(ballot.round, cast.other_head)

    answers = [
        send_order(another, ballot, ballot.order, version=own.version),
        another.post(url_of(ballot.round, "ballot-undo"), {"ballot": ballot.pk, "version": own.version}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert stored(own).order == []


def test_an_ended_session_gets_a_refusal_that_script_understands(ballot):
    assert send_order(Client(), ballot, ballot.order).status_code == 403


def test_the_order_stands_in_no_step_and_no_name(owner, ballot):
    owner.post(url_of(ballot.round, "ballot-submit"), token_of(owner, ballot, "submit"))

    step = Transition.objects.of(ballot).get()
    assert (step.verb, step.reason, step.label) == ("submit", "", f"ballot: {ballot.round}")


# Handing in, withdrawing, too late


def token_of(owner, ballot, verb):
    """The token of the step's page."""
    page = owner.get(url_of(ballot.round, f"ballot-{verb}"))
    return {"token": page.context["form"]["token"].value()}


def test_before_handing_in_the_page_says_what_counts_and_until_when(owner, ballot):
    words = text_of(owner.get(url_of(ballot.round, "ballot-submit")))

    assert "4 of 6 are placed. The other 2 share the average of the remaining places." in words
    assert re.search(r"You can withdraw the list and change it until .*\d{2}:\d{2}\.", words)


def test_what_is_handed_in_shows_its_receipt_and_can_be_withdrawn(owner, ballot):
    owner.post(url_of(ballot.round, "ballot-submit"), token_of(owner, ballot, "submit"))
    handed_in = owner.get(url_of(ballot.round))
    receipt = stored(ballot).receipt
    owner.post(url_of(ballot.round, "ballot-withdraw"), token_of(owner, ballot, "withdraw"))
    withdrawn = owner.get(url_of(ballot.round))

    assert re.search("Handed in on .* 4 of 6 are placed.*Withdraw ranking list", text_of(handed_in))
    assert receipt in text_of(handed_in)
    assert b"data-ballot-form" not in handed_in.content
    assert receipt not in text_of(withdrawn)
    assert b"data-ballot-form" in withdrawn.content
    assert stored(ballot).order == ballot.order


def test_an_empty_list_is_not_handed_in(cast, owner, ranking):
    ballot = rankings.ballot_of(ranking, cast.department_head)

    page = owner.post(url_of(ranking, "ballot-submit"), token_of(owner, ballot, "submit"))

    assert page.status_code == 200
    assert page.context["form"].non_field_errors() == ["Please place at least one measure first."]
    assert stored(ballot).state == Ballot.State.DRAFT


def test_what_is_handed_in_is_not_rearranged(owner, ballot):
    owner.post(url_of(ballot.round, "ballot-submit"), token_of(owner, ballot, "submit"))

    answer = send_order(owner, ballot, ballot.order[::-1])

    assert answer.status_code == 409
    assert answer.json() == {"problem": "This ballot has been handed in; please withdraw it to change it."}
    assert stored(ballot).order == ballot.order


def test_who_comes_too_late_keeps_the_draft_and_is_told(owner, ballot):
    body = token_of(owner, ballot, "submit")
    end(ballot.round)

    by_script = send_order(owner, ballot, ballot.order[::-1])
    by_button = press(owner, ballot, f"remove-{ballot.order[0]}")
    handed_in = owner.post(url_of(ballot.round, "ballot-submit"), body)

    sentence = "This round has ended. Your draft is kept, but does not count."
    assert (by_script.status_code, by_script.json()) == (409, {"problem": sentence})
    assert by_button.status_code == 409
    assert sentence in text_of(by_button)
    assert "Your draft stays visible to you, but does not count." in text_of(by_button)
    assert (handed_in.status_code, stored(ballot).state) == (409, Ballot.State.DRAFT)
    assert sentence in text_of(handed_in)
    assert stored(ballot).order == ballot.order


def test_after_the_end_a_list_that_was_handed_in_is_not_withdrawn(cast, owner, ranking):
    ballot = rankings.vote(ranking, cast.department_head)
    body = token_of(owner, ballot, "withdraw")
    end(ranking)

    page = owner.post(url_of(ranking, "ballot-withdraw"), body)

    assert page.status_code == 409
    assert "This round has ended. Your ballot has been handed in and counts." in text_of(page)
    assert stored(ballot).state == Ballot.State.SUBMITTED


@pytest.mark.parametrize(
    ("has_voted", "verb", "sentence"),
    [
        (False, "submit", "Your draft is kept, but does not count."),
        (True, "withdraw", "Your ballot has been handed in and counts."),
    ],
)
def test_the_clock_of_the_database_decides(cast, owner, ranking, has_voted, verb, sentence):
    ballot = (rankings.vote if has_voted else rankings.arrange)(ranking, cast.department_head)
    body = token_of(owner, ballot, verb)
    end(ranking)

    with time_machine.travel(timezone.now() - timedelta(hours=1)):  # by the server's own clock there is time
        page = owner.post(url_of(ranking, f"ballot-{verb}"), body)

    assert sentence in text_of(page)
    assert stored(ballot).state == ballot.state


@pytest.mark.parametrize(
    ("has_voted", "sentence"),
    [
        (True, "Your ranking list counts: its receipt is among those that were counted."),
        (False, "You have not placed anything; no list of yours counts."),
    ],
)
def test_after_the_end_the_page_says_whether_the_list_counts(cast, owner, has_voted, sentence):
    others = rankings.heads(cast, 4)  # so that the group is large enough to be shown
    ranking = rankings.open_(cast, measures=6)
    if has_voted:
        rankings.vote(ranking, cast.department_head)
    for head in others:
        rankings.vote(ranking, head)
    rankings.published(cast, ranking)

    page = owner.get(url_of(ranking))

    assert sentence in text_of(page)
    assert b'<form class="ballot"' not in page.content


def test_of_a_cancelled_round_no_list_counts(cast, owner, ballot):
    rankings.cancelled(cast, RankingRound.objects.get(pk=ballot.round_id))

    page = owner.get(url_of(ballot.round))

    assert "The round has been cancelled. No list counts." in text_of(page)
    assert page.context["sheet"].placed == 4
