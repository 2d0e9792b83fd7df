from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure
from reporting.overview import overview
from strategy.deadlines import tasks_of
from strategy.models import Light
from tests.factories import FieldFactory, MilestoneFactory

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


@pytest.mark.parametrize("name", ["project_group", "department_head", "steering_team", "staff_council"])
@pytest.mark.parametrize("page", ["dashboard", "tasks"])
def test_a_dashboard_asks_the_same_questions_for_few_and_many(client, cast, django_assert_max_num_queries, name, page):
    client.force_login(getattr(cast, name))
    client.get(address(cast, page))  # content types are looked up once a process
    counts = []
    for _round in range(2):
        for state in (S.DRAFT, S.IN_REVIEW, S.AGREED, S.RUNNING, S.RUNNING, S.RUNNING):
            MilestoneFactory(measure=cast.measure(state))
        Measure.objects.filter(state=S.RUNNING).update(status_on=timezone.localdate() - timedelta(days=100))
        with django_assert_max_num_queries(40) as asked:
            assert client.get(address(cast, page)).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
