"""Charts as SVG of our own: what is drawn where, in plain numbers; ``templates/reporting/charts/`` draws it.

One chart serves page and paper. Words come from the caller, so a chart knows no language; its title says all values.
"""

from dataclasses import dataclass
from itertools import accumulate

LABEL_ROOM = 24  # points: two year labels closer than this would touch
BAR = 20  # height of a strip without its labels
LOWEST_WITH_NUMBER = 16  # of a piece of a column: its number would not fit in a lower one
LETTER_WIDTH = 5  # points, on average, in a label of 9.5
LIGHT_FILLS = {"disc": "#007155", "triangle": "#f5b800", "octagon": "#c31c13", "ring": "#c4c4c4", "square": "#006b8c"}
STEP_FILLS = {"completed": "#111", "running": "#7d7d7d", "ahead": "#d9d9d9"}
FILLS = LIGHT_FILLS | STEP_FILLS


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
    kind: str
    outline: str
    fill: str
    label: Label


@dataclass(frozen=True)
class Strip:
    width: int
    height: int
    title: str
    segments: list[Segment]


@dataclass(frozen=True)
class Dots:
    """Marks on one scale: outlines of what is filled and what is hollow, before a bar, an axis and a ground."""

    width: int
    height: int
    title: str
    ground: str
    axis: str
    bar: str
    filled: str
    hollow: str
    labels: list[Label]


def decimal_year(iso_day):
    """“2026-06-30” as 2026.49: a month or a year alone stands for its middle."""
    year, month, day = [*iso_day.split("-"), "", ""][:3]
    if not month:
        return int(year) + 0.5
    return int(year) + (int(month) - 1 + ((int(day) - 1) / 31 if day else 0.5)) / 12


def line_chart(title, marks, target=None, *, until=0, width=383, height=49, room=84):
    """Values over time from zero, the target as a dashed line up to its year; labelled: first, last, target, years.

    Takes the marks in order of time, at least one, and the target as a ``Mark`` in its year or ``None``. The axis runs
    to the year ``until`` at least: an old series is seen to end. ``room`` is what the target's words need beside it.
    """
    plot = _Plot(marks, target, until, width, height, room)
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

    def __init__(self, marks, target, until, width, height, room):
        self.first, self.last, self.target = marks[0], marks[-1], target
        self.left, self.right, self.top, self.bottom = 26, width - room, 13, height - 14
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

    Takes parts as (shape of a light or step, count, label); parts of none are left out. ``room`` is what a label needs;
    where no part has one, the bar stands alone.
    """
    parts = [part for part in parts if part[1]]
    total = sum(count for _, count, _ in parts)
    ends = list(accumulate((width + 2) * count / total for _, count, _ in parts))
    starts = [0, *ends[:-1]]
    places = _without_overlap(starts, room, width)
    segments = [
        Segment(
            kind=shape,
            outline=f"M{start:.1f} 0H{end - 2:.1f}v{BAR}H{start:.1f}z",
            fill=FILLS[shape],
            label=_label(place, 34, text, "start", bold=True),
        )
        for (shape, _, text), start, end, place in zip(parts, starts, ends, places, strict=True)
    ]
    return Strip(width, height if any(label for *_, label in parts) else BAR, title, segments)


LANES = ("disc", "square", "triangle")  # from above; each has its own shape, so that no mark rests on its height


def dot_strip(title, marks, bar, best, *, until, width=116, height=17):
    """Places from 1 to ``until`` on one line: a mark in each lane, the bar of the middle half, the best ones' ground.

    Takes the marks as (lane, place), ``bar`` as two places and ``best`` as the last of the best places.
    """
    x = _scale(until, width)
    lanes = {lane: height * (2 * number + 1) / 6 for number, lane in enumerate(LANES)}
    outlines = [(lane, _shape(lane, x(place), lanes[lane])) for lane, place in marks]
    middle = height / 2
    return Dots(
        width=width,
        height=height,
        title=title,
        ground=f"M{x(0.5):.1f} 0H{x(best + 0.5):.1f}V{height}H{x(0.5):.1f}z",
        axis=f"M{x(0.5):.1f} {middle}H{x(until + 0.5):.1f}",
        bar=f"M{x(bar[0]):.1f} {middle}H{x(bar[1]):.1f}",
        filled="".join(outline for lane, outline in outlines if lane != "square"),
        hollow="".join(outline for lane, outline in outlines if lane == "square"),
        labels=[],
    )


def dot_scale(title, best, *, until, width=116, height=10):
    """The scale above the strips: its first, its last and the last of the best places."""
    x = _scale(until, width)
    places = sorted({1, best, until})
    return Dots(width, height, title, "", "", "", "", "", [_label(x(place), 8, str(place)) for place in places])


def dot_legend(title, words, *, bar_word, ground_word, width=467, line=14):
    """What the marks mean: ``words`` are (lane, its word) in the order in which they stand."""
    pieces, labels, x, y = {"filled": "", "hollow": "", "bar": "", "ground": ""}, [], 4.0, line / 2
    for kind, word in [*words, ("bar", bar_word), ("ground", ground_word)]:
        room = 19 if kind in ("bar", "ground") else 7
        wide = room + LETTER_WIDTH * len(word)
        if x > 4 and x + wide > width:
            x, y = 4.0, y + line
        name, outline = _legend_piece(kind, x, y)
        pieces[name] += outline
        labels.append(_label(x + room, y + 3.4, word, "start"))
        x += wide + 14
    return Dots(width=width, height=round(y + line / 2), title=title, axis="", labels=labels, **pieces)


def _legend_piece(kind, x, y):
    """Which path the piece belongs to, and its outline."""
    if kind == "bar":
        return "bar", f"M{x - 2:.1f} {y}h16"
    if kind == "ground":
        return "ground", f"M{x - 2:.1f} {y - 5}h16v10h-16z"
    return "hollow" if kind == "square" else "filled", _shape(kind, x, y)


def _scale(until, width, margin=3):
    """Half a place of air at both ends, for places may lie between two."""
    return lambda place: margin + (place - 0.5) / until * (width - 2 * margin)


def _shape(lane, x, y):
    if lane == "square":
        return f"M{x - 2.2:.1f} {y - 2.2:.1f}h4.4v4.4h-4.4z"
    if lane == "triangle":
        return f"M{x:.1f} {y - 2.9:.1f}l3 5.4h-6z"
    return f"M{x - 2.6:.1f} {y:.1f}a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0z"


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


@dataclass(frozen=True)
class Piece:
    """A part of a column, and its number where it is high enough to hold it."""

    kind: str
    outline: str
    fill: str
    label: Label | None


@dataclass(frozen=True)
class Columns:
    width: int
    height: int
    title: str
    axis: str
    pieces: list[Piece]
    heads: list[Label]


def columns(title, stacks, *, width, height=240):
    """Columns beside each other, each a stack of parts from below, with their numbers in them; what it is stands below.

    Takes stacks as (head, [(shape of a light or step, count)]).
    """
    highest = max((sum(count for _, count in parts) for _, parts in stacks), default=0) or 1
    step, floor = width / len(stacks), height - 22
    scale, wide = (floor - 4) / highest, min(48, 0.7 * step)
    pieces, heads = [], []
    for number, (head, parts) in enumerate(stacks):
        middle, bottom = (number + 0.5) * step, float(floor)
        heads.append(_label(middle, height - 5, head))
        for kind, count in parts:
            top = bottom - count * scale
            if count:
                pieces.append(_piece(kind, count, middle, wide, top, bottom))
            bottom = top
    return Columns(width, height, title, f"M0 {floor}H{width}", pieces, heads)


def _piece(kind, count, middle, wide, top, bottom):
    label = _label(middle, (top + bottom) / 2 + 5, str(count)) if bottom - top >= LOWEST_WITH_NUMBER else None
    gap = 1 if bottom - top > 2 else 0
    left, right = middle - wide / 2, middle + wide / 2
    return Piece(kind, f"M{left:.1f} {top + gap:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}z", FILLS[kind], label)
