"""What a round shows of its ballots, and what it keeps to itself."""

from measures.results import evaluate

GROUPS = {"department_heads": 1, "administrative_heads": 1, "project_group": 1}


def ballots(**orders):
    """group="ab cb …": one ballot for each word, an item for each letter."""
    return [(group, list(order)) for group, words in orders.items() for order in words.split()]


def shown(found, **more):
    return evaluate(found, "abcd", GROUPS, seed=1, **more)


def rows(results, figure):
    return {row["item"]: row[figure] for row in results["items"]}


def test_a_round_shows_order_and_agreement_of_each_group():
    results = shown(ballots(department_heads="abcd " * 6, administrative_heads="bacd " * 5, project_group="abcd " * 5))

    assert rows(results, "place") == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert rows(results, "borda") == {"a": 43, "b": 37, "c": 16, "d": 0}
    assert [(row["group"], row["n"], row["w"]) for row in results["groups"]] == [
        ("department_heads", 6, 1),
        ("administrative_heads", 5, 1),
        ("project_group", 5, 1),
    ]
    assert results["overall"]["n"] == 16
    assert rows(results, "proposed") == {"a": False, "b": False, "c": False, "d": False}
    assert rows(results, "contrast") == {"a": 1, "b": 1, "c": 0, "d": 0}


def test_a_group_of_four_is_not_shown_and_leaves_the_overall_figures():
    results = shown(ballots(department_heads="abcd " * 6, administrative_heads="bacd " * 5, project_group="dcba " * 4))

    assert results["groups"][2] == {
        "group": "project_group", "weight": 1, "shown": False, "n": None, "w": None, "chi2": None, "p": None,
    }  # fmt: skip
    assert results["overall"]["of_shown_groups_only"]
    assert results["overall"]["n"] == 11
    assert rows(results, "mean")["d"] == 4


def test_two_groups_of_four_are_in_the_overall_figures_together():
    results = shown(ballots(department_heads="abcd " * 6, administrative_heads="bacd " * 4, project_group="dcba " * 4))

    assert [row["shown"] for row in results["groups"]] == [True, False, False]
    assert not results["overall"]["of_shown_groups_only"]
    assert results["overall"]["n"] == 14


def test_four_ballots_in_all_show_nothing():
    results = shown(ballots(department_heads="abcd " * 4))

    assert results["items"] == []
    assert not results["overall"]["shown"]
    assert results["pairwise"] is None
