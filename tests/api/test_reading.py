"""What programs read: the same rows as on the pages, page by page, filtered and sorted by the same words."""

from urllib.parse import parse_qs, urlsplit

import pytest

from measures.models import Measure, Need
from tests.api.conftest import Program
from tests.factories import IndicatorFactory, IndicatorValueFactory
from tests.world import World, undone

pytestmark = pytest.mark.django_db
LISTS = (
    "fields",
    "stages",
    "units",
    "measures",
    "milestones",
    "status-updates",
    "indicators",
    "indicator-values",
    "resources",
    "reviews",
    "needs",
    "rankings",
    "reports",
)


def furnish(world):
    everything = "draft in_review running completed review need_draft need_submitted resource indicator_value amended"
    for name in (*everything.split(), "own_indicator_value", "ranking_published", "report", "objection", "milestone"):
        getattr(world, name, None)
    world.running.milestones.create(title="Erster Schritt", due_on="2027-03-31", strategy=world.strategy)
    return world


@pytest.fixture(scope="module")
def furnished(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), undone():
        yield furnish(World())


@pytest.mark.parametrize("name", LISTS)
def test_every_list_shows_rows_and_each_row_has_its_address(name, furnished):
    group = Program(furnished, "project_group")
    rows = group.rows(f"{name}/")

    assert rows
    key = next(key for key in ("code", "letter", "id", "number") if key in rows[0])
    key = "letter" if name == "fields" else key
    assert group.get(f"{name}/{rows[0][key]}/") == rows[0]


@pytest.mark.parametrize(
    "who", ["project_group", "lead_head", "staff_council", "steering_team", "reader", "administrator"]
)
def test_a_list_holds_what_the_person_may_see_and_nothing_else(who, furnished):
    codes = {row["code"] for row in Program(furnished, who).rows("measures/")}

    assert codes == set(Measure.objects.visible_to(furnished.actor(who)).values_list("code", flat=True))


def test_a_reader_is_refused_what_only_those_who_take_part_may_see(furnished):
    reader = Program(furnished, "reader")

    statuses = {name: reader.ask("get", f"{name}/").status_code for name in ("needs", "reviews", "rankings")}

    assert statuses == {"needs": 403, "reviews": 403, "rankings": 403}


def test_a_strategy_in_which_one_has_no_role_is_not_there(furnished):
    stranger = Program(furnished, furnished.stranger)

    assert stranger.ask("get", "measures/").status_code == 404
    assert furnished.strategy.slug not in [row["slug"] for row in stranger.rows("/api/v1/strategies/")]


def test_pages_hold_every_row_once_while_rows_come(world, program):
    for _ in range(7):
        world.measure(Measure.State.DRAFT)
    group, found = program(), []

    page = group.get("measures/", limit=3)
    world.measure(Measure.State.DRAFT)
    while page:
        found += [row["code"] for row in page["results"]]
        page = page["next"] and group.get(page["next"])

    own = Measure.objects.filter(strategy=world.strategy)
    assert found == list(own.order_by("field__position", "pk").values_list("code", flat=True))


@pytest.fixture(scope="module")
def every_state(furnished):
    with undone():
        for state in Measure.State:
            furnished.measure(state)
        yield furnished


@pytest.mark.parametrize("ordering", ["code", "title", "state", "priority", "stage", "progress", "begin", "end", "age"])
def test_every_order_leads_through_all_pages_there_and_back(ordering, every_state):
    group = Program(every_state, "project_group")

    there, page = [], group.get("measures/", limit=3, ordering=ordering)
    while True:
        there += [row["code"] for row in page["results"]]
        if not page["next"]:
            break
        page = group.get(page["next"])
    back = [row["code"] for row in page["results"]][::-1]
    while page["previous"]:
        page = group.get(page["previous"])
        back += [row["code"] for row in page["results"]][::-1]
    backwards = [row["code"] for row in group.rows("measures/", ordering=f"-{ordering}")]

    own = Measure.objects.filter(strategy=every_state.strategy)
    assert sorted(there) == sorted(own.values_list("code", flat=True))
    assert back == there[::-1]
    assert sorted(backwards) == sorted(there)


def test_filters_are_those_of_the_page(furnished):
    group = Program(furnished, "project_group")

    assert {row["state"] for row in group.rows("measures/", state=["draft", "running"])} == {"draft", "running"}
    assert {row["lead_unit"] for row in group.rows("measures/", unit=furnished.unit.pk)} == {furnished.unit.pk}
    assert group.rows("measures/", q="gibtesnicht") == []


@pytest.mark.parametrize(
    ("address", "parameters", "named"),
    [
        ("measures/", {"state": "vergessen"}, "state"),
        ("measures/", {"stat": "draft"}, "stat"),
        ("measures/", {"ordering": "secret"}, "ordering"),
        ("milestones/", {"due_before": "morgen"}, "due_before"),
        ("resources/", {"year": "9" * 30}, "year"),
        ("needs/", {"urgency": "sehr"}, "urgency"),
        ("indicator-values/", {"indicator": "9" * 30}, "indicator"),
    ],
)
def test_a_question_that_is_not_understood_is_answered_by_its_parameter(address, parameters, named, program):
    answer = program().with_parameters(address, parameters)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in answer.json()["errors"]] == [named]


@pytest.mark.parametrize("limit", ["abc", "", "0", "-1", "501", "1.5", "\N{FULLWIDTH DIGIT FIVE}", "9" * 5000])
def test_a_number_of_rows_that_is_none_is_refused(limit, program):
    answer = program().with_parameters("measures/", {"limit": limit})

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["limit"]


@pytest.mark.parametrize("cursor", ["x", "\x00", "bzE9MQ==", "1:2:3"])
def test_a_cursor_that_is_none_of_ours_leads_nowhere(cursor, program):
    assert program().with_parameters("measures/", {"cursor": cursor}).status_code == 404


def test_a_cursor_leads_on_in_its_own_list_alone(world, program):
    world.measure(Measure.State.DRAFT), world.measure(Measure.State.DRAFT)
    group = program()
    cursor = parse_qs(urlsplit(group.get("measures/", limit=1)["next"]).query)["cursor"][0]

    assert group.with_parameters("measures/", {"cursor": cursor}).status_code == 200
    assert group.with_parameters("milestones/", {"cursor": cursor}).status_code == 404
    assert group.with_parameters("measures/", {"cursor": cursor, "ordering": "-code"}).status_code == 404


@pytest.mark.parametrize("address", ["fields/%00/", "measures/A%001/", "stages/99999999999999999999/"])
def test_an_address_that_no_database_takes_is_not_there(address, world, program):
    assert program().ask("get", address).status_code == 404


@pytest.mark.parametrize("address", ["measures/{measure.code}/?on=2026-01-31", "/api/v1/strategies/?q=x"])
def test_a_question_is_refused_where_nobody_answers_it(address, world, program):
    answer = program().ask("get", address.format(measure=world.draft))

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [urlsplit(address).query.split("=")[0]]


def test_a_need_names_its_measure_to_those_who_see_that_measure(world, program):
    need = world.need(Need.State.SUBMITTED)
    world.answer_need(need, Need.Outcome.ADOPTED, draft={"field": world.field, "title": "Noch geheim"})
    need.refresh_from_db()

    told = {who: program(who).get(f"needs/{need.pk}/")["measure"] for who in ("project_group", "staff_council")}

    assert told == {"project_group": need.measure.code, "staff_council": None}


def test_an_indicator_one_may_not_see_is_asked_about_like_one_that_is_not_there(world, program):
    hidden = IndicatorValueFactory(indicator=IndicatorFactory(measure=world.draft)).indicator

    assert program().rows("indicator-values/", indicator=hidden.pk) != []
    assert program("reader").rows("indicator-values/", indicator=hidden.pk) == []
    assert program("reader").rows("indicator-values/", indicator=hidden.pk + 999) == []


def test_values_of_few_people_are_told_to_no_program(world, program):
    indicator = world.indicator
    small = IndicatorValueFactory(indicator=indicator, value=3, people=3, scope="Klein")
    IndicatorValueFactory(indicator=indicator, value=700, people=700, scope="Gesamt")

    rows = program().rows("indicator-values/")

    told = next(row for row in rows if row["id"] == small.pk)
    assert (told["value"], told["people"], told["is_withheld"]) == (None, None, True)


def test_names_of_people_are_in_no_answer(furnished):
    names = {furnished.lead_head.username, furnished.project_group.username}
    program = Program(furnished, "steering_team")

    text = "".join(program.ask("get", f"{name}/").content.decode() for name in LISTS)

    assert not [name for name in names if name in text]


QUESTIONS = {
    "fields": 3,
    "units": 3,
    "measures": 7,
    "milestones": 3,
    "status-updates": 3,
    "indicators": 5,
    "resources": 3,
    "reviews": 6,
    "needs": 4,
    "rankings": 5,
    "reports": 4,
}


MADE_ANEW = ("draft", "running", "in_review", "review", "resource", "need_submitted", "indicator_value")


def test_a_list_asks_as_many_questions_for_few_rows_as_for_many(furnished, django_assert_num_queries):
    group = Program(furnished, "project_group")
    group.rows("fields/")  # notes the day of use

    def ask():
        for name, questions in QUESTIONS.items():
            with django_assert_num_queries(questions, info=name):
                group.rows(f"{name}/")

    with undone():
        ask()
        first = {name: furnished.__dict__.pop(name) for name in MADE_ANEW}
        furnish(furnished)
        ask()
    furnished.__dict__.update(first)
