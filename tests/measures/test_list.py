"""The list of measures: what it finds, in which order, for whom, and what it does with nonsense."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from playwright.sync_api import expect

from measures.census import Census
from measures.filters import MeasureFilter, choices_of
from measures.models import Measure, Tag
from strategy.models import Light, User
from tests.factories import (
    Cast,
    FieldFactory,
    MeasureFactory,
    MilestoneFactory,
    PriorityFactory,
    StageFactory,
    UnitFactory,
)
from tests.pages import text_of

State = Measure.State
FRAME = 3  # session, user, memberships with their strategies


@pytest.fixture
def cast(cast):
    User.objects.update(language="en")
    return cast


@pytest.fixture
def ask(client, cast):
    """Open the list as somebody, with these parameters."""

    def open_list(name="project_group", **query):
        client.force_login(getattr(cast, name))
        return client.get(reverse("measures:list", args=[cast.strategy.slug]), query)

    return open_list


def codes(response):
    assert response.status_code == 200
    return [row.code for row in response.context["rows"]]


def found(response):
    return set(codes(response))


def make(cast, code, state=State.RUNNING, **values):
    """A row as it would be in that state, without its way there."""
    submitted = timezone.localdate() if state != State.DRAFT else None
    decided = submitted if state not in (State.DRAFT, State.IN_REVIEW, State.AGREED) else None
    values = {"field": cast.field, "stage": cast.stage, "lead_unit": cast.unit} | values
    return MeasureFactory(
        strategy=cast.strategy, code=code, state=state, submitted_on=submitted, decided_on=decided, **values
    )


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("project_group", {"A1", "A2", "A3"}),
        ("department_head", {"A2", "A3"}),
        ("staff_council", {"A2", "A3"}),
        ("steering_team", {"A2", "A3"}),
        ("reader", {"A3"}),
        ("administrator", {"A3"}),
    ],
)
def test_everybody_finds_what_they_may_see(cast, ask, name, seen):
    make(cast, "A1", State.DRAFT)
    make(cast, "A2", State.IN_REVIEW)
    make(cast, "A3", State.DECIDED)
    make(Cast(), "Z9")

    response = ask(name)

    assert found(response) == seen
    assert response.context["total"] == len(seen)


def test_each_filter_cuts_the_list_down(cast, ask):
    below = UnitFactory(strategy=cast.strategy, parent=cast.other_unit)
    other_field, other_stage = FieldFactory(strategy=cast.strategy, letter="B"), StageFactory(strategy=cast.strategy)
    urgent = PriorityFactory(strategy=cast.strategy, code="urgent")
    make(cast, "A1", light=cast.light("octagon"), status_on=days_ago(200))
    make(cast, "B2", field=other_field, light=cast.light("triangle"), status_on=days_ago(3), lead_unit=below)
    make(cast, "A3", State.DECIDED, stage=other_stage, priority=urgent, title="Jobrad für alle")
    make(cast, "A4", State.DRAFT, responsible_function="", goal="Mehr Räder")

    assert found(ask()) == {"A1", "B2", "A3", "A4"}
    assert found(ask(light="delayed")) == {"A1"}
    assert found(ask(light=["delayed", "at-risk"])) == {"A1", "B2"}
    assert found(ask(field="B")) == {"B2"}
    assert found(ask(state=["draft", "decided"])) == {"A3", "A4"}
    assert found(ask(stage=other_stage.number)) == {"A3"}
    assert found(ask(priority="urgent")) == {"A3"}
    assert found(ask(unit=cast.unit.pk)) == {"A1", "A3", "A4"}
    assert found(ask(unit=cast.other_unit.pk)) == {"B2"}
    assert found(ask(stale="on")) == {"A1"}
    assert found(ask(ownerless="on")) == {"A4"}
    assert found(ask("other_head", mine="on")) == {"B2"}
    assert found(ask("project_group", mine="on")) == set()
    assert found(ask(light="delayed", field="B")) == set()
    assert found(ask(q="jobrad")) == {"A3"}
    assert found(ask(q="b2")) == {"B2"}
    assert found(ask(q="mehr räder")) == {"A4"}
    assert found(ask(q="mehr jobrad")) == set()
    assert found(ask(q="100%")) == set()


@pytest.mark.parametrize(
    "query",
    [
        {"light": "purple"},
        {"field": "Z"},
        {"state": "secret"},
        {"stage": str(2**70)},
        {"stage": "1' OR 1=1"},
        {"priority": "\x00"},
        {"unit": "-1"},
        {"unit": str(2**70)},
        {"unit": "１２"},
        {"unit": "x" * 5000},
        {"q": "a\x00b"},
        {"q": "ä" * 101},
    ],
)
def test_what_cannot_be_understood_shows_nothing_and_says_so(cast, ask, query):
    make(cast, "A1")

    response = ask(**query)

    assert codes(response) == []
    assert "These filters cannot be understood, so nothing is shown." in text_of(response)


@pytest.mark.parametrize(
    "query",
    [
        {"page": "9" * 5000},
        {"page": "-1"},
        {"page": "last\x00"},
        {"ordering": "strategy__memberships__user__password"},
        {"ordering": "-"},
        {"ordering": "\x00"},
        {"stale": "\x00", "mine": "no"},
        {"unheard_of": "1"},
        {"light": ""},
    ],
)
def test_nonsense_never_breaks_the_list(cast, ask, query):
    make(cast, "A1", status_on=days_ago(200), lead_unit=cast.unit)

    assert found(ask("department_head", **query)) == {"A1"}


def test_words_of_another_strategy_find_nothing(cast, ask):
    other = Cast()
    secret = Light.objects.create(strategy=other.strategy, code="secret-light", title="Geheim", shape="disc2")
    make(other, "Z9", light=secret, lead_unit=other.unit)
    make(cast, "A1")

    for query in ({"light": "secret-light"}, {"unit": other.unit.pk}):
        response = ask(**query)
        assert codes(response) == []
        assert "Geheim" not in text_of(response)


def test_the_most_urgent_comes_first(cast, ask):
    make(cast, "A1", light=cast.light("disc"), status_on=days_ago(1))
    make(cast, "A2", light=cast.light("triangle"), status_on=days_ago(5))
    make(cast, "A3", light=cast.light("triangle"), status_on=days_ago(50))
    make(cast, "A4", light=cast.light("octagon"), status_on=days_ago(1))
    make(cast, "A5", State.DROPPED, light=cast.light("octagon"))
    make(cast, "A6", State.DRAFT)

    assert codes(ask()) == ["A4", "A3", "A2", "A6", "A1", "A5"]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("code", ["A2", "A10", "B1"]),
        ("-code", ["B1", "A10", "A2"]),
        ("title", ["B1", "A10", "A2"]),
        ("light", ["A10", "B1", "A2"]),
        ("state", ["B1", "A2", "A10"]),
        ("priority", ["A2", "A10", "B1"]),
        ("-progress", ["A10", "A2", "B1"]),
        ("milestone", ["A10", "B1", "A2"]),
        ("-milestone", ["B1", "A10", "A2"]),
        ("age", ["A10", "A2", "B1"]),
        ("-age", ["A2", "A10", "B1"]),
    ],
)
def test_each_column_sorts(cast, ask, ordering, expected):
    first, second = (PriorityFactory(strategy=cast.strategy, position=place) for place in (1, 2))
    letter_b = FieldFactory(strategy=cast.strategy, letter="B", position=2)
    late = make(
        cast, "A10", title="B", light=cast.light("octagon"), priority=second, progress=90, status_on=days_ago(2)
    )
    make(cast, "A2", title="C", light=cast.light("disc"), priority=first, progress=50, status_on=days_ago(9))
    other = make(cast, "B1", State.DRAFT, field=letter_b, title="A")
    MilestoneFactory(measure=late, due_on=days_ago(1), reached_on=days_ago(1))
    MilestoneFactory(measure=late, due_on=days_ago(-3))
    MilestoneFactory(measure=other, due_on=days_ago(-4))
    Measure.objects.filter(code="A10").update(state=State.PAUSED)

    response = ask(ordering=ordering)

    assert codes(response) == expected
    assert text_of(response).count("next milestone") == 0  # heads are capitalised; the sorted one alone is marked
    assert response.content.decode().count("aria-sort=") == 1


def test_every_number_leads_to_the_list_that_makes_it(cast, ask, client):
    make(cast, "A1", light=cast.light("octagon"), status_on=days_ago(200))
    make(cast, "A2", light=cast.light("triangle"), status_on=days_ago(2), responsible_function="")
    make(cast, "A3", State.IN_REVIEW, lead_unit=cast.other_unit)
    make(cast, "A4", State.AGREED)

    views = [view for view, _is_asked in ask("department_head").context["views"]]

    with translation.override("en"):
        counted = [(str(view.label), view.count) for view in views]
    assert counted == [
        ("All", 4),
        ("gefährdet or verzögert", 2),
        ("Status out of date", 1),
        ("Nobody responsible", 1),
        ("In review", 1),
        ("For the steering team", 1),
        ("Mine", 3),
    ]
    for view in views:
        response = client.get(reverse("measures:list", args=[cast.strategy.slug]) + view.address)
        assert len(codes(response)) == view.count
        assert [asked for asked, is_asked in response.context["views"] if is_asked] == [view]


def test_an_empty_list_names_the_way_out_with_numbers(cast, ask):
    for code in ("A1", "A2"):
        make(cast, code, light=cast.light("disc"))

    page = text_of(ask(light="delayed", field="A"))

    assert "No measure matches these filters" in page
    assert "Without the filter “Light” it is 2 measures." in page
    assert "Remove filter “Field of action”" not in page
    assert "0 of 2 measures" in page


def test_an_empty_strategy_says_what_will_be_here(cast, ask):
    assert "Measures that you create appear here" in text_of(ask("project_group"))
    assert "Measures appear here as soon as they are handed over to you." in text_of(ask("reader"))


def test_each_chip_takes_one_filter_away(cast, ask):
    make(cast, "A1", light=cast.light("disc"))

    response = ask(light=["on-track", "delayed"], q="Maß", page="3")

    page = response.content.decode()
    assert 'href="?light=on-track&amp;light=delayed"' in page  # without the search
    assert 'href="?light=delayed&amp;q=Ma%C3%9F"' in page
    assert 'href="?light=on-track&amp;q=Ma%C3%9F"' in page


def test_a_milestone_overdue_is_red_only_while_the_measure_lives(cast, ask):
    for code, state in (("A1", State.RUNNING), ("A2", State.DROPPED)):
        MilestoneFactory(measure=make(cast, code, state), title=f"Meilenstein {code}", due_on=days_ago(3))

    page = text_of(ask("steering_team"))

    assert page.count("overdue") == 1
    assert "Meilenstein A2" not in page


@pytest.mark.parametrize("age", [None, 0, 89, 90, 91, 200])
@pytest.mark.parametrize("state", [State.RUNNING, State.PAUSED, State.DECIDED])
def test_a_stale_row_is_one_that_the_filter_finds(cast, age, state):
    measure = make(cast, "A1", state, status_on=None if age is None else days_ago(age))

    assert measure.is_stale() == Measure.objects.stale().filter(pk=measure.pk).exists()
    assert measure.is_stale() == (state == State.RUNNING and (age is None or age > 90))


def test_fifty_rows_make_a_page(cast, ask):
    many(cast, 51)

    assert len(codes(ask())) == 50
    assert len(codes(ask(page=2))) == 1
    assert len(codes(ask(page=99))) == 1


def test_htmx_gets_the_rows_alone_and_the_page_the_same_rows(cast, ask, client):
    make(cast, "A1", light=cast.light("disc"))
    whole = ask(light="on-track").content.decode()

    fragment = client.get(
        reverse("measures:list", args=[cast.strategy.slug]),
        {"light": "on-track"},
        headers={"HX-Request": "true", "HX-Target": "results"},
    )

    rows = fragment.content.decode()
    assert "<html" not in rows
    assert "HX-Target" in fragment.headers["Vary"]
    table = rows[rows.index("<table") : rows.index("</table>")]
    assert table in whole
    assert '<div id="count" hx-swap-oob="innerHTML">' in rows


@pytest.mark.parametrize("rows", [50, 500])
def test_the_list_asks_the_same_number_of_questions(cast, client, rows, django_assert_num_queries):
    many(cast, rows)
    client.force_login(cast.project_group)

    with django_assert_num_queries(FRAME + 5):
        response = client.get(reverse("measures:list", args=[cast.strategy.slug]), {"state": "running"})

    assert response.context["page"].paginator.count == rows


@pytest.mark.parametrize("who", ["project_group", "other_head", "reader"])
def test_each_number_beside_an_option_is_what_the_database_finds(cast, who):
    below = UnitFactory(strategy=cast.strategy, parent=cast.other_unit)
    disc, octagon = cast.light("disc"), cast.light("octagon")
    tag = Tag.objects.create(strategy=cast.strategy, name="Klima")
    make(cast, "A1", light=octagon, lead_unit=below, priority=PriorityFactory(strategy=cast.strategy)).tags.add(tag)
    make(cast, "A2", State.DECIDED, light=disc, status_on=days_ago(3), title="Jobrad").tags.add(tag)
    make(cast, "A3", light=disc, stage=StageFactory(strategy=cast.strategy), lead_unit=None)
    make(cast, "A4", State.DRAFT, light=octagon, responsible_function="")
    actor = cast.actor(who)
    measures = Measure.objects.visible_to(actor).filter(strategy=cast.strategy)
    choices = choices_of(cast.strategy, measures)

    for query in ("", "light=delayed&state=running&state=decided", "q=jobrad&tag=Klima", "mine=on", "stale=on"):
        filters = MeasureFilter(QueryDict(query), measures, actor=actor, choices=choices)
        census = Census(filters)
        assert census.count(filters.question) == filters.qs.count()
        for name in ("light", "field", "state", "stage", "priority", "unit", "tag"):
            for value, count in census.options(name).items():
                asked = QueryDict(query, mutable=True)
                asked.setlist(name, [value])
                assert filters.asking(asked).qs.count() == count, (query, name, value)


def test_an_option_that_finds_nothing_is_dimmed_and_still_there(cast, ask):
    make(cast, "A1", light=cast.light("disc"))

    page = ask(light="delayed").content.decode()

    labels = re.findall(
        r'<label class="(.*?)"><span class="hit"><input type="checkbox" name="light".*?value="(.*?)"', page
    )
    assert {value: css for css, value in labels} == {
        "on-track": "chk",
        "at-risk": "chk chk--none",
        "delayed": "chk",  # it is chosen
        "not-begun": "chk chk--none",
        "completed": "chk chk--none",
    }


def heads(response):
    table = response.content.decode().partition("<thead")[2].partition("</thead>")[0]
    return [re.sub(r"<.*?>", "", head) for head in re.findall(r'<th [^>]*scope="col"[^>]*>(.*?)</th>', table)]


USUAL = ["Code", "Measure", "Light", "State", "Priority", "Progress", "Next milestone", "Last status"]


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ([], USUAL),
        (["nonsense", "\x00", "password"], USUAL),
        (["completeness"], USUAL),  # nothing for a reader
        (["tags", "stage", "nonsense", "stage"], ["Code", "Measure", "Stage", "Tags"]),
        (["end", "function", "field"], ["Code", "Measure", "Field of action", "Responsible function", "End"]),
    ],
)
def test_the_address_names_the_columns(cast, ask, columns, shown):
    make(cast, "A1", responsible_function="<b>Leitung</b>", ends_on=timezone.localdate())

    response = ask("reader", columns=columns)

    assert heads(response) == shown
    assert "<b>Leitung</b>" not in response.content.decode()
    assert ("&lt;b&gt;Leitung" in response.content.decode()) == ("function" in columns)


def test_chosen_columns_stay_whatever_is_filtered_and_sorted(cast, ask):
    make(cast, "A1", light=cast.light("disc"))

    page = ask("reader", columns=["stage", "tags"], light="on-track").content.decode()

    links = [link for link in re.findall(r'href="(\?[^"]*)"', page) if link != "?light=on-track"]  # the usual ones
    assert len(links) > 6
    assert [link for link in links if "columns=stage&amp;columns=tags" not in link] == []
    assert page.count('<input type="hidden" name="columns"') == 2


def many(cast, rows):
    """Running measures with a milestone each, in two statements."""
    first = make(cast, "A1")
    template = {field.attname: getattr(first, field.attname) for field in Measure._meta.concrete_fields}
    template.pop("id")
    copies = [Measure(**template | {"code": f"A{n}"}) for n in range(2, rows + 1)]
    measures = [first, *Measure.objects.bulk_create(copies)]
    due = MilestoneFactory.build(measure=first).due_on
    milestone = first.milestones.model
    milestone.objects.bulk_create(
        milestone(measure=measure, strategy=cast.strategy, title="Weiter", due_on=due) for measure in measures
    )


# In a browser


@pytest.fixture
def signed_in(page, client, live_server, transactional_db):
    cast = Cast()
    User.objects.update(language="en")
    make(cast, "A1", light=cast.light("octagon"), title="Stuttgart-Zulage")
    make(cast, "A2", light=cast.light("disc"), title="Jobrad")
    client.force_login(cast.project_group)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.goto(reverse("measures:list", args=[cast.strategy.slug]))
    return page


def test_filters_answer_while_one_types(signed_in):
    page = signed_in

    page.get_by_label("Search", exact=True).fill("zulage")

    page.get_by_role("status").filter(has_text="1 of 2 measures").wait_for()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=zulage$"))
    expect(page.locator("#q")).to_be_focused()


def test_several_words_can_be_ticked_and_chips_lead_the_focus(signed_in, axe):
    page = signed_in
    page.locator("details.pick > summary").first.click()
    page.get_by_label("verzögert").check()
    page.get_by_role("status").filter(has_text="1 of 2 measures").wait_for()
    page.get_by_label("planmäßig").check()
    page.get_by_role("status").filter(has_text="2 of 2 measures").wait_for()
    expect(page.locator("#chosen-light")).to_have_text("2 selected")
    axe(page)
    page.keyboard.press("Escape")

    page.get_by_label("Remove filter Light: planmäßig").click()

    page.get_by_role("status").filter(has_text="1 of 2 measures").wait_for()
    expect(page).to_have_url(re.compile(r"\?light=delayed$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#count")).to_be_focused()
    page.go_back()
    page.get_by_role("status").filter(has_text="2 of 2 measures").wait_for()
