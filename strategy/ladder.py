"""The ladder of reminders: on which days a deadline is recalled. Plain dates, no database and no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import holidays

HOLIDAYS = holidays.country_holidays("DE", subdiv="BW", language="de")
SATURDAY = 5
BEFORE, AFTER = -1, 1
LONGEST_SHIFT = 7  # days; more than any row of weekend and holidays
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # beyond them somebody has mistyped a year


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    """Monday to Friday without the holidays of Baden-Württemberg."""
    return day.weekday() < SATURDAY and day not in HOLIDAYS


def working_day(day: date, way: int) -> date:
    """The day itself, or the next working day that way."""
    while not is_working_day(day):
        day += timedelta(days=way)
    return day


class Step(NamedTuple):
    """A rung: so many days from the due day, negative before it; to those it waits for, or over their heads."""

    offset: int
    escalates: bool = False

    def __str__(self) -> str:
        return "escalation" if self.escalates else f"{self.offset:+d}"

    def day(self, due_on: date) -> date:
        """When it goes out: of the days off, what comes before the deadline keeps before, what comes after it after."""
        return working_day(due_on + timedelta(days=self.offset), BEFORE if self.offset <= 0 else AFTER)


class Sending(NamedTuple):
    """A step and the day on which it goes out."""

    day: date
    step: Step | str


@dataclass(frozen=True)
class Ladder:
    """When a strategy recalls its deadlines; without ``overdue_every`` or ``escalate_after`` it does not."""

    days_before: tuple[int, ...] = (14, 7, 1)
    on_the_day: bool = True
    overdue_every: int | None = 7
    escalate_after: int | None = 14

    def sendings(
        self, due_on: date, on: date, until: date, since: date | None = None, *, is_appointment: bool = False
    ) -> list[Sending]:
        """What is to go out on that day, and then until the last one.

        The first is the latest step whose day has come: what was missed goes out once and late, what was overtaken
        never. Of steps that fall on one day the latest stands for all. Steps before ``since``, when the
        deadline came into being, are nobody's. An appointment is never overdue.
        """
        steps = self._steps(due_on, on, until, is_appointment)
        by_day = {step.day(due_on): step for step in steps}  # in their order: the latest of a day remains
        days = sorted(day for day in by_day if day <= until and (since is None or day >= since))
        come = [day for day in days if day <= on][-1:]
        return [Sending(day, by_day[day]) for day in (*come, *(day for day in days if day > on))]

    def escalation(self, due_on: date) -> Sending | None:
        """When those above hear of it, if nothing has happened by then."""
        if self.escalate_after is None or not EARLIEST <= due_on <= LATEST:
            return None
        step = Step(self.escalate_after, escalates=True)
        return Sending(step.day(due_on), step)

    def _steps(self, due_on: date, on: date, until: date, is_appointment: bool) -> Iterator[Step]:
        """Those that can be the latest on the first day or fall into the time after it, in order."""
        if not EARLIEST <= due_on <= LATEST:
            return
        for days in sorted(self.days_before, reverse=True):
            yield Step(-days)
        if self.on_the_day:
            yield Step(0)
        if self.overdue_every and not is_appointment:
            every = self.overdue_every
            first = max(1, ((on - due_on).days - LONGEST_SHIFT) // every)
            last = (until - due_on).days // every
            yield from (Step(number * every) for number in range(first, last + 1))
