"""What a round shows of its ballots, and what it keeps to itself (P11)."""

import json
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import results
from measures.results import compare, evaluate

GROUPS = {"department_heads": 1, "administrative_heads": 1, "project_group": 1}
ITEMS = "abcdefghijklmn"  # more than cells of a histogram, so that a cell holds several places
QUICK = settings(max_examples=150, deadline=None)

orders = st.permutations(ITEMS).flatmap(lambda order: st.integers(1, len(ITEMS)).map(lambda n: tuple(order[:n])))


@st.composite
def rounds(draw):
    """Groups of none to nine, who choose among a few orders, so that some agree and some stand alone."""
    choice = draw(st.lists(orders, min_size=1, max_size=4))
    ballot = st.tuples(st.sampled_from(list(GROUPS)), st.sampled_from(choice) | orders)
    return draw(st.lists(ballot, max_size=27))


def ballots(**words):
    """group="ab cb …": one ballot for each word, an item for each letter."""
    return [(group, tuple(order)) for group, orders in words.items() for order in orders.split()]


def shown(found, items="abcd", **more):
    return evaluate(found, items, GROUPS, **{"seed": 1, "bootstraps": 20} | more)


def rows(found, figure):
    return {row["item"]: row[figure] for row in found["items"]}


# Figures


def test_a_round_shows_order_and_agreement_of_each_group():
    found = shown(ballots(department_heads="abcd " * 6, administrative_heads="bacd " * 5, project_group="abcd " * 5))

    assert rows(found, "place") == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert rows(found, "borda") == {"a": 43, "b": 37, "c": 16, "d": 0}
    assert [(row["group"], row["n"], row["w"]) for row in found["groups"]] == [
        ("department_heads", 6, 1),
        ("administrative_heads", 5, 1),
        ("project_group", 5, 1),
    ]
    assert found["overall"]["n"] == 16
    assert rows(found, "proposed") == {"a": False, "b": False, "c": False, "d": False}
    assert rows(found, "contrast") == {"a": 1, "b": 1, "c": 0, "d": 0}
    assert found["condorcet"] == {"winner": "a", "cycle": []}


def test_weights_count_for_each_ballot():
    found = evaluate(
        ballots(department_heads="ab " * 6, project_group="ba " * 5),
        "ab",
        {"department_heads": 1, "project_group": 2},
        seed=1,
    )

    assert rows(found, "borda") == {"b": 10, "a": 6}
    assert rows(found, "first_places") == {"a": 6, "b": 5}


def test_equals_share_a_place_in_the_order_of_the_round():
    found = shown(ballots(department_heads="abcd " * 5 + "dcba " * 5))

    assert [(row["item"], row["place"]) for row in found["items"]] == [("a", 1), ("b", 1), ("c", 1), ("d", 1)]


def test_figures_can_be_stored_as_json():
    found = shown(ballots(department_heads="abcd " * 6, administrative_heads="dc " * 3))

    assert json.loads(json.dumps(found)) == found


@QUICK
@given(rounds(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_changes_nothing(found, chance):
    shuffled = found.copy()
    chance.shuffle(shuffled)

    assert shown(shuffled, ITEMS) == shown(found, ITEMS)


@QUICK
@given(rounds(), st.permutations(ITEMS))
def test_renaming_measures_renames_the_results_alone(found, names):
    name = dict(zip(ITEMS, names, strict=True))
    renamed = [(group, tuple(name[item] for item in order)) for group, order in found]

    assert shown(renamed, names) == with_names(shown(found, ITEMS), name)


def with_names(found, name):
    renamed = json.loads(json.dumps(found))
    for row in renamed["items"]:
        row["item"] = name[row["item"]]
    if found["pairwise"]:
        renamed["pairwise"]["order"] = [name[item] for item in found["pairwise"]["order"]]
    winner, cycle = found["condorcet"]["winner"], found["condorcet"]["cycle"]
    renamed["condorcet"] = {"winner": winner and name[winner], "cycle": [name[item] for item in cycle]}
    return renamed


@QUICK
@given(rounds())
def test_agreement_lies_between_none_and_all(found):
    figures = shown(found, ITEMS)

    for row in [figures["overall"], *figures["groups"]]:
        assert row["w"] is None or 0 <= row["w"] <= 1


# Secrecy


def test_a_group_of_four_is_not_shown_and_leaves_the_overall_figures():
    found = shown(ballots(department_heads="abcd " * 6, administrative_heads="bacd " * 5, project_group="dcba " * 4))

    assert found["groups"][2] == {
        "group": "project_group", "weight": 1, "shown": False, "n": None, "w": None, "chi2": None, "p": None,
    }  # fmt: skip
    assert found["overall"]["of_shown_groups_only"]
    assert found["overall"]["n"] == 11
    assert rows(found, "mean")["d"] == 4


def test_two_groups_of_four_are_in_the_overall_figures_together():
    found = shown(ballots(department_heads="abcd " * 6, administrative_heads="bacd " * 4, project_group="dcba " * 4))

    assert [row["shown"] for row in found["groups"]] == [True, False, False]
    assert not found["overall"]["of_shown_groups_only"]
    assert found["overall"]["n"] == 14


def test_two_groups_of_two_leave_the_overall_figures_together():
    found = shown(ballots(department_heads="abcd " * 6, administrative_heads="bacd " * 2, project_group="dcba " * 2))

    assert found["overall"]["of_shown_groups_only"]
    assert found["overall"]["n"] == 6


def test_four_ballots_in_all_show_nothing():
    found = shown(ballots(department_heads="abcd " * 4))

    assert found["items"] == []
    assert not found["overall"]["shown"]
    assert found["overall"]["n"] is None
    assert found["pairwise"] is None


def test_a_round_may_ask_for_larger_groups_but_not_for_smaller_ones():
    asked = ballots(department_heads="abcd " * 9, project_group="dcba " * 7)

    assert [row["shown"] for row in shown(asked, smallest=8)["groups"]] == [True, False, False]
    with pytest.raises(ValueError, match="at least 5"):
        shown(asked, smallest=4)


def test_first_places_under_five_are_not_told_apart():
    found = shown(ballots(department_heads="abcd " * 9 + "bacd " * 5 + "cabd " * 3 + "dabc " * 2))

    assert rows(found, "first_places") == {"a": 9, "b": 5, "c": None, "d": None}


def test_the_next_smallest_joins_first_places_that_are_too_few_together():
    found = shown(ballots(department_heads="abcd " * 9 + "bacd " * 5 + "cabd " * 3))

    assert rows(found, "first_places") == {"a": 9, "b": None, "c": None, "d": None}


def test_a_histogram_joins_cells_until_each_holds_five():
    found = shown(ballots(department_heads="bacd " * 6 + "bcad " * 2 + "bcda " * 5))

    assert rows(found, "histogram")["a"] == [{"from": 1, "to": 2, "count": 6}, {"from": 3, "to": 4, "count": 7}]
    assert rows(found, "histogram")["b"] == [{"from": 1, "to": 4, "count": 13}]


def test_a_histogram_does_not_tell_who_stands_just_below_the_first_places():
    """Twelve first places, two second places: the first cell reaches to five ballots beyond the twelve."""
    items = [f"m{n}" for n in range(24)]
    first, second, last = items, [items[1], items[0], *items[2:]], [*items[1:], items[0]]
    found = shown([("department_heads", order) for order in [first] * 12 + [second] * 2 + [last] * 5], items)

    assert rows(found, "first_places")["m0"] == 12
    assert rows(found, "histogram")["m0"] == [{"from": 1, "to": 24, "count": 19}]
    assert rows(found, "histogram")["m12"] == [{"from": 1, "to": 12, "count": 5}, {"from": 13, "to": 24, "count": 14}]


def test_fewer_than_five_who_disagree_are_not_told_apart():
    def cells(against):
        return shown(ballots(department_heads="ab " * (20 - against) + "ba " * against), "ab")["pairwise"]["cells"]

    assert {json.dumps(cells(against)) for against in range(5)} == {"[[0, 1], [-1, 0]]"}
    assert cells(5) == [[0, 2], [-2, 0]]
    assert cells(10) == [[0, 0], [0, 0]]


SMALL = st.lists(st.tuples(st.sampled_from(["administrative_heads", "project_group"]), orders), max_size=4)


@QUICK
@given(st.lists(orders, max_size=12), SMALL, SMALL)
def test_two_snapshots_that_differ_in_ballots_not_shown_are_the_same(heads, few, others):
    """Whatever fewer than five in small groups say, and whether they say anything: nobody can see it."""
    large = [("department_heads", order) for order in heads]

    one, other = shown(large + few, ITEMS), shown(large + others, ITEMS)

    if len(heads) >= results.SMALLEST_GROUP_SHOWN:
        told = {"of_shown_groups_only": bool(few), "groups": []}  # that there are any is said, not what they say
        assert one["overall"] | told == other["overall"] | told
        assert {**one, "overall": None} == {**other, "overall": None}
    elif max(len(large + few), len(large + others)) < results.SMALLEST_GROUP_SHOWN:
        assert one == other


def rank(order, item):
    """The obvious way: the place, or the average of the places that are left."""
    return order.index(item) + 1 if item in order else (len(order) + 1 + len(ITEMS)) / 2


def bases(figures, found):
    """Which ballots each shown count rests on, as sets of their numbers; found anew from the ballots."""
    everybody = set(range(len(found)))
    of_group = {group: {n for n in everybody if found[n][0] == group} for group in GROUPS}
    shown_groups = [of_group[row["group"]] for row in figures["groups"] if row["shown"]]
    counted = set().union(*shown_groups) if figures["overall"]["of_shown_groups_only"] else everybody
    yield from shown_groups
    if figures["overall"]["shown"]:
        yield counted
        yield counted - set().union(*shown_groups)
    for row in figures["items"]:
        places = {n: rank(found[n][1], row["item"]) for n in counted}
        upto = [set()] + [{n for n in counted if places[n] <= cell["to"]} for cell in row["histogram"]]
        if row["first_places"] is not None:
            upto.append({n for n in counted if places[n] == 1})
        yield from (larger - smaller for larger in upto for smaller in upto if smaller <= larger)
        yield from (counted - part for part in upto)
    known_first = [row["item"] for row in figures["items"] if row["first_places"] is not None]
    yield {n for n in counted if figures["items"] and found[n][1][0] not in known_first}
    yield from camps(figures, found, counted)


def camps(figures, found, counted):
    """Of each pair the smaller camp, where its cell tells it from one of a ballot less."""
    pairwise = figures["pairwise"] or {"order": []}
    for (i, one), (j, other) in combinations(enumerate(pairwise["order"]), 2):
        against = {n for n in counted if rank(found[n][1], one) >= rank(found[n][1], other)}
        behind = {n for n in counted if rank(found[n][1], one) <= rank(found[n][1], other)}
        if abs(pairwise["cells"][i][j]) > 1:
            yield min(against, behind, key=len)


def too_small(figures, found):
    return [len(base) for base in bases(figures, found) if 0 < len(base) < 5]


@QUICK
@given(rounds())
def test_no_shown_figure_and_no_difference_of_two_rests_on_fewer_than_five_ballots(found):
    assert too_small(shown(found, ITEMS), found) == []


def test_without_the_guard_single_ballots_would_be_found(monkeypatch):
    """The negative control of the search above."""
    found = ballots(department_heads="abcdefgh " * 6, administrative_heads="hgfedcba " * 2, project_group="ba " * 3)
    assert too_small(shown(found, ITEMS), found) == []

    monkeypatch.setattr(results, "SMALLEST_GROUP_SHOWN", 1)

    assert {2, 3} <= set(too_small(shown(found, ITEMS, smallest=1), found))


# Two rounds


def test_a_second_round_shows_what_moved():
    before = shown(ballots(department_heads="abcd " * 5 + "dcba " * 3))
    after = shown(ballots(department_heads="bacd " * 8))

    moved = compare(before, after, dict(zip("abcd", "abcd", strict=True)))

    assert [(row["item"], row["before"], row["after"], row["shift"]) for row in moved["items"]] == [
        ("b", 2, 1, 1),
        ("a", 1, 2, -1),
        ("c", 3, 3, 0),
        ("d", 4, 4, 0),
    ]
    assert {row["item"]: row["range_change"] for row in moved["items"]} == {"a": -3, "b": -1, "c": -1, "d": -3}
    assert moved["rank_correlation"] == 0.8


def test_only_measures_of_both_rounds_are_compared():
    before, after = shown(ballots(department_heads="abcd " * 5)), shown(ballots(department_heads="dxba " * 5), "abdx")

    moved = compare(before, after, {"a": "a", "b": "b", "d": "d", "x": None})

    assert [(row["item"], row["before"], row["after"]) for row in moved["items"]] == [
        ("d", 3, 1),
        ("b", 2, 2),
        ("a", 1, 3),
    ]
    assert moved["rank_correlation"] == -1


def test_a_round_that_shows_nothing_cannot_be_compared():
    nothing, something = shown(ballots(department_heads="abcd")), shown(ballots(department_heads="abcd " * 5))
    same = dict(zip("abcd", "abcd", strict=True))

    assert compare(nothing, something, same) is None
    assert compare(something, nothing, same) is None
