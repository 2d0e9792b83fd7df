"""A ranking list is rearranged: nothing gets lost, nothing is there twice, only what was moved has moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.ordering import bands, moved, placed

MOVES = ("up", "down", "to", "append", "remove")
orders = st.lists(st.integers(1, 60), unique=True, max_size=48)
filled = orders.filter(bool)
anywhere = st.integers(-3, 70)


@st.composite
def order_and_item(draw):
    order = draw(filled)
    return order, draw(st.sampled_from(order))


@pytest.mark.parametrize(
    ("move", "place", "after"),
    [
        ("up", None, [1, 3, 2, 4]),
        ("down", None, [1, 2, 4, 3]),
        ("to", 2, [1, 3, 2, 4]),
        ("to", 4, [1, 2, 4, 3]),
        ("append", None, [1, 2, 4, 3]),
        ("remove", None, [1, 2, 4]),
    ],
)
def test_a_move_does_what_its_button_says(move, place, after):
    assert moved([1, 2, 3, 4], move, 3, place) == after


def test_an_unknown_move_is_refused():
    with pytest.raises(KeyError):
        moved([1, 2], "sideways", 1)


@given(orders, st.sampled_from(MOVES), st.integers(1, 60), anywhere)
def test_no_move_loses_or_doubles_anything(order, move, item, place):
    after = moved(order, move, item, place)

    added = {item} if move in ("to", "append") else set()
    removed = {item} if move == "remove" else set()
    assert sorted(after) == sorted((set(order) | added) - removed)


@given(orders, st.sampled_from(MOVES), st.integers(1, 60), anywhere)
def test_the_others_keep_their_order(order, move, item, place):
    others = [other for other in order if other != item]

    assert [other for other in moved(order, move, item, place) if other != item] == others


@given(order_and_item())
def test_up_takes_back_down_except_at_the_end(given_both):
    order, item = given_both

    after = moved(moved(order, "down", item), "up", item)

    assert after == (moved(order, "up", item) if item == order[-1] else order)


@given(order_and_item(), anywhere)
def test_a_place_beyond_an_end_is_that_end(given_both, place):
    order, item = given_both

    after = moved(order, "to", item, place)

    assert after.index(item) + 1 == min(max(place, 1), len(order))


@given(order_and_item(), st.data())
def test_places_given_one_by_one_or_alone_come_out_alike(given_both, data):
    order, item = given_both
    place = data.draw(anywhere)

    assert placed(order, {item: place}) == moved(order, "to", item, place)


@given(filled, st.data())
def test_of_several_places_given_at_once_each_is_kept(order, data):
    chosen = data.draw(st.lists(st.sampled_from(order), unique=True))
    numbers = data.draw(st.permutations(range(1, len(order) + 1)))
    places = dict(zip(chosen, numbers, strict=False))

    after = placed(order, places)

    assert sorted(after) == sorted(order)
    assert {item: after.index(item) + 1 for item in places} == places


@pytest.mark.parametrize(
    ("items", "most", "limits"),
    [
        (48, None, [(1, 12), (13, 24), (25, 36), (37, 48)]),
        (10, None, [(1, 3), (4, 5), (6, 8), (9, 10)]),
        (2, None, [(1, 1), (2, 2)]),
        (48, 20, [(1, 12), (13, 20)]),
        (48, 10, [(1, 10)]),
    ],
)
def test_bands_are_quarters_of_all_measures_up_to_the_last_place_to_be_given(items, most, limits):
    assert bands(items, most) == limits


@given(st.integers(1, 200))
def test_bands_hold_each_place_once(items):
    assert [place for first, last in bands(items) for place in range(first, last + 1)] == list(range(1, items + 1))
