"""The geometry of charts about places: dot strips, intervals, a histogram whose bars differ in width.

Plain functions on plain data; ``templates/measures/charts/`` draws what they return. Places run from left to right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 36
MARGIN = 8  # half a mark and its edge
LANES = {"disc": 7, "square": 18, "triangle": 29}  # a lane each, or equal medians would hide one another
BARS_HEIGHT, BARS_TOP = 112, 28


@dataclass(frozen=True)
class Mark:
    """A group's median: a shape of its own on a lane of its own."""

    shape: str
    x: float
    y: float

    @property
    def outline(self) -> str:
        return f"M{self.x} {self.y - 6}l6 10.8h-12z"

    @property
    def corner(self) -> tuple[float, float]:
        return self.x - 4.6, self.y - 4.6


@dataclass(frozen=True)
class Strip:
    """Where on the line of places the groups' medians and the middle half (or an interval) of all lie."""

    words: str
    top: float
    begin: float
    end: float
    marks: Sequence[Mark]
    place: float | None = None


@dataclass(frozen=True)
class Tick:
    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    text: str

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def text_y(self) -> float:
        return round(self.y - 7, 1)


def x_of(place: float, items: int) -> float:
    return round(MARGIN + (place - 1) / max(items - 1, 1) * (WIDTH - 2 * MARGIN), 1)


def strip(medians: Mapping[str, float], middle: Sequence[float], items: int, words: str) -> Strip:
    """Takes {shape: median} of the groups and the quartiles of all."""
    return Strip(
        words=words,
        top=end_of_top_quarter(items),
        begin=x_of(middle[0], items),
        end=x_of(middle[1], items),
        marks=[Mark(shape, x_of(median, items), LANES[shape]) for shape, median in medians.items()],
    )


def interval(ends: Sequence[float], place: float, items: int, words: str) -> Strip:
    """A place and how far it may lie to both sides."""
    begin, end = (x_of(side, items) for side in ends)
    return Strip(words, end_of_top_quarter(items), begin, end, [], x_of(place, items))


def end_of_top_quarter(items: int) -> float:
    """Half a place beyond its last one."""
    return x_of(-(-items // 4) + 0.5, items)


def scale(items: int) -> list[Tick]:
    """The first place, the last of each quarter, and the very last; each once."""
    quarters = [1, *(round(items * part / 4) for part in (1, 2, 3)), items] if items >= 8 else [1, items]
    anchors = {1: "start", items: "end"}
    return [Tick(x_of(place, items), str(place), anchors.get(place, "middle")) for place in dict.fromkeys(quarters)]


def bars(cells: Sequence[Mapping[str, int]], items: int) -> list[Bar]:
    """A bar for each cell {from, to, count}: its area, not its height, is the count, for cells differ in width."""
    unit = WIDTH / items
    dense = max((cell["count"] / places_in(cell) for cell in cells), default=1) or 1
    return [bar_of(cell, unit, (BARS_HEIGHT - BARS_TOP) / dense) for cell in cells]


def bar_of(cell: Mapping[str, int], unit: float, scale: float) -> Bar:
    height = cell["count"] / places_in(cell) * scale
    return Bar(
        x=round((cell["from"] - 1) * unit + 1, 1),
        y=round(BARS_HEIGHT - height, 1),
        width=round(places_in(cell) * unit - 2, 1),
        height=round(height, 1),
        text=str(cell["count"]),
    )


def places_in(cell: Mapping[str, int]) -> int:
    return cell["to"] - cell["from"] + 1
