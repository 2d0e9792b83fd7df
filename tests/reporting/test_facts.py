"""What the sign-in page tells people without an account."""

from datetime import date

import pytest
from django.utils import translation

from measures.models import Measure
from reporting.templatetags.facts import public_facts
from strategy.models import Strategy
from tests.factories import CouncilPaperFactory, IndicatorFactory, IndicatorValueFactory


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def alone(cast):
    """The cast, without the strategy of the stranger."""
    Strategy.objects.exclude(pk=cast.strategy.pk).delete()
    return cast


def test_only_what_has_been_decided_is_counted(alone):
    alone.measure(Measure.State.DRAFT)
    alone.measure(Measure.State.AGREED)
    alone.measure(Measure.State.RUNNING)

    assert public_facts()["facts"] == [
        {"label": "Fields of action", "value": 1},
        {"label": "Measures decided", "value": 1},
    ]


def test_a_figure_is_shown_with_its_day_and_its_qualifier(alone):
    indicator = IndicatorFactory(strategy=alone.strategy, measure=None, name="Employees")
    IndicatorValueFactory(indicator=indicator, as_of=date(2021, 6, 1), value=15000)
    IndicatorValueFactory(
        indicator=indicator, as_of=date(2025, 10, 1), date_precision="month", value=17600, qualifier="about"
    )
    CouncilPaperFactory(
        strategy=alone.strategy, title=alone.strategy.title, number="972/2023", dated_on=date(2023, 10, 12)
    )

    assert public_facts()["facts"][1:] == [
        {"label": "Employees, October 2025", "value": "17,600", "qualifier": "about"},
        {"label": "Council paper", "value": "12 Oct 2023", "source": "GRDrs 972/2023"},
    ]


def test_of_several_strategies_none_is_shown(cast):
    assert Strategy.objects.count() == 2

    assert public_facts() == {}
