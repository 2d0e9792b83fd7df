"""Charts as SVG of our own: what is drawn where, in plain numbers; ``templates/reporting/charts/`` draws it.

One chart serves page and paper. Words come from the caller, so a chart knows no language; its title says all values.
"""

from dataclasses import dataclass
from itertools import accumulate

LABEL_ROOM = 24  # points: two year labels closer than this would touch
LIGHT_FILLS = {"disc": "#007155", "triangle": "#f5b800", "octagon": "#c31c13", "ring": "#c4c4c4", "square": "#006b8c"}


@dataclass(frozen=True)
class Mark:
    """A value on the time axis: ``year`` as a decimal number, ``text`` as it is labelled."""

    year: float
    value: float
    text: str


@dataclass(frozen=True)
class Label:
    x: str
    y: str
    text: str
    anchor: str = "middle"
    bold: bool = False


@dataclass(frozen=True)
class LineChart:
    width: int
    height: int
    title: str
    axis: str
    line: str
    dots: str
    target: str
    labels: list[Label]


@dataclass(frozen=True)
class Segment:
    outline: str
    fill: str
    label: Label


@dataclass(frozen=True)
class Strip:
    width: int
    height: int
    title: str
    segments: list[Segment]


def decimal_year(iso_day):
    """“2026-06-30” as 2026.49: a month or a year alone stands for its middle."""
    year, month, day = [*iso_day.split("-"), "", ""][:3]
    if not month:
        return int(year) + 0.5
    return int(year) + (int(month) - 1 + ((int(day) - 1) / 31 if day else 0.5)) / 12


def line_chart(title, marks, target=None, *, until=0, width=383, height=49):
    """Values over time from zero, the target as a dashed line up to its year; labelled: first, last, target, years.

    Takes the marks in order of time, at least one, and the target as a ``Mark`` in its year or ``None``. The axis runs
    to the year ``until`` at least: an old series is seen to end.
    """
    plot = _Plot(marks, target, until, width, height)
    return LineChart(
        width=width,
        height=height,
        title=title,
        axis=plot.axis(),
        line="M" + "L".join(f"{plot.x(mark.year):.1f} {plot.y(mark.value):.1f}" for mark in marks),
        dots="".join(plot.dot(mark) for mark in marks),
        target=f"M{plot.left} {plot.y(target.value):.1f}H{plot.right}" if target else "",
        labels=plot.value_labels() + plot.year_labels(),
    )


class _Plot:
    """Where years and values lie in the picture, and where their labels do not touch."""

    def __init__(self, marks, target, until, width, height):
        self.first, self.last, self.target = marks[0], marks[-1], target
        self.left, self.right, self.top, self.bottom = 26, width - 84, 13, height - 14
        values = [mark.value for mark in marks] + ([target.value] if target else [])
        self.lowest, self.highest = min(0, *values), max(0, *values)
        years = [int(mark.year) for mark in marks] + ([int(target.year)] if target else [])
        self.begin, self.end = min(years), max(*years, until, min(years) + 1) + 1

    def x(self, year):
        return self.left + (year - self.begin) / (self.end - self.begin) * (self.right - self.left)

    def y(self, value):
        height = (self.highest - self.lowest) or 1
        return self.bottom - (value - self.lowest) / height * (self.bottom - self.top)

    def dot(self, mark, radius=2.6):
        arc = f"a{radius} {radius} 0 1 0"
        return f"M{self.x(mark.year) - radius:.1f} {self.y(mark.value):.1f}{arc} {2 * radius} 0{arc} {-2 * radius} 0z"

    def axis(self):
        step = 1 if self.end - self.begin <= 15 else 5
        ticks = "".join(f"M{self.x(year):.1f} {self.bottom}v3" for year in range(self.begin, self.end + 1, step))
        return f"M{self.left} {self.bottom}H{self.right}{ticks}"

    def value_labels(self):
        labels = [self._last_label()]
        if self.first is not self.last:
            labels.insert(0, self._first_label())
        if self.target:
            labels.append(_label(self.right + 6, self.y(self.target.value) + 3.5, self.target.text, "start", bold=True))
        return labels

    @property
    def _is_narrow(self):
        """First and last value would touch: their labels lean outwards."""
        return self.first is not self.last and self.x(self.last.year) - self.x(self.first.year) < 40

    def _first_label(self):
        x, y = self.x(self.first.year), self.y(self.first.value)
        if self._leans(self.first):
            return _label(x - 5, y + 3.5, self.first.text, "end")
        return _label(x, y - 6, self.first.text)

    def _last_label(self):
        x, y = self.x(self.last.year), self.y(self.last.value)
        if self._leans(self.last):
            return _label(x + 5, y + 3.5, self.last.text, "start", bold=True)
        return _label(x, y - 6, self.last.text, bold=True)

    def _leans(self, mark):
        """Whether a label above would touch its neighbour or stand on the target's line."""
        return self._is_narrow or (self.target and 4 < self.y(mark.value) - self.y(self.target.value) <= 16)

    def year_labels(self):
        """Last, first and the axis's last year, in this order of weight; what would touch is left out."""
        shown = []
        for year in (int(self.last.year), int(self.first.year), self.end - 1):
            if all(abs(self.x(year) - self.x(other)) >= LABEL_ROOM for other in shown):
                shown.append(year)
        return [_label(self.x(year + 0.5), self.bottom + 12, str(year)) for year in shown]


def strip(title, parts, *, width=467, height=38, room=34):
    """Everything as one bar, a segment for each part, its label below; nothing rests on the colour alone.

    Takes parts as (shape of a light, count, label); parts of none are left out. ``room`` is what a label needs.
    """
    parts = [part for part in parts if part[1]]
    total = sum(count for _, count, _ in parts)
    ends = list(accumulate((width + 2) * count / total for _, count, _ in parts))
    starts = [0, *ends[:-1]]
    places = _without_overlap(starts, room, width)
    segments = [
        Segment(
            outline=f"M{start:.1f} 0H{end - 2:.1f}v20H{start:.1f}z",
            fill=LIGHT_FILLS[shape],
            label=_label(place, 34, text, "start", bold=True),
        )
        for (shape, _, text), start, end, place in zip(parts, starts, ends, places, strict=True)
    ]
    return Strip(width=width, height=height, title=title, segments=segments)


def _without_overlap(starts, room, width):
    """The same places, moved apart to the right and, at the end of the bar, back to the left."""
    places = []
    for start in starts:
        places.append(max(start, places[-1] + room) if places else start)
    limit = width
    for index in reversed(range(len(places))):
        limit = places[index] = min(places[index], limit - room)
    return places


def _label(x, y, text, anchor="middle", *, bold=False):
    return Label(f"{x:.1f}", f"{y:.1f}", text, anchor, bold)
