"""Which measures are not as decided, by what, and why: from their lights, their milestones and their last status."""

from dataclasses import dataclass

from .german import day, paragraphs
from .projection import Measure

IN_TROUBLE = ("triangle", "octagon")
OFF_PLAN = ("moved", "overdue")


@dataclass(frozen=True)
class Deviation:
    measure: Measure
    milestones: list[str]
    reason: list[str]
    is_example: bool


def deviations_of(projection):
    """A row for each measure whose light warns or one of whose milestones has moved or passed."""
    warning = {light.code for light in projection.lights if light.shape in IN_TROUBLE}
    rows = (_deviation(measure) for measure in projection.measures)
    return [row for row in rows if row.milestones or row.measure.light in warning]


def _deviation(measure):
    return Deviation(
        measure,
        [_said(milestone) for milestone in measure.milestones if milestone.state in OFF_PLAN],
        paragraphs(measure.status),
        "status" in measure.example,
    )


def _said(milestone):
    if milestone.state == "overdue":
        return f"{milestone.title}: überfällig seit {day(milestone.due)}"
    return f"{milestone.title}: {day(milestone.due)}" + (
        f" statt {day(milestone.planned)}" if milestone.planned else ""
    )
