"""Reviews: who is asked, who reads what, and what follows from an objection or a condition."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from measures.models import Condition, Measure, Review, ReviewResponse
from strategy.models import Role
from tests.factories import Cast, UnitFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State
PEOPLE = [*Role.values, "other_head", "stranger"]


@pytest.fixture
def review(cast):
    return cast.measure(State.IN_REVIEW).open_review()


def slot_of(review, unit):
    return review.slots.get(unit=unit)


def respond_url(slot):
    return reverse("measures:respond", args=[slot.strategy.slug, slot.pk])


def settle_url(response):
    return reverse("measures:settle", args=[response.strategy.slug, response.pk])


def meet_url(condition):
    return reverse("measures:meet-condition", args=[condition.strategy.slug, condition.pk])


def list_url(cast):
    return reverse("measures:reviews", args=[cast.strategy.slug])


# Answering


@pytest.mark.parametrize(
    ("vote", "text"), [("agree", ""), ("conditions", "Nur mit Schulung"), ("object", "So nicht"), ("no_comment", "")]
)
def test_a_head_answers_for_the_unit(cast, review, vote, text):
    head, slot = browser_of(cast.department_head), slot_of(review, cast.unit)

    answer = head.post(respond_url(slot), typed_on(head.get(respond_url(slot)), vote=vote, text=text))

    response = ReviewResponse.objects.get()
    assert answer.url == review.get_absolute_url()
    assert (response.vote, response.text, response.text_version) == (vote, text, review.text_version)
    assert response.given_by == cast.department_head
    assert Condition.objects.filter(text=text).count() == (vote == "conditions")


def test_an_answer_is_changeable_and_the_earlier_one_is_kept_and_shown(cast, review):
    head, slot = browser_of(cast.department_head), slot_of(review, cast.unit)
    slot.respond(by=cast.actor("department_head"), vote="object", text="So *nicht* <b>x")
    page = head.get(respond_url(slot))
    assert (typed_on(page)["vote"], typed_on(page)["text"]) == (["object"], ["So *nicht* <b>x"])

    head.post(respond_url(slot), typed_on(page, vote="agree", text=""))

    assert sorted(slot.responses.values_list("vote", "state")) == [("agree", "given"), ("object", "replaced")]
    assert "So <em>nicht</em> &lt;b&gt;x" in head.get(respond_url(slot)).content.decode()


@pytest.mark.parametrize("vote", ["conditions", "object"])
@pytest.mark.parametrize("text", ["", "  ", "x" * 5001, "a\x00b"])
def test_conditions_and_objections_need_a_text_that_fits(cast, review, vote, text):
    head, slot = browser_of(cast.department_head), slot_of(review, cast.unit)

    answer = head.post(respond_url(slot), typed_on(head.get(respond_url(slot)), vote=vote, text=text))

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["text"]
    assert typed_on(answer)["vote"] == [vote]
    assert not ReviewResponse.objects.exists()


@pytest.mark.parametrize("vote", ["", "yes", "\x00", "9" * 30])
def test_an_unknown_vote_is_none(cast, review, vote):
    head, slot = browser_of(cast.department_head), slot_of(review, cast.unit)

    answer = head.post(respond_url(slot), typed_on(head.get(respond_url(slot)), vote=vote, text="Bleibt stehen"))

    assert list(answer.context["form"].errors) == ["vote"]
    assert typed_on(answer)["text"] == ["Bleibt stehen"]


def test_two_clicks_answer_once(cast, review):
    head, slot = browser_of(cast.department_head), slot_of(review, cast.unit)
    typed = typed_on(head.get(respond_url(slot)), vote="conditions", text="Nur mit Schulung")

    answers = [head.post(respond_url(slot), typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (ReviewResponse.objects.count(), Condition.objects.count()) == (1, 1)


def test_who_answers_which_slot(cast, review):
    mine = {
        cast.unit: {"department_head", "administrative_head"},
        cast.other_unit: {"other_head"},
        None: {"staff_council"},
    }

    for unit, people in mine.items():
        for name in PEOPLE:
            unseen = name in ("reader", "administrator", "stranger")
            expected = 200 if name in people else 404 if unseen else 403
            url = respond_url(slot_of(review, unit))
            assert browser_of(getattr(cast, name)).get(url).status_code == expected, (unit, name)


def test_nobody_answers_a_closed_review(cast, review):
    slot = slot_of(review, cast.unit)
    head = browser_of(cast.department_head)
    page = head.get(respond_url(slot))
    cast.agree(review.measure)

    answer = head.post(respond_url(slot), typed_on(page, vote="object", text="Zu spät getippt"))

    assert answer.status_code == 409
    assert "This review is closed" in text_of(answer)
    assert "Zu spät getippt" in text_of(answer)
    assert slot.responses.count() == 1


# Reading


def test_who_reads_which_statement_while_the_review_is_open_and_after(cast, review):
    slot_of(review, cast.unit).respond(by=cast.actor("department_head"), vote="agree", text="Stimme des Amts 10")
    slot_of(review, cast.other_unit).respond(by=cast.actor("other_head"), vote="agree", text="Stimme des Amts 51")
    slot_of(review, None).respond(by=cast.actor("staff_council"), vote="agree", text="Stimme des Rats")
    all_three = {"Stimme des Amts 10", "Stimme des Amts 51", "Stimme des Rats"}
    while_open = {
        "project_group": all_three,
        "steering_team": all_three,
        "department_head": {"Stimme des Amts 10"},
        "administrative_head": {"Stimme des Amts 10"},
        "other_head": {"Stimme des Amts 51"},
        "staff_council": {"Stimme des Rats"},
    }

    def read(name):
        page = browser_of(getattr(cast, name)).get(review.get_absolute_url())
        return {text for text in all_three if text in text_of(page)}

    assert {name: read(name) for name in while_open} == while_open
    review.measure.agree(by=cast.actor("project_group"))
    assert {name: read(name) for name in while_open} == dict.fromkeys(while_open, all_three)
    for name in ("reader", "administrator", "stranger"):
        assert browser_of(getattr(cast, name)).get(review.get_absolute_url()).status_code == 404


def test_the_list_shows_what_waits_for_me_first(cast):
    answered, waiting, late = (
        cast.measure(State.IN_REVIEW, title=title) for title in ("Beantwortet", "Wartet", "Spät")
    )
    other = cast.measure(State.IN_REVIEW, title="Fremd", lead_unit=cast.other_unit, involved_units=[])
    Review.objects.filter(measure=late).update(due_on=timezone.localdate() - timedelta(days=3))
    slot_of(answered.open_review(), cast.unit).respond(by=cast.actor("department_head"), vote="agree")

    page = browser_of(cast.department_head).get(list_url(cast))

    assert [review.measure for review in page.context["running"]] == [late, waiting, answered, other]
    assert "2 reviews wait for your statement" in text_of(page)
    assert "1 of 3 have answered" in text_of(page)
    assert "3 days overdue" in text_of(page)


def test_the_list_holds_nothing_of_a_draft_sent_back_or_of_another_strategy(cast):
    sent_back = cast.measure(State.IN_REVIEW, title="Zurückgegeben")
    sent_back.send_back(by=cast.actor("project_group"), reason="Noch offen")
    foreign = Cast().measure(State.IN_REVIEW, title="Fremde Maßnahme")

    pages = {name: browser_of(getattr(cast, name)).get(list_url(cast)) for name in ("project_group", "staff_council")}

    assert "Zurückgegeben" in text_of(pages["project_group"])
    assert "Zurückgegeben" not in text_of(pages["staff_council"])
    for page in pages.values():
        assert foreign.title not in text_of(page)
    url = reverse("measures:review", args=[cast.strategy.slug, foreign.open_review().pk])
    assert browser_of(cast.project_group).get(url).status_code == 404


@pytest.mark.parametrize("name", ["department_head", "project_group", "staff_council", "steering_team"])
def test_the_list_asks_as_much_for_many_as_for_few(cast, name):
    browser = browser_of(getattr(cast, name))

    def fill(count):
        for _ in range(count):
            cast.measure(State.IN_REVIEW)
            cast.measure(State.AGREED)

    fill(2)
    few = count_queries(browser, list_url(cast))
    fill(4)

    assert count_queries(browser, list_url(cast)) == few == QUERIES_OF_LIST[name]


QUERIES_OF_LIST = {"department_head": 15, "project_group": 13, "staff_council": 14, "steering_team": 13}


def count_queries(browser, url):
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_the_page_of_one_review_asks_as_much_for_many_slots_as_for_few(cast):
    browser = browser_of(cast.steering_team)
    units = [UnitFactory(strategy=cast.strategy) for _ in range(9)]
    few, many = (cast.measure(State.IN_REVIEW, involved_units=units[:n]) for n in (2, 9))
    for measure in (few, many):
        for slot in measure.open_review().slots.filter(unit__in=[cast.unit]):
            slot.respond(by=cast.actor("department_head"), vote="conditions", text="Nur mit Schulung")

    numbers = [count_queries(browser, measure.open_review().get_absolute_url()) for measure in (few, many)]

    assert numbers == [13, 13]


# Objections and conditions


@pytest.fixture
def objection(cast, review):
    slot_of(review, cast.unit).respond(by=cast.actor("department_head"), vote="object", text="So nicht")
    return slot_of(review, cast.unit).answer()


@pytest.fixture
def condition(cast, review):
    slot_of(review, cast.unit).respond(by=cast.actor("department_head"), vote="conditions", text="Nur mit Schulung")
    return Condition.objects.get()


def test_the_steering_team_settles_an_objection_with_a_reason(cast, review, objection):
    team = browser_of(cast.steering_team)
    page = team.get(settle_url(objection))
    assert "So nicht" in text_of(page)

    empty = team.post(settle_url(objection), typed_on(page, reason=" "))
    done = team.post(settle_url(objection), typed_on(page, reason="Wir gehen es schrittweise an."))

    assert list(empty.context["form"].errors) == ["reason"]
    assert done.url == review.get_absolute_url()
    objection.refresh_from_db()
    assert (objection.state, objection.settlement) == ("settled", "Wir gehen es schrittweise an.")
    assert "Wir gehen es schrittweise an." in text_of(browser_of(cast.department_head).get(done.url))


def test_who_settles(cast, objection):
    expected = dict.fromkeys(PEOPLE, 404) | {
        "steering_team": 200, "project_group": 403, "department_head": 403, "administrative_head": 403,
    }  # fmt: skip
    assert {name: browser_of(getattr(cast, name)).get(settle_url(objection)).status_code for name in PEOPLE} == expected


def test_what_is_no_standing_objection_cannot_be_settled(cast, review, objection):
    team = browser_of(cast.steering_team)
    slot_of(review, cast.unit).respond(by=cast.actor("department_head"), vote="agree")

    for response in (objection, slot_of(review, cast.unit).answer()):
        assert team.get(settle_url(response)).status_code == 409


def test_the_project_group_marks_a_condition_as_met(cast, review, condition):
    writer = browser_of(cast.project_group)
    page = writer.get(meet_url(condition))
    assert "Nur mit Schulung" in text_of(page)

    answer = writer.post(meet_url(condition), typed_on(page, reason="Die Schulung läuft seit Mai."))

    condition.refresh_from_db()
    assert (answer.url, condition.state, condition.how) == (
        review.get_absolute_url(), "met", "Die Schulung läuft seit Mai.",
    )  # fmt: skip
    assert writer.get(meet_url(condition)).status_code == 409


def test_who_marks_conditions_as_met(cast, condition):
    expected = dict.fromkeys(PEOPLE, 404) | {
        "project_group": 200, "steering_team": 403, "department_head": 403, "administrative_head": 403,
    }  # fmt: skip
    assert {name: browser_of(getattr(cast, name)).get(meet_url(condition)).status_code for name in PEOPLE} == expected


@pytest.mark.parametrize("pk", ["0", "9" * 30])
def test_ids_that_no_row_has_are_not_found(cast, pk):
    browser = browser_of(cast.project_group)

    for path in (f"{pk}/", f"slots/{pk}/respond/", f"responses/{pk}/settle/", f"conditions/{pk}/meet/"):
        assert browser.get(f"/{cast.strategy.slug}/reviews/{path}").status_code == 404


def test_pages_beyond_the_last_show_the_last(cast):
    cast.measure(State.AGREED)

    for page in ("2", "-1", "x", "\x00", "9" * 30, "１"):
        assert browser_of(cast.project_group).get(list_url(cast), {"page": page}).status_code == 200
