"""Periods: which day it is, how much is left, and where on the line today stands."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from measures.clock import WEEK, Clock

DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))
LENGTHS = st.integers(0, 400)
PASSED = st.integers(-30, 600)


def test_seventeen_days_after_receipt_four_of_twenty_one_are_left():
    clock = Clock(date(2026, 11, 3), date(2026, 11, 24), date(2026, 11, 20))

    assert (clock.day, clock.length, clock.left, clock.share) == (17, 21, 4, 81.0)
    assert (clock.is_pressing, clock.is_overdue, clock.weeks) == (True, False, [33.3, 66.7])


def test_the_last_day_is_not_overdue_and_the_day_after_is():
    last = Clock(date(2026, 11, 3), date(2026, 11, 24), date(2026, 11, 24))
    after = Clock(date(2026, 11, 3), date(2026, 11, 24), date(2026, 11, 25))

    assert (last.left, last.is_overdue) == (0, False)
    assert (after.is_overdue, after.overdue_by) == (True, 1)


@given(DAYS, LENGTHS, PASSED)
def test_day_and_days_left_make_up_the_period(begins_on, length, passed):
    clock = Clock(begins_on, begins_on + timedelta(length), begins_on + timedelta(passed))

    assert clock.left == length - passed
    assert clock.day == max(passed, 0)
    assert 0 <= clock.share <= 100
    assert (clock.share == 100) == (passed >= clock.length)


@given(DAYS, LENGTHS, PASSED)
def test_a_clock_that_has_stopped_presses_nobody(begins_on, length, passed):
    clock = Clock(begins_on, begins_on + timedelta(length), begins_on + timedelta(passed), is_running=False)

    assert (clock.is_overdue, clock.is_pressing) == (False, False)


@given(DAYS, LENGTHS)
def test_every_whole_week_within_the_period_is_marked(begins_on, length):
    clock = Clock(begins_on, begins_on + timedelta(length), begins_on)

    assert len(clock.weeks) == max(length - 1, 0) // WEEK
    assert all(0 < week < 100 for week in clock.weeks)
