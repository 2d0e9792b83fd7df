"""Years of deadlines that move, are met and reopened, deputies, holidays and dead workers, against an obvious model.

The model knows no rows, no plan and no ladder: each morning it walks through the calendar of every deadline, day by
day, and says what would have to go out. The set of mails that went out must be the same.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays
import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from measures.models import Measure, Milestone
from strategy import ladder, planner
from strategy.models import Channel, Deputyship, MailPreferences, Membership, Notification, OutgoingMail, Reminder, Role
from tests.factories import (
    MeasureFactory,
    MembershipFactory,
    MilestoneFactory,
    StrategyFactory,
    UnitFactory,
    UserFactory,
)
from tests.strategy.test_reminders import moment

FIRST = date(2026, 12, 1)  # with Christmas ahead
DAY = timedelta(days=1)
CALENDAR = holidays.Germany(subdiv="BW")
LADDER = (-14, -7, -1, 0, *range(7, 1000, 7))


def is_off(day):
    return day.weekday() >= 5 or day in CALENDAR


def walk(day, way):
    while is_off(day):
        day += way * DAY
    return day


# What happens


@dataclass
class Story:
    """Numbers of days since the first one: when deadlines lie and move, who stands in, when no worker runs."""

    days: int
    due: list[int]
    moves: dict[tuple[int, int], int] = field(default_factory=dict)  # (day, milestone) → its new distance from the day
    reached: dict[tuple[int, int], bool] = field(default_factory=dict)
    absences: list[tuple[int, int]] = field(default_factory=list)
    down: set[int] = field(default_factory=set)


@st.composite
def stories(draw, most_days):
    days = draw(st.integers(most_days // 2, most_days))
    number = st.tuples(st.integers(0, days), st.integers(0, 1))
    length = st.tuples(st.integers(0, days), st.integers(0, 20))
    return Story(
        days=days,
        due=draw(st.lists(st.integers(0, most_days), min_size=2, max_size=2)),
        moves=draw(st.dictionaries(number, st.integers(-10, 40), max_size=4)),
        reached=draw(st.dictionaries(number, st.booleans(), max_size=4)),
        absences=draw(st.lists(length.map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=2)),
        down=draw(st.sets(st.integers(0, days), max_size=most_days // 3)),
    )


# What should go out


def predicted(story):
    """{(day, who, milestone, due day, step)}"""
    due = [FIRST + number * DAY for number in story.due]
    done, seen, told = [False, False], set(), set()
    for number in range(story.days):
        today = FIRST + number * DAY
        happen(story, number, due, done)
        if number in story.down or is_off(today):
            continue
        for stone in (0, 1):
            if done[stone]:
                continue
            for who, step in due_today(story, today, due[stone]):
                if (who, stone, due[stone], step) not in seen:
                    seen.add((who, stone, due[stone], step))
                    told.add((today, who, stone, due[stone], step))
    return told


def happen(story, number, due, done):
    for stone in (0, 1):
        if (number, stone) in story.moves:
            due[stone] = FIRST + (number + story.moves[number, stone]) * DAY
        done[stone] = story.reached.get((number, stone), done[stone])


def due_today(story, today, due_on):
    """Who is to have heard which step by now: of all whose day has come the last."""
    yield from last_step("head", today, due_on, None)
    if due_on < today:
        yield from last_step("group", today, due_on, due_on + DAY)
    starts = [
        FIRST + first * DAY for first, last in story.absences if FIRST + first * DAY <= today <= FIRST + last * DAY
    ]
    for start in starts:
        yield from last_step("deputy", today, due_on, start)
    if walk(due_on + 14 * DAY, 1) <= today:
        yield "above", "escalation"


def last_step(who, today, due_on, since):
    calendar = {}
    for offset in LADDER:
        calendar[walk(due_on + offset * DAY, 1 if offset > 0 else -1)] = offset
    come = [day for day in calendar if day <= today and (since is None or day >= since)]
    if come:
        yield who, f"{calendar[max(come)]:+d}"


# What goes out


class Stage:
    """A strategy with four people, played day by day."""

    def __init__(self, story):
        self.story = story
        self.strategy = StrategyFactory()
        unit = UnitFactory(strategy=self.strategy)
        self.head = self.member("head", Role.DEPARTMENT_HEAD, unit)
        self.deputy = self.member("deputy", Role.READER)
        self.member("group", Role.PROJECT_GROUP)
        self.member("above", Role.STEERING_TEAM)
        measure = MeasureFactory(strategy=self.strategy, lead_unit=unit)
        today = timezone.localdate()
        Measure.objects.filter(pk=measure.pk).update(state=Measure.State.DECIDED, decided_on=today, submitted_on=today)
        self.stones = [
            MilestoneFactory(measure=measure, due_on=FIRST + number * DAY, title=str(place))
            for place, number in enumerate(story.due)
        ]
        membership = Membership.objects.get(user=self.head)
        for first, last in story.absences:
            period = {"valid_from": FIRST + first * DAY, "valid_to": FIRST + last * DAY}
            Deputyship.objects.create(membership=membership, deputy=self.deputy, **period)

    def member(self, name, role, unit=None):
        user = UserFactory(first_name=name)
        MembershipFactory(strategy=self.strategy, user=user, role=role, unit=unit)
        MailPreferences.objects.create(user=user, deadline=Channel.AT_ONCE, escalation=Channel.AT_ONCE)
        return user

    def play(self):
        for number in range(self.story.days):
            self.change(number)
            if number not in self.story.down:
                outcome = planner.remind(self.strategy, at=moment(FIRST + number * DAY))
                assert outcome.faults == []
        return {
            (day_of(mail), mail.recipient.first_name, *what(mail))
            for mail in OutgoingMail.objects.filter(strategy=self.strategy).select_related("recipient")
        }

    def change(self, number):
        for place, stone in enumerate(self.stones):
            if (number, place) in self.story.moves:
                due_on = FIRST + (number + self.story.moves[number, place]) * DAY
                Milestone.objects.filter(pk=stone.pk).update(due_on=due_on)
            if (number, place) in self.story.reached:
                reached_on = FIRST if self.story.reached[number, place] else None
                Milestone.objects.filter(pk=stone.pk).update(reached_on=reached_on)


def day_of(mail):
    return timezone.localdate(mail.notifications.get().created_at)


def what(mail):
    row = Reminder.objects.get(pk=mail.occasion.removeprefix("reminder:"))
    return int(row.object.title), row.due_on, row.step


@contextmanager
def afterwards_undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def play(story):
    with time_machine.travel(moment(FIRST), tick=False), afterwards_undone():
        stage = Stage(story)
        went_out = stage.play()
        assert OutgoingMail.objects.filter(strategy=stage.strategy).count() == len(went_out)
        assert Notification.objects.filter(strategy=stage.strategy).count() == len(went_out)
    return went_out


RARE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}


@pytest.mark.django_db
@settings(max_examples=4, **RARE)
@given(story=stories(most_days=24))
def test_in_simulated_weeks_exactly_what_the_model_predicts_goes_out(story):
    assert play(story) == predicted(story)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=10, **RARE)
@given(story=stories(most_days=400))
def test_in_simulated_years_exactly_what_the_model_predicts_goes_out(story):
    assert play(story) == predicted(story)


@pytest.mark.django_db
def test_the_model_notices_a_ladder_without_days_off(monkeypatch):
    """The negative control."""
    story = Story(days=15, due=[5, 12])  # two Sundays
    assert play(story) == predicted(story)

    monkeypatch.setattr(ladder, "working_day", lambda day, way: day)

    assert play(story) != predicted(story)
