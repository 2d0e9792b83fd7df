"""The geometry of a line chart: a true time axis from zero, direct labels, other sources told apart.

Plain functions on plain data; ``templates/measures/charts/line.html`` draws what they return.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import floor, log10

LABELLED_AT_MOST = 7  # beyond it, only the first and the last point carry their figure
YEARS_AT_MOST = 7
LABEL_WIDTH = 9  # about one digit at 17 px
LABEL_HEIGHT = 17
POINT = 8  # half of what a point takes


@dataclass(frozen=True)
class Size:
    width: int
    height: int
    left: int
    right: int
    top: int = 34
    bottom: int = 40


WIDE = Size(width=720, height=300, left=64, right=72)
SMALL = Size(width=360, height=230, left=52, right=48)


@dataclass(frozen=True)
class Reading:
    """One measured value: when, how much, in which words, and whether from another source than most.

    What is of a year or a month stands in its middle.
    """

    on: date
    value: float
    label: str
    is_other: bool = False


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    text: str = ""
    anchor: str = "middle"
    is_other: bool = False


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    text: str = ""

    @property
    def text_y(self) -> float:
        return self.y1 + 5


@dataclass(frozen=True)
class LineChart:
    size: Size
    points: list[Mark]
    labels: list[Mark]
    solid: list[str]
    dashed: list[Line]
    levels: list[Line]
    years: list[Mark]
    ticks: list[float]
    base: Line
    target: Line | None = None
    target_label: Mark | None = None

    @property
    def view_box(self) -> str:
        return f"0 0 {self.size.width} {self.size.height}"

    @property
    def level_x(self) -> int:
        return self.size.left - 12

    @property
    def tick_y(self) -> float:
        return self.base.y1 + 8

    @property
    def year_y(self) -> float:
        return self.base.y1 + 26


def line_chart(readings: list[Reading], size: Size, *, show, target=None, target_words: str = "") -> LineChart | None:
    """The chart of these readings in order of time, or None where there are fewer than two or one is negative.

    ``show`` turns a level of the axis into words.
    """
    if len(readings) < 2 or min(reading.value for reading in readings) < 0:
        return None
    top = max([reading.value for reading in readings] + ([target] if target is not None else []))
    step = nice_step(top)
    highest = step * max(1, -(-top // step))
    begin, finish = date(readings[0].on.year, 1, 1), date(readings[-1].on.year + 1, 1, 1)
    first, span = begin.toordinal(), finish.toordinal() - begin.toordinal()

    def x(day):
        return round(size.left + (day.toordinal() - first) / span * (size.width - size.left - size.right), 1)

    def y(value):
        return round(size.height - size.bottom - value / highest * (size.height - size.top - size.bottom), 1)

    points = [Mark(x(r.on), y(r.value), r.label, is_other=r.is_other) for r in readings]
    end = size.width - size.right
    levels = [
        Line(size.left, y(step * n), end, y(step * n), show(step * n)) for n in range(1, round(highest / step) + 1)
    ]
    labels = list(labels_of(points))
    aim = Line(size.left, y(target), end, y(target), target_words) if target is not None else None
    return LineChart(
        size=size,
        points=points,
        labels=labels,
        solid=solid_lines(points),
        dashed=[Line(a.x, a.y, b.x, b.y) for a, b in pairwise(points) if a.is_other != b.is_other],
        levels=levels,
        years=year_marks(begin, finish, x),
        ticks=[x(date(year, 1, 1)) for year in range(begin.year, finish.year + 1)],
        base=Line(size.left, y(0), end, y(0), show(0)),
        target=aim,
        target_label=free_place(aim, points, labels) if aim else None,
    )


def nice_step(top: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, so that three to five steps reach the top."""
    if top <= 0:
        return 1
    rough = top / 4
    power = 10 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)


def solid_lines(points: list[Mark]) -> list[str]:
    """Runs of points from one and the same kind of source, as the points of polylines."""
    runs, run = [], []
    for point in points:
        if run and point.is_other != run[-1].is_other:
            runs.append(run)
            run = []
        run.append(point)
    runs.append(run)
    return [" ".join(f"{p.x},{p.y}" for p in run) for run in runs if len(run) > 1]


def labels_of(points: list[Mark]):
    """The figure above its point; below it where the one before stands too near; the last one beside it."""
    busy = len(points) > LABELLED_AT_MOST
    taken = None
    for place, point in enumerate(points):
        is_last = place == len(points) - 1
        if busy and place and not is_last:
            continue
        wide = LABEL_WIDTH * len(point.text)
        if is_last:
            yield Mark(point.x + 12, point.y + 6, point.text, "start")
            continue
        falls = points[place + 1].y < point.y and place > 0
        crowded = taken is not None and point.x - wide / 2 < taken
        if falls or crowded:
            yield Mark(point.x + 12, point.y + 20, point.text, "start")
            taken = point.x + 12 + wide
        elif place == 0:
            yield Mark(point.x - 2, point.y - 14, point.text, "start")
            taken = point.x + wide
        else:
            yield Mark(point.x, point.y - 14, point.text)
            taken = point.x + wide / 2


def free_place(line: Line, points: list[Mark], labels: list[Mark]) -> Mark:
    """The words of a line where they cover no point and no figure: above it, below it, else below all others."""
    taken = [box_of(label) for label in labels]
    taken += [(point.x - POINT, point.y - POINT, point.x + POINT, point.y + POINT) for point in points]
    rows = (line.y1 - 7, line.y1 + LABEL_HEIGHT, max(bottom for *_rest, bottom in taken) + LABEL_HEIGHT + 1)
    places = ((line.x1, "start"), (line.x2, "end"), ((line.x1 + line.x2) / 2, "middle"))
    found = [Mark(x, y, line.text, anchor) for y in rows for x, anchor in places]
    return next((mark for mark in found if not any(overlap(box_of(mark), box) for box in taken)), found[0])


def box_of(mark: Mark) -> tuple[float, float, float, float]:
    """About what its text takes: left, top, right, bottom; the text stands on its y."""
    wide = LABEL_WIDTH * len(mark.text)
    left = mark.x - {"start": 0, "middle": wide / 2, "end": wide}[mark.anchor]
    return left, mark.y - LABEL_HEIGHT, left + wide, mark.y + 4


def overlap(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def year_marks(begin: date, finish: date, x) -> list[Mark]:
    """Every year in the middle of its twelve months, or so many of them as fit."""
    years = range(begin.year, finish.year)
    every = -(-len(years) // YEARS_AT_MOST)
    return [Mark(x(date(year, 7, 2)), 0, str(year)) for year in years[::every]]
