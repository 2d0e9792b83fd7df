"""The next report: for which session, and who has brought their measures up to date; by unit, never by person."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F

from reporting.models import CouncilReport
from strategy.models import Membership, OrganisationalUnit, Role


@dataclass(frozen=True)
class UnitRow:
    """A unit and its running measures, those still missing first."""

    unit: OrganisationalUnit | None
    measures: list
    is_reached: bool

    @property
    def missing(self):
        return sum(not measure.is_updated for measure in self.measures)

    @property
    def updated(self):
        return len(self.measures) - self.missing


@dataclass(frozen=True)
class Updates:
    """The state of one planned report: its units, and the day of the last report's data, where there was one."""

    rows: list[UnitRow]
    since: date | None

    @property
    def total(self):
        return sum(len(row.measures) for row in self.rows)

    @property
    def updated(self):
        return sum(row.updated for row in self.rows)

    @property
    def missing(self):
        return self.total - self.updated

    @classmethod
    def read(cls, report, actor):
        """Of all units for those who write and decide, of the own units for their heads."""
        measures = seen_by(report, actor).select_related("lead_unit", "light", "strategy")
        headed = Membership.objects.headed_units(report.strategy)
        by_unit = {}
        for measure in measures.order_by("is_updated", F("status_on").asc(nulls_first=True), "pk"):
            by_unit.setdefault(measure.lead_unit, []).append(measure)
        rows = [UnitRow(unit, found, unit is not None and unit.pk in headed) for unit, found in by_unit.items()]
        return cls(sorted(rows, key=_most_missing_first), report.frozen_at())


def seen_by(report, actor):
    """The measures to update that this actor may be told of."""
    measures = report.measures_to_update()
    if actor.has_perm("reporting.view_planning", report):
        return measures
    return measures.of_unit(actor.units(*Role.HEADS))


def counts_of(report):
    """(how many have been updated, how many there are)."""
    states = list(report.measures_to_update().order_by().values_list("is_updated", flat=True))
    return sum(states), len(states)


def next_of(strategy):
    """What is planned, with the counts of its measures; when a report is wanted, and the first session from then on."""
    planned = [(report, *counts_of(report)) for report in CouncilReport.objects.planned(strategy)]
    wanted_on = CouncilReport.objects.wanted_on(strategy)
    free = list(CouncilReport.objects.free_sessions(strategy))
    on_time = (session for session in free if wanted_on is None or session.held_on >= wanted_on)
    return {"planned": planned, "wanted_on": wanted_on, "proposed": next(on_time, None), "has_sessions": bool(free)}


def _most_missing_first(row):
    return -row.missing, row.unit is not None, str(row.unit)
