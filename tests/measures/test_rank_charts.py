"""The geometry of charts about places: everything within the picture, area for number."""

import pytest

from measures.rank_charts import HEIGHT, WIDTH, bars, interval, scale, strip, x_of


def test_places_run_evenly_from_left_to_right():
    assert [x_of(place, 5) for place in (1, 3, 5)] == [8, 180, 352]


def test_a_line_of_one_place_has_it_at_its_beginning():
    assert x_of(1, 1) == 8


def test_each_group_has_a_lane_of_its_own():
    drawn = strip({"disc": 3, "square": 3, "triangle": 3}, (2, 4), 9, "words")

    assert [mark.x for mark in drawn.marks] == [x_of(3, 9)] * 3
    assert [mark.y for mark in drawn.marks] == [7, 18, 29]
    assert (drawn.begin, drawn.end) == (x_of(2, 9), x_of(4, 9))


@pytest.mark.parametrize("items", [1, 2, 7, 8, 48, 200])
def test_everything_lies_within_the_picture(items):
    drawn = strip({"disc": 1, "square": items, "triangle": (items + 1) / 2}, (1, items), items, "")

    for mark in drawn.marks:
        assert 6 <= mark.x <= WIDTH - 6
        assert 5 <= mark.y <= HEIGHT - 4
    assert 0 <= drawn.begin <= drawn.end <= WIDTH
    assert all(0 <= tick.x <= WIDTH for tick in scale(items))


@pytest.mark.parametrize(
    ("items", "places"),
    [(48, ["1", "12", "24", "36", "48"]), (9, ["1", "2", "4", "7", "9"]), (3, ["1", "3"]), (1, ["1"])],
)
def test_the_scale_names_the_quarters(items, places):
    assert [tick.text for tick in scale(items)] == places


def test_the_top_quarter_ends_behind_its_last_place():
    top = strip({}, (1, 2), 48, "").top

    assert x_of(12, 48) < top < x_of(13, 48)


def test_an_interval_holds_its_place():
    drawn = interval((2, 6), 3, 9, "words")

    assert drawn.begin < drawn.place < drawn.end


def test_the_area_of_a_bar_is_its_number():
    cells = [{"from": 1, "to": 4, "count": 12}, {"from": 5, "to": 20, "count": 12}, {"from": 21, "to": 24, "count": 6}]

    drawn = bars(cells, 24)

    areas = [(bar.width + 2) * bar.height for bar in drawn]
    assert areas == pytest.approx([areas[0], areas[0], areas[0] / 2], rel=0.01)
    assert [bar.text for bar in drawn] == ["12", "12", "6"]
    assert drawn[0].y == 28
    assert [bar.y + bar.height for bar in drawn] == pytest.approx([112] * 3)


def test_a_single_bar_fills_the_width():
    drawn = bars([{"from": 1, "to": 3, "count": 5}], 3)

    assert (drawn[0].x, drawn[0].width) == (1, WIDTH - 2)
