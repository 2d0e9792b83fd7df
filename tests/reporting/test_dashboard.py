import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, StatusUpdate
from reporting.lights_over_time import LightsOverTime
from reporting.overview import overview
from strategy.deadlines import tasks_of
from strategy.models import Light, Role, Transition
from tests.factories import Cast, FieldFactory, MilestoneFactory, ResourceRequestFactory, StageFactory
from tests.measures import rankings
from tests.measures.lives import FIRST, at
from tests.pages import browser_of, text_of

S = Measure.State
TODAY = date(2026, 11, 20)


def address(cast, name="dashboard"):
    return reverse(f"reporting:{name}", args=[cast.strategy.slug])


def kinds(cast, name):
    return [task.kind for task in tasks_of(cast.actor(name), cast.strategy)]


def test_overview_counts_each_field_by_light(cast):
    other = FieldFactory(strategy=cast.strategy, letter="B")
    late, running = cast.measure(S.RUNNING), cast.measure(S.RUNNING, field=other)
    cast.measure()
    late.report_status(
        by=cast.actor("project_group"), light=cast.light(Light.Shape.OCTAGON), progress=10, text="Es fehlt Personal."
    )

    seen = overview(Measure.objects.filter(strategy=cast.strategy), cast.strategy)

    assert [row.field for row in seen.rows] == [cast.field, other]
    assert [{light.shape: n for light, n in row.by_light if n} for row in seen.rows] == [
        {"octagon": 1, "ring": 1},
        {"disc": 1},
    ]
    assert (seen.total, seen.needing_attention, seen.largest) == (3, 1, 2)
    assert running.light is None or running.light.shape == Light.Shape.DISC


def test_overview_calls_a_running_measure_stale_after_the_rhythm(cast):
    measure = cast.measure(S.RUNNING)
    for age, stale in ((90, 0), (91, 1)):
        Measure.objects.filter(pk=measure.pk).update(status_on=TODAY - timedelta(days=age))

        assert overview(Measure.objects.all(), cast.strategy, TODAY).stale == stale


def test_everybody_has_the_tasks_of_their_role(cast):
    cast.measure(S.IN_REVIEW)
    cast.measure(S.AGREED)

    assert kinds(cast, "department_head") == ["statement"]
    assert kinds(cast, "other_head") == ["statement"]
    assert kinds(cast, "staff_council") == ["statement"]
    assert kinds(cast, "steering_team") == ["decision"]
    assert kinds(cast, "project_group") == kinds(cast, "reader") == kinds(cast, "administrator") == []


def test_an_objection_is_the_steering_teams_task_until_it_is_settled(cast):
    measure = cast.measure(S.IN_REVIEW)
    cast.answer_all(measure, vote="object", text="So nicht.")
    assert kinds(cast, "steering_team") == ["objection"] * 3
    assert kinds(cast, "project_group") == []

    for slot in measure.open_review().slots.all():
        slot.answer().settle(by=cast.actor("steering_team"), reason="Geklärt")

    assert kinds(cast, "steering_team") == []
    assert kinds(cast, "project_group") == ["review"]


def test_a_head_is_asked_for_a_status_when_the_rhythm_ends(cast):
    measure = cast.measure(S.RUNNING)
    due = timezone.localdate() - timedelta(days=1)
    Measure.objects.filter(pk=measure.pk).update(status_on=due - timedelta(days=90))

    (task,) = tasks_of(cast.actor("department_head"), cast.strategy)

    assert (task.kind, task.due_on, task.is_overdue()) == ("status", due, True)
    assert kinds(cast, "other_head") == []


def test_the_first_task_stands_on_top_and_leads_to_its_page(client, cast):
    cast.measure(S.IN_REVIEW)
    client.force_login(cast.department_head)

    page = client.get(address(cast)).content.decode()

    slot = tasks_of(cast.actor("department_head"), cast.strategy)[0]
    assert page.index(slot.url) < page.index('id="h-lights"')


def test_tasks_stand_in_the_order_of_their_days_and_the_first_has_the_primary_button(client, cast):
    """The status form, too: it was on top of what was overdue longer."""
    asked, running = cast.measure(S.IN_REVIEW), cast.measure(S.RUNNING)
    today = timezone.localdate()
    client.force_login(cast.department_head)
    for review_age, status_age in ((3, 91), (1, 95)):
        asked.reviews.update(due_on=today - timedelta(days=review_age))
        Measure.objects.filter(pk=running.pk).update(status_on=today - timedelta(days=status_age))

        page = client.get(address(cast)).content.decode()

        tasks = page[page.index('class="tasks"') : page.index('id="h-lights"')]
        statement, status = tasks.index("/respond/"), tasks.index('name="progress"')
        assert (statement < status) == (review_age > status_age - 90)
        first_button = tasks.index("kern-btn--primary")
        assert tasks.count("kern-btn--primary") == 1
        assert first_button < tasks.index("kern-btn--secondary")


def test_drafts_count_for_their_authors_alone(client, cast):
    cast.measure()
    for name, total in (("project_group", 1), ("department_head", 0), ("reader", 0)):
        client.force_login(getattr(cast, name))

        assert client.get(address(cast)).context["overview"].total == total


# Each number leads to what it counts

COUNTED = re.compile(r'<a class="quiet cellnum" href="([^"]+)">([\d,]+)|<a href="([^"]+)"><span class="big num">(\d+)')


@pytest.fixture(scope="module")
def everything(uncommitted):
    """Measures of every state in two fields and stages, one without a stage, lights, requests of two years."""
    cast = Cast()
    other = FieldFactory(strategy=cast.strategy, letter="Z")
    later = StageFactory(strategy=cast.strategy, number=9)
    for number, state in enumerate(S):
        measure = cast.measure(state, field=(cast.field, other)[number % 2], stage=(cast.stage, later)[number % 2])
        ResourceRequestFactory(measure=measure, kind="positions", year=2026 + number % 2, amount=number + 1)
        ResourceRequestFactory(measure=measure, kind="operating", year=2027, amount="1000.50")
    cast.measure(stage=None)
    late = cast.measure(S.RUNNING)
    late.report_status(
        by=cast.actor("project_group"), light=cast.light(Light.Shape.OCTAGON), progress=10, text="Es fehlt Personal."
    )
    Measure.objects.filter(pk=late.pk).update(status_on=timezone.localdate() - timedelta(days=100))
    return cast


@pytest.mark.parametrize("role", Role.values)
def test_every_number_is_the_number_of_what_its_link_shows(everything, role):
    browser = browser_of(getattr(everything, role))
    page = browser.get(address(everything))
    links = [(html.unescape(one or two), int(n or m)) for one, n, two, m in COUNTED.findall(page.content.decode())]

    found = {link: browser.get(link).context["page"].paginator.count for link, _number in links}

    assert len(links) > 30
    assert [(link, number) for link, number in links if found[link] != number] == []
    attention = page.context["overview"]
    behind = browser.get(address(everything, "dashboard")).context["overview"].attention
    asked = {"light": [light.code for light in behind]}
    listed = browser.get(reverse("measures:list", args=[everything.strategy.slug]), asked).context["page"]
    assert listed.paginator.count == attention.needing_attention == 1


@pytest.mark.parametrize("role", Role.values)
def test_every_sum_of_resources_is_that_of_the_requests_behind_it(everything, role):
    browser = browser_of(getattr(everything, role))
    resources = browser.get(address(everything)).context["resources"]
    list_url = reverse("measures:resources", args=[everything.strategy.slug])
    cells = [cell for row in resources.rows() for cell in row.cells if cell.amount]
    assert {cell.kind for cell in cells} == {"positions", "operating"}

    for cell in cells:
        shown = browser.get(list_url + cell.query).context["sums"].total()
        assert cell.amount in [one.amount for one in shown.cells if (one.kind, one.figure) == (cell.kind, cell.figure)]


# As of a past day


@pytest.fixture(scope="module")
def moved_on(uncommitted):
    """What ran has been paused, what was agreed has been decided, and something else has begun."""
    with at(FIRST):
        cast = Cast()
        running, agreed = cast.measure(S.RUNNING), cast.measure(S.AGREED)
    with at(FIRST + timedelta(days=40)):
        running.pause(by=cast.actor("steering_team"), reason="Es fehlt Geld")
        agreed.decide(by=cast.actor("steering_team"), reason="Beschlossen", priority=cast.priority)
        cast.measure(S.RUNNING)
    return cast


@pytest.mark.parametrize("role", Role.values)
def test_a_past_day_has_its_own_numbers_and_leads_to_its_own_lists(moved_on, role):
    cast = moved_on
    browser = browser_of(getattr(cast, role))

    past = browser.get(address(cast), {"on": f"{FIRST + timedelta(days=1):%Y-%m-%d}"})
    links = [html.unescape(one or two) for one, _n, two, _m in COUNTED.findall(past.content.decode())]
    numbers = [int(n or m) for _one, n, _two, m in COUNTED.findall(past.content.decode())]

    assert dict(past.context["overview"].by_state)[S.RUNNING] == 1
    assert S.PAUSED not in past.context["overview"].states
    assert browser.get(address(cast)).context["overview"].total == 3
    assert all("on=" in link for link in links)
    assert numbers == [browser.get(link).context["page"].paginator.count for link in links]
    assert "Back to today" in past.content.decode()
    assert "tasks" not in past.context


@pytest.mark.parametrize("day", ["2999-01-01", "gestern", "2001-01-01"])
def test_a_day_that_cannot_be_shown_is_said_at_its_field(cast, day):
    answer = browser_of(cast.reader).get(address(cast), {"on": day})

    assert answer.status_code == 200
    assert answer.context["as_of"].errors["on"]
    assert f'value="{day}"' in answer.content.decode()
    assert "overview" not in answer.context


def test_a_stage_tells_how_far_its_measures_are_without_those_dropped(cast):
    for state, progress in ((S.RUNNING, 40), (S.PAUSED, 20), (S.DRAFT, 0), (S.DROPPED, 90)):
        Measure.objects.filter(pk=cast.measure(state).pk).update(progress=progress)

    [stage] = overview(Measure.objects.all(), cast.strategy).stages

    assert stage.by_step == {"completed": 0, "running": 2, "ahead": 1, "dropped": 1}
    assert (stage.total, stage.progress) == (4, 20)


def test_a_month_is_drawn_with_the_lights_of_its_last_day(cast):
    measure, unreported = cast.measure(S.RUNNING), cast.measure(S.RUNNING)
    Measure.objects.update(
        created_at=datetime(2026, 6, 3, 12, tzinfo=UTC), submitted_on=date(2026, 6, 3), started_on=date(2026, 7, 15)
    )
    for day, shape in ((date(2026, 8, 31), "triangle"), (date(2026, 9, 1), "octagon"), (date(2026, 9, 2), "disc")):
        StatusUpdate.objects.create(measure=measure, light=cast.light(shape), progress=1, reported_on=day)

    lights, group = Light.objects.filter(strategy=cast.strategy), cast.actor("project_group")
    over_time = LightsOverTime(Measure.objects.all(), lights, group, TODAY)

    assert [(f"{m.day:%d.%m.}", dict(m.counts)) for m in over_time.moments[-7:]] == [
        ("31.05.", {}),
        ("30.06.", {"ring": 2}),
        ("31.07.", {"disc": 2}),
        ("31.08.", {"triangle": 1, "disc": 1}),
        ("30.09.", {"disc": 2}),
        ("31.10.", {"disc": 2}),
        ("20.11.", {"disc": 2}),
    ]
    assert unreported.light.shape == "disc"


def test_months_before_a_measure_was_theirs_to_see_are_told_to_nobody(cast):
    cast.measure(S.RUNNING)
    steps = {"submit": datetime(2026, 7, 2, 12, tzinfo=UTC), "decide": datetime(2026, 9, 30, 21, 30, tzinfo=UTC)}
    Measure.objects.update(created_at=datetime(2026, 6, 3, 12, tzinfo=UTC))
    for verb, moment in steps.items():
        Transition.objects.filter(verb=verb).update(at=moment)
    lights = Light.objects.filter(strategy=cast.strategy)

    people = ("project_group", "department_head", "reader")
    courses = {who: LightsOverTime(Measure.objects.all(), lights, cast.actor(who), TODAY) for who in people}
    first = {who: next(moment.day for moment in course.moments if moment.total) for who, course in courses.items()}

    assert first == {
        "project_group": date(2026, 6, 30),
        "department_head": date(2026, 7, 31),
        "reader": date(2026, 9, 30),
    }


def test_lights_over_time_stand_as_picture_with_all_its_values_and_as_table(cast):
    measure = cast.measure(S.RUNNING)
    Measure.objects.filter(pk=measure.pk).update(started_on=timezone.localdate() - timedelta(days=70))

    page = browser_of(cast.project_group).get(address(cast)).content.decode()

    section = page[page.index('id="h-over-time"') :]
    assert section.count("<title>Measures by light at the end of each month.") == 2
    assert "1 planmäßig" in section[: section.index("</title>")]
    assert section.count('<th scope="row" class="num">') >= 12


def test_each_number_of_a_month_leads_to_the_measures_it_counts(db):
    """Those of that day, not of today; of months before the strategy was on record there is no list."""
    with at(date(2026, 9, 10)):
        cast = Cast()
        measures = [cast.measure(S.RUNNING) for _number in range(3)]
    with at(date(2026, 10, 5)):
        by = cast.actor("project_group")
        measures[0].report_status(by=by, light=cast.light("octagon"), progress=10, text="Stockt.")

    with at(TODAY):
        browser = browser_of(cast.project_group)
        page = browser.get(address(cast)).content.decode()
        rows = page[page.index('id="h-over-time"') :].partition("</details>")[0].split("<tr>")[2:]
        found = [
            [(int(count), len(browser.get(html.unescape(href)).context["rows"])) for href, count in links_of(row)]
            for row in rows
        ]

    assert found == [[(1, 1), (2, 2), (3, 3)]] * 2 + [[(3, 3), (3, 3)]] + [[]] * 9


def links_of(row):
    return re.findall(r'cellnum" href="([^"]+)">(\d+)', row)


def test_the_average_progress_of_a_stage_leads_to_the_measures_it_is_made_of(cast):
    for state in (S.RUNNING, S.DECIDED, S.DROPPED):
        cast.measure(state)
    browser = browser_of(cast.project_group)

    page = browser.get(address(cast)).content.decode()
    [href] = re.findall(r'href="([^"]+)">\d+&nbsp;%<span class="sr"> Progress on average', page)

    assert len(browser.get(html.unescape(href)).context["rows"]) == 2


def test_the_agreement_of_the_last_round_is_told_to_those_who_see_its_results(cast, db):
    published = rankings.published(cast)
    for role in Role.values:
        page = text_of(browser_of(getattr(cast, role)).get(address(cast)))

        assert ("Agreement in the last ranking round" in page) == (role in Role.TAKING_PART), role
        assert (published.title in page) == (role in Role.TAKING_PART), role


@pytest.mark.parametrize(
    ("name", "where", "queries"),
    [
        ("project_group", "dashboard", 31),
        ("department_head", "dashboard", 33),
        ("steering_team", "dashboard", 31),
        ("staff_council", "dashboard", 27),
        ("reader", "dashboard", 21),
        ("project_group", "tasks", 12),
        ("department_head", "tasks", 11),
        ("steering_team", "tasks", 12),
        ("staff_council", "tasks", 8),
    ],
)
def test_a_dashboard_asks_the_same_questions_for_few_and_many(
    client, cast, django_assert_num_queries, name, where, queries
):
    client.force_login(getattr(cast, name))
    for size in (1, 2):
        for state in (S.DRAFT, S.IN_REVIEW, S.AGREED, S.RUNNING, S.RUNNING, S.RUNNING):
            ResourceRequestFactory(measure=(measure := cast.measure(state)), year=2026 + size)
            MilestoneFactory(measure=measure)
        Measure.objects.filter(state=S.RUNNING).update(status_on=timezone.localdate() - timedelta(days=100))
        client.get(address(cast, where))  # content types are looked up once a process
        with django_assert_num_queries(queries):
            assert client.get(address(cast, where)).status_code == 200
