"""The geometry of the line chart: a true time axis from zero, labels, sources told apart."""

from datetime import date
from itertools import pairwise

import pytest

from measures.charts import SMALL, WIDE, Reading, box_of, line_chart, nice_step, overlap


def reading(year, value, is_other=False):
    return Reading(date(year, 1, 1), value, str(value), is_other)


def chart(*readings, size=WIDE, **more):
    return line_chart(list(readings), size, show=str, **more)


@pytest.mark.parametrize(
    ("top", "step"), [(7000, 2000), (64, 20), (1, 0.25), (0.4, 0.1), (0, 1), (100, 25), (3, 1), (1e9, 2.5e8)]
)
def test_three_to_five_steps_reach_the_top(top, step):
    assert nice_step(top) == pytest.approx(step)


def test_distance_on_the_axis_is_time():
    drawn = chart(reading(2020, 1), reading(2021, 2), reading(2024, 3))

    first, second, third = (point.x for point in drawn.points)
    assert (third - second) / (second - first) == pytest.approx(1096 / 366, abs=0.01)
    assert [year.text for year in drawn.years] == ["2020", "2021", "2022", "2023", "2024"]
    assert drawn.ticks[0] == first
    assert all(begin < year.x < end for year, (begin, end) in zip(drawn.years, pairwise(drawn.ticks), strict=True))


def test_the_axis_starts_at_zero():
    drawn = chart(reading(2020, 90), reading(2021, 100))

    assert drawn.base.text == "0"
    assert drawn.base.y1 == WIDE.height - WIDE.bottom
    zero, top = drawn.base.y1, drawn.levels[-1].y1
    assert (zero - drawn.points[0].y) / (zero - top) == pytest.approx(0.9, abs=0.01)


def test_another_source_is_joined_by_a_dashed_line():
    drawn = chart(reading(2020, 1), reading(2021, 2), reading(2022, 3, is_other=True), reading(2023, 4))

    assert [point.is_other for point in drawn.points] == [False, False, True, False]
    assert len(drawn.dashed) == 2
    assert [len(run.split()) for run in drawn.solid] == [2]


def test_the_target_lies_within_the_picture():
    drawn = chart(reading(2020, 1), reading(2021, 2), target=20.0, target_words="Ziel 20")

    assert drawn.target.text == "Ziel 20"
    assert WIDE.top <= drawn.target.y1 < min(point.y for point in drawn.points)


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("values", [(95, 60, 20), (60, 90, 97), (95, 98, 97), (100, 100, 100)])
def test_the_words_of_the_target_cover_no_figure_and_no_point(values, size):
    readings = [reading(2023 + number, value) for number, value in enumerate(values)]
    drawn = chart(*readings, size=size, target=100.0, target_words="Ziel 100")

    words = box_of(drawn.target_label)
    assert drawn.target_label.text == "Ziel 100"
    assert not [label.text for label in drawn.labels if overlap(words, box_of(label))]
    assert not [point.text for point in drawn.points if words[0] < point.x < words[2] and words[1] < point.y < words[3]]


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_everything_lies_within_the_picture(size):
    drawn = chart(*(reading(year, (year % 7) * 1000) for year in range(1999, 2031)), size=size)

    assert all(size.left <= point.x <= size.width - size.right for point in drawn.points)
    assert all(0 < point.y < size.height for point in drawn.points)
    assert len(drawn.years) <= 7
    assert [label.text for label in drawn.labels] == ["4000", "0"]  # many points: the ends alone carry figures


@pytest.mark.parametrize("readings", [[], [reading(2020, 1)], [reading(2020, 1), reading(2021, -1)]])
def test_there_is_no_line_to_draw(readings):
    assert chart(*readings) is None
