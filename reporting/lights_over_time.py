"""Lights over time: how many measures showed which light when each of the last months ended.

A light stands in what is never changed: it is "not begun" from the first, "on plan" from the start, and then what each
status update says. A measure is counted from the day on which its history begins for the reader.
"""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from measures.models import StatusUpdate
from measures.models.measure import visible_since
from reporting.charts import columns
from strategy.models import Light

MONTHS = 12
MONTHS_ON_SMALL_SCREENS = 6
FROM_BELOW = (Light.Shape.SQUARE, Light.Shape.DISC, Light.Shape.RING, Light.Shape.TRIANGLE, Light.Shape.OCTAGON)


@dataclass(frozen=True)
class Moment:
    """The end of a day and its {shape: number of measures}."""

    day: date
    counts: dict

    @property
    def total(self):
        return sum(self.counts.values())


class LightsOverTime:
    """Takes a queryset of measures the actor sees and the lights of their strategy; reads in three queries at most."""

    def __init__(self, measures, lights, actor, today):
        self.lights = sorted(lights, key=lambda light: FROM_BELOW.index(light.shape), reverse=True)
        events = _events(measures, {light.pk: light.shape for light in self.lights}, actor)
        self.moments = [Moment(day, _counts(events, day)) for day in ends_of_months(today)]

    def __bool__(self):
        """Whether there is a course to draw."""
        return sum(1 for moment in self.moments if moment.total) > 1

    @property
    def rows(self):
        """[(day, [(light, number)], total)], the newest first: the table beside the chart."""
        return [
            (moment.day, [(light, moment.counts.get(light.shape, 0)) for light in self.lights], moment.total)
            for moment in reversed(self.moments)
        ]

    @property
    def charts(self):
        """The chart for wide screens and that for small ones."""
        return [
            self._chart(self.moments, 960, "chart--wide"),
            self._chart(self.moments[-MONTHS_ON_SMALL_SCREENS:], 360, "chart--small"),
        ]

    def _chart(self, moments, width, kind):
        heads = [date_format(moment.day, pgettext("short month and year", "M y")) for moment in moments]
        stacks = [[(shape, moment.counts.get(shape, 0)) for shape in FROM_BELOW] for moment in moments]
        return kind, columns(self._title(moments, heads), list(zip(heads, stacks, strict=True)), width=width)

    def _title(self, moments, heads):
        said = [
            f"{head}: "
            + ", ".join(f"{moment.counts[x.shape]} {x.title}" for x in self.lights if moment.counts[x.shape])
            for head, moment in zip(heads, moments, strict=True)
        ]
        return _("Measures by light at the end of each month. %(values)s.") % {"values": "; ".join(said)}


def ends_of_months(today):
    """The last days of the months before, and today."""
    ends, first = [today], today.replace(day=1)
    while len(ends) < MONTHS:
        ends.append(first - timedelta(days=1))
        first = ends[-1].replace(day=1)
    return ends[::-1]


def _events(measures, shapes, actor):
    """[(first day told, days, shapes from that day on)] in order of time, for each measure."""
    columns = ("pk", "strategy_id", "created_at", "submitted_on", "decided_on", "started_on")
    rows = list(measures.order_by().only(*columns))
    told, events = visible_since(rows, actor), {}
    for row in rows:
        since = min(filter(None, [timezone.localdate(row.created_at), row.submitted_on, row.started_on]))
        events[row.pk] = [(since, Light.Shape.RING), *([(row.started_on, Light.Shape.DISC)] if row.started_on else [])]
    updates = StatusUpdate.objects.filter(measure__in=measures.order_by().values("pk")).order_by("reported_on", "pk")
    for measure, day, light in updates.values_list("measure", "reported_on", "light"):
        events[measure].append((day, shapes[light]))
    return [
        (told[pk] and timezone.localdate(told[pk]), *zip(*sorted(of_measure, key=itemgetter(0)), strict=True))
        for pk, of_measure in events.items()
    ]


def _counts(events, day):
    places = ((bisect_right(days, day), shapes) for first, days, shapes in events if first is None or first <= day)
    return Counter(shapes[place - 1] for place, shapes in places if place)
