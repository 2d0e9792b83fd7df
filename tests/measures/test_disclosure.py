"""Figures of fewer than five people, and those from which one would follow, never leave the house."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.disclosure import FOLLOWS, SMALL, withheld
from measures.history import history_of
from measures.models import Indicator, IndicatorValue, Measure
from tests.factories import IndicatorFactory, IndicatorValueFactory
from tests.pages import browser_of, text_of

DAY = date(2025, 12, 31)


def indicator_with(*people, baseline=None, **more):
    indicator = Indicator(name="Fluktuation", unit="%", baseline=baseline, **more)
    values = [
        IndicatorValue(pk=number, indicator=indicator, as_of=DAY, value=Decimal(one or 50), people=one)
        for number, one in enumerate(people, start=1)
    ]
    return indicator, values


def kept_back(*people, **more):
    return withheld(*indicator_with(*people, **more))


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ((100, 5), {}),
        ((None, None), {}),
        ((100, 4), {2: SMALL}),
        ((0,), {1: SMALL}),
        ((100, 93, 4), {3: SMALL, 2: FOLLOWS}),
        ((100, 60, 30, 4), {4: SMALL, 3: FOLLOWS}),
        ((100, 60, 30, 2, 2), {4: SMALL, 5: SMALL, 3: FOLLOWS}),
        ((100, 60, 30, 4, 4), {4: SMALL, 5: SMALL}),
        ((100, None, 4), {2: FOLLOWS, 3: SMALL}),
        ((20, 17), {2: FOLLOWS}),
        ((20, 10, 7), {3: FOLLOWS}),
        ((20, 20), {}),
    ],
)
def test_the_stated_rules_hold(people, expected):
    assert kept_back(*people) == expected


def test_values_of_different_dates_do_not_touch_each_other():
    indicator, values = indicator_with(100, 93, 4)
    values[2].as_of = date(2024, 12, 31)

    assert withheld(indicator, values) == {3: SMALL}


@pytest.mark.parametrize(
    ("more", "is_kept_back"),
    [
        ({"baseline": Decimal(7), "baseline_people": 4}, True),
        ({"baseline": Decimal(3)}, True),
        ({"baseline": Decimal(7), "baseline_on": DAY}, True),
        ({"baseline": Decimal(7), "baseline_on": date(2020, 1, 1)}, False),
    ],
)
def test_a_baseline_is_a_value_like_any_other(more, is_kept_back):
    assert (None in kept_back(3, **more)) == is_kept_back


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_no_total_less_its_shown_parts_tells_of_one_to_four(parts):
    """The parts make up the total: what is left of it after the shown parts is nobody or at least five."""
    people = [sum(parts), *parts]
    found = kept_back(*people)
    shown = [one for number, one in enumerate(people, start=1) if number not in found]

    assert all(one >= 5 for one in shown)
    if 1 not in found and len(shown) > 1:
        rest = sum(parts) - sum(shown[1:])
        assert rest == 0 or rest >= 5


@pytest.fixture
def indicator(cast):
    """A total with two parts, one of three people."""
    indicator = IndicatorFactory(measure=cast.measure(Measure.State.RUNNING), name="Fluktuation", unit="%")
    for scope, value, people in (("alle", "71.25", 100), ("Amt A", "81.25", 97), ("Amt B", "91.25", 3)):
        IndicatorValueFactory(indicator=indicator, as_of=DAY, scope=scope, value=value, people=people)
    return indicator


@pytest.mark.django_db
def test_who_takes_part_sees_them_marked_who_looks_on_does_not_see_them(cast, indicator):
    for url in (indicator.get_absolute_url(), indicator.measure.get_absolute_url()):
        inside, outside = (text_of(browser_of(who).get(url)) for who in (cast.department_head, cast.reader))

        assert "91.25 fewer than 5 people" in inside
        assert "81.25 not shown, because a figure of fewer than 5 people would follow" in inside
        assert "71.25" in outside
        assert "not shown fewer than 5 people" in outside
        assert "91.25" not in outside
        assert "81.25" not in outside


@pytest.mark.django_db
def test_the_history_keeps_what_the_page_keeps(cast, indicator):
    by = cast.actor("project_group")
    value = indicator.values.get(people=3)
    value.edit(by=by, version=1, changes={"people": 30, "value": Decimal("92.5")})

    def told(root, who):
        with translation.override("en"):
            changes = [change for entry in history_of(root, cast.actor(who)) for change in entry.changes]
        return [f"{change.before} {change.after}" for change in changes]

    for root in (indicator, indicator.measure):
        assert any("91.25" in words for words in told(root, "department_head"))
        assert not any("91.25" in words or "92.5" in words for words in told(root, "reader"))
