"""The ladder: on which day each step goes out, and only once. Plain dates against a slow, obvious model."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.ladder import Ladder, Sending, Step, is_working_day

BERLIN = ZoneInfo("Europe/Berlin")
USUAL = Ladder()
DAY = timedelta(days=1)


def steps(due_on, on, until=None, ladder=USUAL, **options):
    """{day: step} of what is to go out."""
    return {sending.day: str(sending.step) for sending in ladder.sendings(due_on, on, until or on, **options)}


def test_a_deadline_is_recalled_fourteen_seven_and_one_day_before_on_the_day_and_weekly_while_overdue():
    due_on = date(2026, 11, 26)  # a Thursday

    assert steps(due_on, date(2026, 11, 1), date(2026, 12, 18)) == {
        date(2026, 11, 12): "-14",
        date(2026, 11, 19): "-7",
        date(2026, 11, 25): "-1",
        date(2026, 11, 26): "+0",
        date(2026, 12, 3): "+7",
        date(2026, 12, 10): "+14",
        date(2026, 12, 17): "+21",
    }
    assert USUAL.escalation(due_on) == Sending(date(2026, 12, 10), Step(14, escalates=True))


def test_before_the_deadline_a_day_off_moves_a_step_to_the_working_day_before():
    assert Step(-7).day(date(2026, 11, 22)) == date(2026, 11, 13)  # a Sunday
    assert Step(0).day(date(2026, 12, 27)) == date(2026, 12, 24)  # Sunday, two days of Christmas


def test_after_the_deadline_a_day_off_moves_a_step_to_the_working_day_after():
    assert Step(7).day(date(2026, 5, 28)) == date(2026, 6, 5)  # Corpus Christi
    assert Step(14, escalates=True).day(date(2026, 12, 11)) == date(2026, 12, 28)  # Christmas, a weekend behind it


def test_holidays_of_other_states_are_working_days():
    assert not is_working_day(date(2026, 1, 6))  # Epiphany, not in Hesse
    assert is_working_day(date(2026, 10, 31)) is False  # a Saturday
    assert is_working_day(date(2028, 10, 31))  # Reformation Day, not here


def test_steps_that_fall_together_go_out_once_as_the_latest():
    due_on = date(2026, 11, 22)  # a Sunday: the day before is a Saturday, both move to Friday

    assert steps(due_on, date(2026, 11, 17), due_on) == {date(2026, 11, 13): "-7", date(2026, 11, 20): "+0"}


def test_what_was_missed_goes_out_late_and_as_the_latest_alone():
    assert steps(date(2026, 11, 26), date(2026, 11, 24)) == {date(2026, 11, 19): "-7"}
    assert steps(date(2026, 11, 26), date(2027, 1, 4)) == {date(2026, 12, 31): "+35"}


def test_steps_before_a_deadline_was_known_are_nobodys():
    due_on = date(2026, 11, 26)

    assert steps(due_on, date(2026, 11, 20), since=date(2026, 11, 20)) == {}
    assert steps(due_on, date(2026, 11, 20), since=date(2026, 11, 19)) == {date(2026, 11, 19): "-7"}


def test_an_appointment_is_never_overdue():
    assert steps(date(2026, 12, 9), date(2026, 12, 9), date(2027, 1, 1), is_appointment=True) == {
        date(2026, 12, 9): "+0"
    }


def test_every_rung_can_be_left_out():
    nothing = Ladder(days_before=(), on_the_day=False, overdue_every=None, escalate_after=None)

    assert steps(date(2026, 11, 26), date(2026, 11, 1), date(2027, 11, 1), nothing) == {}
    assert nothing.escalation(date(2026, 11, 26)) is None


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_mistyped_year_recalls_nothing_and_breaks_nothing(year):
    assert steps(date(year, 12, 31), date(2026, 11, 26)) == {}
    assert USUAL.escalation(date(year, 12, 31)) is None


# Against a slow, obvious model: walk through all days of the calendar

CALENDAR = holidays.Germany(subdiv="BW")


def walk(day, way):
    while day.weekday() in (5, 6) or day in CALENDAR:
        day += way * DAY
    return day


def expected(ladder, due_on, on, until, since):
    """Every nominal day there is, moved by walking, written into a calendar in which the later step overwrites."""
    offsets = [-days for days in sorted(ladder.days_before, reverse=True)] + [0] * ladder.on_the_day
    offsets += [n for n in range(1, 800) if ladder.overdue_every and n % ladder.overdue_every == 0]
    written = {}
    for offset in offsets:
        written[walk(due_on + offset * DAY, 1 if offset > 0 else -1)] = offset
    if since:
        written = {day: offset for day, offset in written.items() if day >= since}
    gone = [day for day in written if day <= on]
    wanted = ([max(gone)] if gone else []) + [day for day in written if on < day <= until]
    return {day: f"{written[day]:+d}" for day in sorted(wanted)}


days = st.dates(date(2026, 1, 1), date(2030, 12, 31))
ladders = st.builds(
    Ladder,
    days_before=st.lists(st.integers(1, 60), max_size=5, unique=True).map(tuple),
    on_the_day=st.booleans(),
    overdue_every=st.none() | st.integers(1, 40),
)


@given(ladder=ladders, due_on=days, passed=st.integers(-90, 400), ahead=st.integers(0, 60), since=st.none() | days)
def test_the_ladder_is_the_one_a_slow_model_walks(ladder, due_on, passed, ahead, since):
    on = due_on + passed * DAY
    until = on + ahead * DAY

    assert steps(due_on, on, until, ladder, since=since) == expected(ladder, due_on, on, until, since)


@given(ladder=ladders, due_on=days)
def test_day_by_day_each_step_goes_out_once_and_on_working_days_alone(ladder, due_on):
    sent = []
    for number in range(-70, 120):
        today = due_on + number * DAY
        due = [s for s in ladder.sendings(due_on, today, today) if s.day <= today]
        if is_working_day(today) and due and due[0] not in sent:
            assert due == [Sending(today, due[0].step)]  # on its own day, as the planner runs every day
            sent.append(due[0])

    assert [str(s.step) for s in sent] == list(
        expected(ladder, due_on, due_on - 71 * DAY, due_on + 119 * DAY, None).values()
    )


# P22: every date of five years, through every change of the clocks


def days_of_five_years():
    return [date(2026, 1, 1) + number * DAY for number in range(1826)]


def moments():
    """Every sixth hour of five years as it goes by, and every hour around the changes of the clocks."""
    at, end = datetime(2025, 12, 1, tzinfo=UTC), datetime(2031, 2, 1, tzinfo=UTC)
    while at < end:
        is_change = at.month in (3, 10) and at.day >= 24
        yield at
        at += timedelta(hours=1 if is_change else 6)


def test_every_deadline_of_five_years_is_recalled_once_and_on_the_right_berlin_day():
    sent = {due_on: [] for due_on in days_of_five_years()}
    for at in moments():
        today = at.astimezone(BERLIN).date()
        for number in range(-13, 20):
            due_on = today + number * DAY
            due = USUAL.sendings(due_on, today, today) if due_on in sent and is_working_day(today) else []
            if due and due[0].step not in [step for step, _day in sent[due_on]]:
                sent[due_on].append((due[0].step, today))

    for due_on, steps_sent in sent.items():
        calendar = expected(USUAL, due_on, due_on - 60 * DAY, due_on + 13 * DAY, None)
        assert {day: str(step) for step, day in steps_sent} == calendar
        assert len(steps_sent) == len(calendar)
