"""Indicators in the portal: typed in, read as course, trend and distance, few people protected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from measures.figures import IndicatorShown
from measures.models import STALE_AFTER, Indicator, IndicatorValue, Measure
from strategy.templatetags.portal import shown_date
from tests.factories import Cast, IndicatorFactory, IndicatorValueFactory
from tests.pages import browser_of, text_of, typed_on

pytestmark = pytest.mark.django_db

State = Measure.State


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


@pytest.fixture
def indicator(cast):
    return IndicatorFactory(measure=cast.measure(State.RUNNING), name="Fluktuation", unit="%")


def of(indicator, name="indicator", **parts):
    return reverse(f"measures:{name}", kwargs={"strategy": indicator.strategy.slug, "pk": indicator.pk} | parts)


def list_url(cast, query=""):
    return reverse("measures:indicators", args=[cast.strategy.slug]) + query


def create_url(cast, query=""):
    return reverse("measures:indicator-create", args=[cast.strategy.slug]) + query


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


def test_an_indicator_of_a_measure_is_typed_in_once(cast, writer):
    measure = cast.measure()
    url = create_url(cast, f"?measure={measure.code}")
    typed = typed_on(
        writer.get(url),
        name="Fluktuation",
        unit="%",
        direction="less",
        decimals="1",
        baseline="9.8",
        baseline_on="2023",
        target="6",
        target_year="2027",
    )

    first, second = (writer.post(url, typed) for _ in range(2))

    indicator = Indicator.objects.get()
    assert first.url == second.url == indicator.get_absolute_url()
    assert (indicator.measure, indicator.baseline, indicator.baseline_precision) == (measure, Decimal("9.8"), "year")
    assert Indicator.changes.get().history_user == cast.project_group
    assert "9.8 (2023)" in text_of(writer.get(first.url))


def test_without_a_measure_it_is_the_strategys_own(cast, writer):
    writer.post(create_url(cast), typed_on(writer.get(create_url(cast)), name="Beschäftigte", unit="Personen"))

    assert Indicator.objects.get().measure is None
    assert "of the whole strategy" in text_of(writer.get(list_url(cast)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("measure", "foreign"),
        ("name", "x" * 201),
        ("unit", ""),
        ("decimals", "5"),
        ("baseline", "NaN"),
        ("baseline_on", "13.2025"),
        ("baseline_people", "-1"),
        ("baseline_people", "\uff15"),
        ("target", "9" * 17),
        ("target_year", "27"),
        ("direction", "up"),
        ("name", "\x00"),
    ],
)
def test_bad_input_is_told_at_its_field(cast, writer, field, value):
    if value == "foreign":
        value = Cast().measure().pk
    good = {"name": "Fluktuation", "unit": "%", "baseline": "1", "target": "2"}

    answer = writer.post(create_url(cast), typed_on(writer.get(create_url(cast)), **(good | {field: value})))

    assert list(answer.context["form"].errors) == [field]
    assert not Indicator.objects.exists()


def test_a_value_is_typed_in_edited_and_deleted_with_a_trace(cast, writer, indicator):
    url = of(indicator, "indicator-value-create")
    writer.post(url, typed_on(writer.get(url), value="1,234.5", as_of="12.2025", qualifier="about", people="40"))
    value = IndicatorValue.objects.get()
    assert (value.value, value.as_of, value.date_precision) == (Decimal("1234.5"), date(2025, 12, 31), "month")

    edit = of(indicator, "indicator-value-edit", value=value.pk)
    writer.post(edit, typed_on(writer.get(edit), value="1300", as_of=""))
    value.refresh_from_db()
    assert (value.value, value.as_of, value.date_precision, value.version) == (1300, None, "unknown", 2)

    delete = of(indicator, "indicator-value-delete", value=value.pk)
    assert writer.post(delete, typed_on(writer.get(delete))).url == indicator.get_absolute_url()
    assert not IndicatorValue.objects.exists()
    assert "Value removed: Fluktuation" in text_of(writer.get(indicator.get_absolute_url()))


def test_who_edits_second_is_asked(writer, indicator, cast):
    typed = typed_on(writer.get(of(indicator, "indicator-edit")), target="5", unit="Prozent")
    indicator.edit(by=cast.actor("project_group"), version=1, changes={"target": Decimal(7)})

    asked = writer.post(of(indicator, "indicator-edit"), typed)
    assert asked.status_code == 409
    writer.post(of(indicator, "indicator-edit"), typed_on(asked) | {"keep-target": "theirs"})

    indicator.refresh_from_db()
    assert (indicator.target, indicator.unit) == (7, "Prozent")


def test_a_deleted_indicator_of_the_strategy_leaves_its_name(cast, writer):
    indicator = IndicatorFactory(strategy=cast.strategy, measure=None, name="Krankenstand")
    url = of(indicator, "indicator-delete")

    writer.post(url, typed_on(writer.get(url)))

    assert not Indicator.objects.exists()
    IndicatorFactory(strategy=cast.strategy, measure=None)
    assert "Krankenstand" in text_of(writer.get(list_url(cast)))


def test_a_value_of_another_indicator_is_not_there(cast, writer, indicator):
    other = IndicatorValueFactory(indicator=IndicatorFactory(measure=indicator.measure))

    assert writer.get(of(indicator, "indicator-value-edit", value=other.pk)).status_code == 404


# What it says


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def shown(indicator, *values):
    for days, value in values:
        IndicatorValueFactory(indicator=indicator, as_of=days_ago(days), value=value)
    return IndicatorShown(indicator)


@pytest.mark.parametrize(
    ("before", "now", "direction", "words"),
    [
        (100, 110, "", "rising"),
        (100, 90, "", "falling"),
        (100, "101.9", "more", "steady"),
        (0, 0, "more", "steady"),
        (100, 110, "more", "rising, that is better"),
        (100, 110, "less", "rising, that is worse"),
        (100, 90, "less", "falling, that is better"),
    ],
)
def test_the_trend_follows_its_rule(english, indicator, before, now, direction, words):
    indicator.direction = direction

    assert shown(indicator, (400, before), (35, now)).trend == words


def test_a_forecast_is_no_latest_value(english, indicator):
    seen = shown(indicator, (400, 100), (35, 90), (-900, 50))

    assert (seen.current.value, seen.trend) == (90, "falling")


@pytest.mark.parametrize(
    ("target", "direction", "baseline", "words"),
    [
        (100, "more", None, "10 below the target"),
        (80, "more", None, "target reached"),
        (80, "less", None, "10 above the target"),
        (80, "", None, "10 above the target"),
        (80, "", 50, "target reached"),
        (90, "", None, "target reached"),
    ],
)
def test_the_distance_to_the_target_is_told_by_its_direction(english, indicator, target, direction, baseline, words):
    indicator.target, indicator.direction, indicator.baseline = target, direction, baseline

    assert shown(indicator, (35, 90)).distance == words


@pytest.mark.parametrize(
    ("precision", "last", "middle"),
    [("year", date(2024, 12, 31), date(2024, 7, 1)), ("month", date(2024, 2, 29), date(2024, 2, 15))],
)
def test_a_figure_of_a_year_or_month_is_of_its_last_day(english, indicator, precision, last, middle):
    """However it comes in; stale is what is a year and a half older than that, and it is drawn in the middle."""
    value = IndicatorValueFactory(indicator=indicator, as_of=date(2024, 2, 1), date_precision=precision)

    seen = IndicatorShown(indicator)
    assert value.as_of == value.changes.get().as_of == last
    assert shown_date(value.as_of, precision) in ("2024", "February 2024")
    assert [reading.on for reading in seen.readings] == [middle]
    assert not Indicator.objects.stale(last + STALE_AFTER).exists()
    assert Indicator.objects.stale(last + STALE_AFTER + timedelta(days=1)).get() == indicator


def test_the_figure_of_the_year_under_way_is_no_forecast(indicator):
    this_year, forecast = timezone.localdate().replace(month=12, day=31), timezone.localdate() + timedelta(days=400)
    IndicatorValueFactory(indicator=indicator, as_of=this_year, date_precision="year", value=7)
    IndicatorValueFactory(indicator=indicator, as_of=forecast, date_precision="year", value=9)

    assert IndicatorShown(indicator).current.value == 7


def test_the_overview_finds_by_text_field_state_and_age(cast, writer, indicator):
    own = IndicatorFactory(strategy=cast.strategy, measure=None, name="Beschäftigte")
    IndicatorValueFactory(indicator=own, as_of=days_ago(600))
    IndicatorValueFactory(indicator=own, as_of=days_ago(-3000))  # a forecast makes nothing current
    IndicatorValueFactory(indicator=indicator, as_of=days_ago(10))

    def found(query):
        return [row.indicator for row in writer.get(list_url(cast, query)).context["rows"]]

    assert found("") == [own, indicator]
    assert found("?q=fluktu") == found(f"?field={cast.field.letter}") == found("?state=running") == [indicator]
    assert found("?field=strategy") == found("?stale=on") == [own]
    assert found("?state=nonsense") == found("?q=%00") == []


@pytest.mark.parametrize("number", [2, 30])
def test_the_overview_takes_the_same_number_of_queries(cast, writer, number, django_assert_num_queries):
    for indicator in IndicatorFactory.create_batch(number, measure=cast.measure(State.RUNNING)):
        IndicatorValueFactory(indicator=indicator)
    writer.get(list_url(cast))

    with django_assert_num_queries(10):
        writer.get(list_url(cast))
