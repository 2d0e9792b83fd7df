"""A period and how much of it has passed, counted in calendar days.

The day on which it begins does not count (§ 187 Abs. 1 BGB): a period of 21 days that begins on the 3rd is on its
17th day on the 20th and ends with the 24th.
"""

from dataclasses import dataclass
from datetime import date

WEEK = 7


@dataclass(frozen=True)
class Clock:
    """From ``begins_on`` to the end of ``due_on``; ``today`` is the day asked about, or the one on which it stopped."""

    begins_on: date
    due_on: date
    today: date
    is_running: bool = True

    @property
    def length(self) -> int:
        return max((self.due_on - self.begins_on).days, 1)

    @property
    def day(self) -> int:
        """Which day of the period it is; larger than ``length`` where it is over."""
        return max((self.today - self.begins_on).days, 0)

    @property
    def left(self) -> int:
        """Days until the last one; below zero the days it is overdue."""
        return (self.due_on - self.today).days

    @property
    def is_overdue(self) -> bool:
        return self.is_running and self.left < 0

    @property
    def overdue_by(self) -> int:
        return -self.left

    @property
    def share(self) -> float:
        """How much has passed, in percent, at most all."""
        return round(100 * min(self.day / self.length, 1), 1)

    @property
    def is_pressing(self) -> bool:
        """In its last week."""
        return self.is_running and self.left <= WEEK

    @property
    def weeks(self) -> list[float]:
        """Where within the period a week ends, in percent."""
        return [round(100 * day / self.length, 1) for day in range(WEEK, self.length, WEEK)]
