"""The pages of results: what they say, to whom and when, and what they never tell."""

import csv
import io

import pytest
from django.urls import reverse

from measures.findings import Agreement
from measures.models import Measure, RankingRound
from strategy.models import Role
from tests.factories import Cast
from tests.measures import rankings
from tests.measures.test_sight import actors
from tests.pages import browser_of, text_of
from tests.world import World

State = RankingRound.State
PREPARING = {"project_group", "steering_team"}
TAKING_PART = {*PREPARING, "department_head", "administrative_head", "staff_council"}


def backwards(ranked):
    return ranked[::-1]


def shown(cast, **values):
    """A published round: seven heads agree, the one head of administration and the project group think otherwise."""
    others = [(cast.administrative_head, backwards), (cast.project_group, backwards)]
    return rankings.published(cast, rankings.voted(cast, **{"others": others} | values))


def address(ranking, name="results"):
    return reverse(f"measures:ranking-{name}", args=[ranking.strategy.slug, ranking.pk])


def page(cast, ranking, who="department_head", name="results", **query):
    return browser_of(getattr(cast, who)).get(address(ranking, name), query)


def read(*arguments, **query):
    response = page(*arguments, **query)
    assert response.status_code == 200
    return text_of(response)


def rows_of_file(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


# What they say


def test_the_heading_is_what_was_found(cast):
    text = read(cast, shown(cast, measures=8))

    assert "2 measures come first" in text
    assert "7 of 7 ballots." in text
    assert "Department heads 7 1.00 high" in text


def test_the_common_order_tells_every_figure(cast):
    ranking = shown(cast, measures=4)
    first = ranking.measures.first()

    text = read(cast, ranking)

    assert f"1 {first.code} {first.title} 1.0 1 1 21 very high" in text.replace(str(cast.priority), "very high")


def test_sixteen_places_are_shown_and_all_on_demand(cast):
    ranking = shown(cast, measures=17)
    last = ranking.measures.last()

    few, all_places = (page(cast, ranking, **query).content.decode() for query in ({}, {"places": "all"}))

    link = f'href="{last.measure.get_absolute_url()}"'
    assert (few.count(link), all_places.count(link)) == (0, 1)
    assert "All 17 places" in few
    assert "All 17 places" not in all_places


def test_the_distribution_is_of_the_measure_asked_for_or_else_the_most_contested(cast):
    def orders(ranked, number):
        return [*ranked[:2], *ranked[:1:-1]] if number < 6 else ranked  # two camps about the last two

    ranking = shown(cast, heads_in=12, measures=4, orders=orders, others=[])
    first, contested = ranking.measures.all()[0], ranking.measures.all()[2]

    assert f"Distribution: {first.title}" in read(cast, ranking, item=str(first.pk))
    for item in ("", "0", str(2**70), "\0", "nichts", str(Measure.objects.first().pk + 2**40)):
        assert f"Distribution: {contested.title}" in read(cast, ranking, item=item)


def test_a_group_that_is_not_shown_is_named_in_words_alone(cast):
    text = read(cast, shown(cast))

    assert "Administrative heads: fewer than five ballots, not shown." in text
    assert "Project group: fewer than five ballots, not shown." in text
    assert "rests on the groups shown alone" in text


def test_too_few_ballots_show_nothing_at_all(cast):
    ranking = rankings.published(cast, rankings.voted(cast, heads_in=4))

    text = read(cast, ranking)

    assert "Too few ballots for a result" in text
    assert ranking.measures.first().title not in text
    assert "Too few ballots for a result" in read(cast, ranking, "department_head", "experts")
    assert page(cast, ranking, "steering_team", "decide").status_code == 200


def test_groups_that_differ_are_contrasted(cast):
    project_group = [cast.member(Role.PROJECT_GROUP, name=f"author-{n}") for n in range(4)]
    others = [(user, backwards) for user in (cast.project_group, *project_group)]
    ranking = shown(cast, others=others, measures=4)

    text = read(cast, ranking)

    assert "No measure comes first in every group" in text
    assert "Where the groups lie apart" in text
    first = ranking.measures.first()
    assert f"{first.code} {first.title} Median Department heads 1 , Project group 4" in text
    assert f"Measure Department heads Project group {first.code} {first.title} 1 4" in text


def test_a_trial_says_that_it_leads_to_nothing(cast):
    text = read(cast, shown(cast, is_trial=True), "steering_team")

    assert "This is a trial round" in text
    assert "Set priorities" not in text


@pytest.mark.parametrize(("who", "offered"), [("steering_team", True), ("project_group", False), ("reader", None)])
def test_only_the_steering_team_is_asked_to_decide(cast, who, offered):
    ranking = shown(cast)

    response = page(cast, ranking, who)

    if offered is None:
        assert response.status_code == 404
    else:
        assert (address(ranking, "decide") in response.content.decode()) == offered


def test_the_project_group_can_publish_from_the_results(cast):
    ranking = rankings.closed(cast, rankings.voted(cast))

    response = page(cast, ranking, "project_group")

    assert "Not published yet" in text_of(response)
    assert address(ranking, "publish") in response.content.decode()


# The file


def test_the_file_holds_the_whole_order_and_no_formula(cast):
    evil = cast.measure(Measure.State.IN_REVIEW, title="=HYPERLINK(1)")
    ranking = shown(cast, measures=[evil, *(cast.measure(Measure.State.IN_REVIEW) for _ in range(17))])

    response = page(cast, ranking, export="csv")

    rows = rows_of_file(response)
    assert response["Content-Disposition"] == f'attachment; filename="results-{ranking.pk}.csv"'
    assert len(rows) == 19
    assert rows[0][:5] == ["Place", "Code", "Measure", "Field of action", "Proposal"]
    assert rows[0][-1] == "Median Department heads"
    assert rows[1] == [
        *("1", evil.code, "'=HYPERLINK(1)", str(evil.field), "yes"),
        *("119", "1", "1", "1", "1", "7", "1", "1", "", "1"),
    ]


def test_the_file_for_experts_holds_all_pairs(cast):
    ranking = shown(cast, measures=3)
    codes = list(ranking.measures.values_list("code", flat=True))

    rows = rows_of_file(page(cast, ranking, "department_head", "experts", export="csv"))

    assert rows[0] == ["Place", "Code", "Measure", *codes]
    assert [row[3:] for row in rows[1:]] == [["", "<5", "<5"], ["–", "", "<5"], ["–", "–", ""]]


# For experts


def test_experts_read_winner_pairs_tests_and_intervals(cast):
    ranking = shown(cast, measures=4)
    first = ranking.measures.first()

    text = read(cast, ranking, "department_head", "experts")

    assert f"{first.title} wins every comparison" in text
    assert "First places: at most 7 ballots for one measure" in text
    assert "Department heads 7 1.00 21.0 3 < 0.001" in text
    assert "Administrative heads: fewer than five ballots, not shown." in text


def test_experts_read_who_goes_round_in_a_circle(cast):
    def orders(ranked, number):
        turn = number % 3
        return ranked[turn:3] + ranked[:turn] + ranked[3:]

    ranking = shown(cast, heads_in=9, measures=4, orders=orders, others=[])

    text = read(cast, ranking, "department_head", "experts")

    assert "No measure wins every comparison" in text
    assert "3 measures win against all the rest" in text


# Receipts


def test_the_owner_reads_that_the_ballot_counts(cast):
    ranking = shown(cast)
    receipt = rankings.ballot_of(ranking, cast.department_head).receipt

    assert f"Its receipt {receipt} is among those counted." in read(cast, ranking)
    assert "This receipt is among those counted." in read(cast, ranking, receipt=f" {receipt.upper()} ")
    assert "There is no such receipt" in read(cast, ranking, receipt="0" * 20)
    assert "Does my ballot count?" in read(cast, ranking, "staff_council")


def test_a_ballot_that_is_in_no_figure_has_no_receipt_in_the_list(cast):
    """The number of receipts less the number of ballots would be the size of the groups not shown."""
    ranking = shown(cast)

    assert len(ranking.results["receipts"]) == ranking.results["overall"]["n"] == 7
    assert "Your ballot has been handed in, but is in no figure" in read(cast, ranking, "administrative_head")
    receipt = rankings.ballot_of(ranking, cast.administrative_head).receipt
    assert receipt not in read(cast, ranking, "project_group")


# Two rounds


def second_round(cast, first, **values):
    copy = RankingRound.objects.copy(first, by=cast.actor("project_group"), follows=True)
    copy.edit(by=cast.actor("project_group"), version=copy.version, changes={"closes_at": rankings.in_days(7)})
    copy.open(by=cast.actor("project_group"))
    for elector in copy.electors.filter(group="department_heads").select_related("user"):
        rankings.vote(copy, elector.user, backwards(rankings.items(copy)))
    return rankings.published(cast, copy)


def test_a_second_round_tells_what_moved(cast):
    first = shown(cast, measures=3, title="Erste Runde")

    text = read(cast, second_round(cast, first))

    assert "Since the round before, 2 of 3 measures have changed their place" in text
    assert "ρ = -1.00" in text
    last = first.measures.last()
    assert f"{last.code} {last.title} 3 1 +2 0 0 unchanged" in text


def test_what_moved_since_a_round_that_is_not_published_is_told_to_those_who_see_it_alone(cast):
    first = rankings.closed(cast, rankings.voted(cast, measures=3, title="Geheime Runde"))
    second = second_round(cast, first)

    texts = {who: read(cast, second, who) for who in sorted(TAKING_PART)}

    assert {who for who, text in texts.items() if "Since the round before" in text} == PREPARING


# Who sees them


def answers(cast, ranking):
    """{who: the status of results and page for experts, whether the results tell of anything}."""
    names = ("results", "experts")
    title = ranking.measures.first().title
    found = {}
    for who in (*TAKING_PART, "reader", "administrator", "stranger"):
        results, experts = (page(cast, ranking, who, name) for name in names)
        found[who] = (results.status_code, experts.status_code, title in text_of(results))
    return found


NOTHING, LATER, ALL = (404, 404, False), (200, 404, False), (200, 200, True)


def test_nobody_sees_results_while_the_round_is_open(cast):
    ranking = rankings.voted(cast)

    assert answers(cast, ranking) == {
        **dict.fromkeys(TAKING_PART, LATER),
        **dict.fromkeys(("reader", "administrator", "stranger"), NOTHING),
    }
    assert "Results appear after the end of the round" in read(cast, ranking)


def test_after_closing_those_who_prepare_and_decide_see_results(cast):
    ranking = rankings.closed(cast, rankings.voted(cast))

    assert answers(cast, ranking) == {
        **dict.fromkeys(PREPARING, ALL),
        **dict.fromkeys(TAKING_PART - PREPARING, LATER),
        **dict.fromkeys(("reader", "administrator", "stranger"), NOTHING),
    }
    assert "The results are not published yet" in read(cast, ranking)


def test_after_publishing_all_who_take_part_see_results(cast):
    assert answers(cast, shown(cast)) == {
        **dict.fromkeys(TAKING_PART, ALL),
        **dict.fromkeys(("reader", "administrator", "stranger"), NOTHING),
    }


def test_a_cancelled_round_has_no_results_for_anybody(cast):
    ranking = rankings.cancelled(cast, rankings.closed(cast, rankings.voted(cast)))

    assert set(answers(cast, ranking).values()) == {LATER, NOTHING}
    assert "This round has no results" in read(cast, ranking)


def test_the_list_of_rounds_with_results_agrees_with_the_right_to_see_them(db):
    world = World()
    rounds = [make(world) for make in rankings.IN_STATE.values()] + [rankings.published(Cast())]

    for name, actor in actors(world).items():
        listed = set(RankingRound.objects.results_visible_to(actor))
        assert listed == {one for one in rounds if actor.has_perm("measures.view_results_rankinground", one)}, name


def test_a_title_ranked_is_a_link_only_where_the_measure_may_be_seen(cast):
    ranking = shown(cast)
    sent_back = ranking.measures.first().measure
    sent_back.send_back(by=cast.actor("project_group"), reason="Noch einmal überlegen")

    head, author = (page(cast, ranking, who).content.decode() for who in ("department_head", "project_group"))

    assert sent_back.get_absolute_url() not in head
    assert sent_back.get_absolute_url() in author
    assert ranking.measures.last().measure.get_absolute_url() in head


def test_the_sheet_tells_the_place_to_those_who_see_the_results(cast):
    running = cast.measure(Measure.State.RUNNING)
    ranking = rankings.closed(cast, rankings.voted(cast, measures=[running, cast.measure(Measure.State.RUNNING)]))

    def who_reads():
        texts = {who: text_of(browser_of(getattr(cast, who)).get(running.get_absolute_url())) for who in SHEET_READERS}
        return {who for who, text in texts.items() if "Place 1 of 2" in text}

    assert who_reads() == set()
    ranking.publish(by=cast.actor("project_group"))
    assert who_reads() == TAKING_PART


SHEET_READERS = (*sorted(TAKING_PART), "reader", "administrator")


# Words and numbers of queries


@pytest.mark.parametrize(
    ("w", "words"),
    [(1, ("1,00", "hoch")), (0.7, ("0,70", "hoch")), (0.5, ("0,50", "mittel")), (0.1, ("0,10", "gering"))],
)
def test_agreement_has_a_word(w, words):
    found = Agreement("department_heads", 9, w, 3.0, 0.0004)

    assert (found.w_shown, found.word) == words
    assert found.p_shown == "< 0,001"


def test_agreement_that_cannot_be_told_has_a_dash():
    assert (Agreement("", 9, None, None, None).w_shown, Agreement("", 9, None, None, None).word) == ("–", "")


@pytest.mark.parametrize("measures", [3, 18])
@pytest.mark.parametrize(("name", "queries"), [("results", 13), ("experts", 7)])
def test_results_ask_the_same_number_of_questions(cast, client, name, queries, measures, django_assert_num_queries):
    ranking = (
        second_round(cast, shown(cast, measures=measures)) if name == "results" else shown(cast, measures=measures)
    )
    client.force_login(cast.department_head)
    client.get(address(ranking, name))  # warm caches

    with django_assert_num_queries(queries):
        assert client.get(address(ranking, name), {"places": "all"}).status_code == 200
