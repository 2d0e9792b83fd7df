"""How a ranking list is rearranged: plain functions on plain lists, the best first.

``static/js/ballot-order.js`` does the same in the browser; a test holds the two against each other.
"""

from collections.abc import Mapping, Sequence

BANDS = 4  # quartiles, as the results show them


def moved(order: Sequence[int], move: str, item: int, place: int | None = None) -> list[int]:
    """The order after one move of one item; ``place`` counts from 1 and is only asked by ``to``.

    A place beyond either end means that end. What is not in the list can be appended or put to a place; to move it
    up or down or to remove it changes nothing.

    Raises:
        KeyError: there is no such move.
    """
    target = {
        "up": lambda here: here and max(here - 1, 1),
        "down": lambda here: here and here + 1,
        "to": lambda here: max(place or 1, 1),
        "append": lambda here: len(order) + 1,
        "remove": lambda here: None,
    }[move](order.index(item) + 1 if item in order else None)
    rest = [other for other in order if other != item]
    return rest if target is None else [*rest[: target - 1], item, *rest[target - 1 :]]


def placed(order: Sequence[int], places: Mapping[int, int]) -> list[int]:
    """The order after several items have been given places at once, as {item: place}; the others close up in turn."""
    new = [item for item in order if item not in places]
    for item, place in sorted(places.items(), key=lambda pair: pair[1]):
        new.insert(max(place, 1) - 1, item)
    return new


def bands(items: int, most: int | None = None) -> list[tuple[int, int]]:
    """First and last place of each quarter of so many items, the best first; none begins beyond the ``most`` places.

    The first quarter ends with the place ⌈m/4⌉, up to which the results propose a very high priority.
    """
    ends = [-(-items * band // BANDS) for band in range(1, BANDS + 1)]
    limits = [(before + 1, min(end, most or items)) for before, end in zip([0, *ends], ends, strict=False)]
    return [(first, last) for first, last in limits if first <= last]
