"""The pages of ranking rounds: planning, conflicts, steps, and who reads what on them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from measures.models import Measure, RankingRound
from strategy.actor import Actor
from strategy.models import Role
from strategy.navigation import menu
from tests.factories import Cast, MeasureFactory
from tests.measures import rankings
from tests.pages import browser_of, text_of, typed_on

State = RankingRound.State
GROUPS = list(RankingRound.Group)
TIMES = {"closes_at_day": "2031-10-31", "closes_at_time": ""}


def url_of(name, *args):
    return reverse(f"measures:{name}", args=args)


def page_of(ranking, step=""):
    return url_of(f"ranking-{step}" if step else "ranking", ranking.strategy.slug, ranking.pk)


def plan_url(cast):
    return url_of("ranking-create", cast.strategy.slug)


def in_berlin(text):
    return timezone.make_aware(parse_datetime(text))


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


@pytest.fixture
def planner(cast):
    """The project group's browser, and two measures to be ranked."""
    cast.chosen = [cast.measure(Measure.State.IN_REVIEW), cast.measure(Measure.State.RUNNING)]
    return browser_of(cast.project_group)


# Planning


def test_a_new_round_begins_with_everything_that_can_be_ranked_and_all_groups(cast, planner):
    for state in (Measure.State.DRAFT, Measure.State.DROPPED):
        cast.measure(state)
    form = planner.get(plan_url(cast))

    answer = planner.post(plan_url(cast), typed_on(form, title="Vorrang", question="Was zuerst?", **TIMES))

    ranking = RankingRound.objects.get()
    assert answer.url == ranking.get_absolute_url()
    assert [row.measure for row in ranking.measures.all()] == cast.chosen
    assert dict(ranking.groups.values_list("group", "weight")) == dict.fromkeys(GROUPS, 1)
    assert (ranking.closes_at, ranking.opens_at) == (in_berlin("2031-11-01 00:00"), None)
    assert (ranking.method, ranking.top_n, ranking.smallest_group, ranking.is_trial) == ("full", None, 5, False)


def test_a_round_can_be_planned_bit_by_bit(cast, planner):
    typed = typed_on(planner.get(plan_url(cast)), title="Vorrang", question="Was zuerst?", measures=[])
    typed |= {f"votes_{group}": "" for group in GROUPS}

    assert planner.post(plan_url(cast), typed).status_code == 302

    shown = text_of(planner.get(page_of(RankingRound.objects.get())))
    assert "Before the round can open:" in shown
    assert "Please choose at least two measures." in shown
    assert "Please say when the round closes." in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "Vor\x00rang"}, "title"),
        ({"question": " "}, "question"),
        ({"method": "dice"}, "method"),
        ({"method": "top"}, "top_n"),
        ({"method": "top", "top_n": "0"}, "top_n"),
        ({"method": "top", "top_n": "9" * 30}, "top_n"),
        ({"method": "top", "top_n": "١٠"}, None),  # digits are digits in any script
        ({"closes_at_day": "2020-01-01"}, "closes_at"),
        ({"closes_at_day": "31.10."}, "closes_at"),
        ({"closes_at_day": "9999-12-31"}, "closes_at"),
        ({"closes_at_day": "0001-01-01"}, "closes_at"),
        ({"closes_at_day": "", "closes_at_time": "18:00"}, "closes_at"),
        ({"closes_at_day": "2031-10-31", "closes_at_time": "25:00"}, "closes_at"),
        ({"closes_at_day": "2031-03-30", "closes_at_time": "02:30"}, "closes_at"),  # the clock jumps over it
        ({"opens_at_day": "2031-11-02"}, "closes_at"),
        ({"smallest_group": "4"}, "smallest_group"),
        ({"weight_project_group": "0"}, "weight_project_group"),
        ({"weight_project_group": ""}, "weight_project_group"),
        ({"weight_project_group": "1e9"}, "weight_project_group"),
        ({"weight_project_group": "NaN"}, "weight_project_group"),
        ({"measures": [str(2**70)]}, "measures"),
        ({"measures": ["A1"]}, "measures"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_what_was_typed_is_kept(cast, planner, typed, field):
    base = {"title": "Vorrang", "question": "Was zuerst?", **TIMES}
    body = typed_on(planner.get(plan_url(cast)), **(base | typed))

    answer = planner.post(plan_url(cast), body)

    if field is None:
        assert answer.status_code == 302
        return
    assert (answer.status_code, list(errors_of(answer))) == (200, [field])
    assert not RankingRound.objects.exists()
    if "title" not in typed:
        assert typed_on(answer)["title"] == ["Vorrang"]


def test_a_draft_and_an_ended_measure_are_neither_offered_nor_taken(cast, planner):
    hidden = [cast.measure(Measure.State.DRAFT), cast.measure(Measure.State.COMPLETED)]
    form = planner.get(plan_url(cast))

    answer = planner.post(plan_url(cast), typed_on(form, title="W", question="W?", measures=[hidden[0].pk]))

    assert [measure for measure in hidden if measure.title in form.content.decode()] == []
    assert list(errors_of(answer)) == ["measures"]


def test_a_planned_round_is_edited_and_shows_itself_as_it_is_stored(cast, planner):
    ranking = rankings.planned(cast, measures=cast.chosen[:1], closes_at=in_berlin("2031-10-31 18:00"))
    form = planner.get(page_of(ranking, "edit"))
    typed = typed_on(form)
    assert (typed["measures"], typed["closes_at_day"], typed["closes_at_time"]) == (
        [str(cast.chosen[0].pk)],
        ["2031-10-31"],
        ["18:00"],
    )

    changes = {"title": "Anders", "method": "top", "top_n": "7", "weight_project_group": "2.5", "measures": []}
    answer = planner.post(page_of(ranking, "edit"), typed_on(form, **changes))

    ranking.refresh_from_db()
    assert answer.url == ranking.get_absolute_url()
    assert (ranking.title, ranking.method, ranking.top_n, ranking.version) == ("Anders", "top", 7, 2)
    assert float(ranking.groups.get(group="project_group").weight) == 2.5
    assert not ranking.measures.exists()
    assert ranking.closes_at == in_berlin("2031-10-31 18:00")


def test_a_measure_that_can_no_longer_be_ranked_is_named_and_falls_out_on_saving(cast, planner):
    ranking = rankings.planned(cast, measures=cast.chosen)
    gone = cast.chosen[0]
    gone.send_back(by=cast.actor("steering_team"), reason="Zu teuer")
    form = planner.get(page_of(ranking, "edit"))

    planner.post(page_of(ranking, "edit"), typed_on(form))

    assert f"saving takes them out: {gone}" in text_of(form)
    assert [row.measure for row in ranking.measures.all()] == cast.chosen[1:]


def test_two_who_edit_at_once_lose_nothing(cast, planner):
    ranking = rankings.planned(cast, measures=cast.chosen, closes_at=in_berlin("2031-10-31 18:00"))
    form = planner.get(page_of(ranking, "edit"))
    theirs = {"title": "Deren Titel", "question": "Deren Frage", "closes_at": in_berlin("2031-11-07 12:00")}
    ranking.edit(
        by=cast.actor("project_group"), version=1, changes=theirs, measures=cast.chosen[:1], groups={"project_group": 2}
    )

    answer = planner.post(page_of(ranking, "edit"), typed_on(form, title="Mein Titel", smallest_group="6"))

    kept = typed_on(answer)
    assert answer.status_code == 409
    assert (kept["title"], kept["question"], kept["smallest_group"]) == (["Mein Titel"], ["Deren Frage"], ["6"])
    assert (kept["closes_at_day"], kept["closes_at_time"], kept["version"]) == (["2031-11-07"], ["12:00"], ["2"])
    assert {row.name: row.stored for row in answer.context["differences"]} == {
        "title": "Deren Titel",
        "measures": str(cast.chosen[0]),
        "groups": "Project group: 2",
    }
    ranking.refresh_from_db()
    assert ranking.title == "Deren Titel"

    assert planner.post(page_of(ranking, "edit"), kept).status_code == 302
    ranking.refresh_from_db()
    assert (ranking.title, ranking.question, ranking.version) == ("Mein Titel", "Deren Frage", 3)


@pytest.mark.parametrize("version", ["", "0", "x", "99", str(2**70)])
def test_a_missing_or_unknown_version_is_never_taken_as_the_latest(cast, planner, version):
    ranking = rankings.planned(cast, measures=cast.chosen)

    typed = typed_on(planner.get(page_of(ranking, "edit")), title="Anders", version=version)
    answer = planner.post(page_of(ranking, "edit"), typed)

    ranking.refresh_from_db()
    assert answer.status_code in (200, 409)
    assert (ranking.title, ranking.version) == ("Vorrang 2027", 1)


def test_who_edits_while_the_round_opens_gets_the_own_words_back(cast, planner):
    ranking = rankings.planned(cast, measures=cast.chosen)
    form = planner.get(page_of(ranking, "edit"))
    ranking.open(by=cast.actor("project_group"))

    answer = planner.post(page_of(ranking, "edit"), typed_on(form, question="Meine neue Frage"))

    assert answer.status_code == 409
    assert "Meine neue Frage" in text_of(answer)


# Steps


def test_a_round_goes_its_whole_way_by_its_pages(cast, planner):
    ranking = rankings.planned(cast, measures=cast.chosen)
    told = {}
    for step, typed in (
        ("open", {}),
        ("extend", {"closes_at_day": "2031-10-31", "reason": "Urlaubszeit"}),
        ("close", {"reason": "Alle haben abgegeben"}),
        ("publish", {}),
    ):
        url = page_of(ranking, step)
        told[step] = text_of(planner.get(url))
        answer = planner.post(url, typed_on(planner.get(url), **typed))
        assert answer.url == ranking.get_absolute_url()

    ranking.refresh_from_db()
    assert (ranking.state, ranking.closes_at) == (State.PUBLISHED, in_berlin("2031-11-01 00:00"))
    assert "4 people may vote. 2 measures are ranked." in told["open"]
    assert "0 of 4 ballots have been handed in." in told["extend"]
    assert "So far it closes on 31 Oct 2031, 24:00." in told["close"]
    assert list(ranking.transitions.values_list("verb", flat=True)) == ["open", "extend", "close", "publish"]


def test_a_round_that_lacks_something_says_so_instead_of_opening(cast, planner):
    ranking = rankings.planned(cast, measures=cast.chosen[:1], groups={})

    shown, opened = planner.get(ranking.get_absolute_url()), planner.get(page_of(ranking, "open"))

    assert opened.status_code == 409
    for sentence in ("Please choose at least two measures.", "Please choose a group in which somebody may vote."):
        assert sentence in text_of(shown)
        assert sentence in text_of(opened)
    assert page_of(ranking, "open") not in shown.content.decode()


def test_closing_asks_for_a_reason_only_before_the_time_has_come(cast, planner):
    ranking = rankings.open_(cast, measures=cast.chosen)
    url = page_of(ranking, "close")

    refused = planner.post(url, typed_on(planner.get(url), reason=" "))
    assert list(errors_of(refused)) == ["reason"]

    RankingRound.objects.update(closes_at=timezone.now(), opened_at=timezone.now() - timedelta(days=1))
    form = planner.get(url)
    assert "reason" not in typed_on(form)
    assert planner.post(url, typed_on(form)).status_code == 302


@pytest.mark.parametrize("typed", [{"closes_at_day": ""}, {"closes_at_day": "2020-01-01"}, {"reason": ""}])
def test_more_time_needs_a_later_day_and_a_reason(cast, planner, typed):
    ranking = rankings.open_(cast, measures=cast.chosen)
    url = page_of(ranking, "extend")

    answer = planner.post(
        url, typed_on(planner.get(url), **({"closes_at_day": "2031-10-31", "reason": "Urlaub"} | typed))
    )

    assert list(errors_of(answer)) == ["reason" if "reason" in typed else "closes_at"]


def test_a_step_that_comes_too_late_says_so(cast, planner):
    ranking = rankings.open_(cast, measures=cast.chosen)
    url = page_of(ranking, "extend")
    form = planner.get(url)
    rankings.cancelled(cast, ranking)

    answer = planner.post(url, typed_on(form, closes_at_day="2031-10-31", reason="Bitte noch eine Woche"))

    assert answer.status_code == 409
    assert "Bitte noch eine Woche" in text_of(answer)


def test_a_copy_leads_to_where_it_is_planned_and_may_follow(cast, planner):
    first = rankings.published(cast, measures=cast.chosen)
    url = page_of(first, "copy")
    for kind, follows in (("copy", None), ("follow", first)):
        answer = planner.post(url, typed_on(planner.get(url), kind=kind))

        copy = RankingRound.objects.first()
        assert answer.url == page_of(copy, "edit")
        assert copy.follows == follows
    assert "Followed by Vorrang 2027 (zweite Runde)" in text_of(planner.get(first.get_absolute_url()))


# Who reads what


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("name", [*Role.values, "other_head", "stranger"])
def test_everybody_sees_the_rounds_they_may_and_the_others_are_not_there(cast, state, name):
    ranking = rankings.IN_STATE[state](cast)
    browser = browser_of(getattr(cast, name))
    sees = name in Role.TAKING_PART or name == "other_head"
    if state == State.PLANNED:
        sees = name in ("project_group", "steering_team")

    listed, shown = browser.get(url_of("rankings", cast.strategy.slug)), browser.get(ranking.get_absolute_url())

    assert shown.status_code == (200 if sees else 404)
    assert (ranking.get_absolute_url() in listed.content.decode()) is sees


def test_only_the_project_group_reads_which_units_and_groups_have_voted(cast):
    ranking = rankings.open_(cast)
    rankings.vote(ranking, cast.department_head)
    shown = {
        name: text_of(browser_of(getattr(cast, name)).get(ranking.get_absolute_url()))
        for name in ("project_group", *(role for role in Role.TAKING_PART if role != "project_group"))
    }

    assert "Units whose ballot is missing 51 Jugendamt" in shown["project_group"]
    assert "Department heads 1 2 1" in shown["project_group"]
    for name, text in shown.items():
        if name != "project_group":
            assert "Jugendamt" not in text
            assert "Department heads 1 2 Administrative heads" in text


def test_nobody_is_named_as_voter(cast):
    cast.other_head.function = "Leitung Jugendamt persönlich"
    cast.other_head.save()
    ranking = rankings.open_(cast)

    assert "persönlich" not in text_of(browser_of(cast.project_group).get(ranking.get_absolute_url()))


def test_a_voter_reads_how_the_own_ballot_stands(cast):
    ranking = rankings.open_(cast)
    head = browser_of(cast.department_head)
    stands = [text_of(head.get(ranking.get_absolute_url()))]
    ballot = rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[:2])
    stands.append(text_of(head.get(ranking.get_absolute_url())))
    ballot.submit(by=Actor.of(cast.department_head))
    stands.append(text_of(head.get(ranking.get_absolute_url())))
    rankings.closed(cast, ranking)
    stands.append(text_of(head.get(ranking.get_absolute_url())))

    expected = ["Not begun yet.", "Draft: 2 of 3 placed", "Handed in on", "You handed in your ballot on"]
    assert [words in text for words, text in zip(expected, stands, strict=True)] == [True] * 4
    other = text_of(browser_of(cast.other_head).get(ranking.get_absolute_url()))
    assert "You did not hand in a ballot" in other


def test_after_closing_only_those_who_may_see_results_are_sent_there(cast):
    closed = rankings.closed(cast)

    shown = {
        name: text_of(browser_of(getattr(cast, name)).get(closed.get_absolute_url()))
        for name in ("project_group", "steering_team", "department_head", "staff_council")
    }

    assert [name for name, text in shown.items() if "View results" in text] == ["project_group", "steering_team"]
    assert "when the project group publishes them" in shown["department_head"]


def test_a_measure_sent_back_is_named_but_not_linked_for_those_who_no_longer_see_it(cast):
    ranking = rankings.open_(cast)
    row = ranking.measures.first()
    row.measure.send_back(by=cast.actor("steering_team"), reason="Zu teuer")

    seen = {
        name: browser_of(getattr(cast, name)).get(ranking.get_absolute_url())
        for name in ("project_group", "department_head")
    }

    assert [row.title in text_of(page) for page in seen.values()] == [True, True]
    linked = [f'href="{row.measure.get_absolute_url()}"' in page.content.decode() for page in seen.values()]
    assert linked == [True, False]


# Menu, tasks, mails lead here


def test_the_menu_counts_the_rounds_that_wait_for_this_person(cast):
    rankings.open_(cast)
    rankings.vote(rankings.open_(cast), cast.department_head)
    rankings.planned(cast)
    rankings.closed(cast)

    counts = {name: count_in_menu(cast, name) for name in ("department_head", "other_head", "staff_council")}

    assert counts == {"department_head": 1, "other_head": 2, "staff_council": 0}


def count_in_menu(cast, name):
    links = [link for _title, entries in menu(cast.actor(name), cast.strategy, "/") for link in entries]
    return next(link["count"] for link in links if link["url"] == url_of("rankings", cast.strategy.slug))


def test_the_list_puts_first_what_waits_for_me(cast):
    done = rankings.open_(cast, title="Schon abgegeben", closes_at=rankings.in_days(1))
    rankings.vote(done, cast.department_head)
    rankings.open_(cast, title="Wartet auf mich", closes_at=rankings.in_days(9))

    listed = text_of(browser_of(cast.department_head).get(url_of("rankings", cast.strategy.slug)))

    assert "One ranking waits for your ballot" in listed
    assert listed.index("Wartet auf mich") < listed.index("Schon abgegeben")
    assert "1 of 4 ballots handed in · yours is handed in" in listed


# Constant numbers of queries

QUERIES = {"list": 5, "round": 15, "plan": 6, "edit": 9}


def queries_of(cast, ranking, draft):
    browser = browser_of(cast.project_group)
    urls = {
        "list": url_of("rankings", cast.strategy.slug),
        "round": ranking.get_absolute_url(),
        "plan": plan_url(cast),
        "edit": page_of(draft, "edit"),
    }
    return {name: asked(browser, url) for name, url in urls.items()}


def asked(browser, url):
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_the_pages_ask_the_same_number_of_queries_for_few_and_many(cast):
    few = queries_of(cast, rankings.open_(cast), rankings.planned(cast))
    template = {"strategy": cast.strategy, "field": cast.field, "state": "in_review"}
    measures = [MeasureFactory(**template, submitted_on=timezone.localdate()) for _ in range(12)]
    rankings.heads(cast, 6)
    rankings.closed(cast, measures=measures)

    many = queries_of(cast, rankings.open_(cast, measures=measures), rankings.planned(cast, measures=measures))

    assert (few, many) == (QUERIES, QUERIES)


def test_an_id_no_database_holds_is_not_there(cast):
    browser = browser_of(cast.project_group)

    for step in ("", "edit/", "open/", "close/", "extend/", "publish/", "cancel/", "copy/"):
        for pk in (2**63, 10**40):
            assert browser.get(f"/{cast.strategy.slug}/rankings/{pk}/{step}").status_code == 404


def test_rounds_of_two_strategies_do_not_meet(cast):
    other = Cast()
    foreign = rankings.open_(other)

    browser = browser_of(cast.project_group)

    assert browser.get(f"/{cast.strategy.slug}/rankings/{foreign.pk}/").status_code == 404
