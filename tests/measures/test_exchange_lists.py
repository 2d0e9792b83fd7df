"""Needs, indicators and reviews as files: what the list shows under the same filters and rights, nothing more."""

import csv
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from measures.models import FEWEST_PEOPLE, Measure, Need, ReviewResponse
from strategy.models import AccessEvent
from tests.factories import IndicatorFactory, IndicatorValueFactory
from tests.pages import browser_of

LISTS = ("needs", "indicators", "reviews")
TAKING_PART = ("project_group", "department_head", "administrative_head", "staff_council", "steering_team")


def fetched(cast, who, name, **query):
    url = reverse(f"measures:{name}", args=[cast.strategy.slug])
    return browser_of(getattr(cast, who)).get(url, {"export": "csv"} | query)


def rows_of(answer):
    """[{heading: cell}]"""
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def is_file(answer):
    return answer.has_header("Content-Disposition")


# Needs


@pytest.mark.parametrize("who", TAKING_PART)
def test_who_takes_part_fetches_the_needs_that_are_handed_over(cast, who):
    cast.need(Need.State.ANSWERED, title="=Mehr Zeit", urgency="high", is_confidential=True)
    cast.need(title="Geheimer Entwurf")

    (row,) = rows_of(fetched(cast, who, "needs"))

    assert (row["Need"], row["Urgency"], row["Confidential"]) == ("'=Mehr Zeit", "high", "yes")
    assert (row["State"], row["Outcome"]) == ("Answered", "declined")


@pytest.mark.parametrize("who", ["reader", "administrator"])
def test_who_may_not_read_needs_fetches_none(cast, who):
    assert fetched(cast, who, "needs").status_code == 403


@pytest.mark.parametrize("query", [{"state": "draft"}, {"state": "nothing"}])
def test_drafts_and_what_cannot_be_understood_are_no_file(cast, query):
    """The council reads its drafts on the page; they leave in no file, whatever is asked."""
    cast.need(title="Geheimer Entwurf")

    for who in TAKING_PART:
        assert not is_file(fetched(cast, who, "needs", **query))


def test_a_need_s_file_keeps_filters_and_names_no_draft_of_a_measure(cast):
    cast.need(Need.State.SUBMITTED, title="Offen")
    need = cast.need(Need.State.ACKNOWLEDGED, title="Übernommen")
    cast.answer_need(need, Need.Outcome.ADOPTED, draft={"field": cast.field})
    need.refresh_from_db()

    (of_others,) = rows_of(fetched(cast, "department_head", "needs", outcome="adopted"))
    (of_writers,) = rows_of(fetched(cast, "project_group", "needs", outcome="adopted"))

    assert of_others["What has become of it"] == "a measure is being drafted"
    assert of_writers["What has become of it"] == f"{need.measure.code} {need.measure.title}"


# Indicators


@pytest.mark.parametrize("who", [*TAKING_PART, "reader", "administrator"])
def test_a_figure_of_few_people_leaves_in_no_file(cast, who):
    small = IndicatorFactory(strategy=cast.strategy, measure=None, name="Wenige")
    IndicatorValueFactory(indicator=small, value=77, people=FEWEST_PEOPLE - 1)
    large = IndicatorFactory(strategy=cast.strategy, measure=None, name="Viele")
    IndicatorValueFactory(indicator=large, value=88, people=FEWEST_PEOPLE)

    answer = fetched(cast, who, "indicators")

    assert {row["Indicator"]: row["Latest value"] for row in rows_of(answer)} == {"Wenige": "", "Viele": "88"}
    assert "77" not in answer.content.decode()


def test_indicators_keep_the_filters_of_the_page(cast):
    IndicatorFactory(strategy=cast.strategy, measure=None, name="Eigene")
    IndicatorFactory(strategy=cast.strategy, measure=cast.measure(Measure.State.DECIDED), name="Der Maßnahme")

    assert [row["Indicator"] for row in rows_of(fetched(cast, "reader", "indicators", field="strategy"))] == ["Eigene"]
    assert not is_file(fetched(cast, "reader", "indicators", field="nothing"))


# Reviews


def test_reviews_are_told_without_statements(cast):
    measure = cast.measure(Measure.State.IN_REVIEW)
    cast.answer_all(measure, vote=ReviewResponse.Vote.OBJECT, text="Geheime Stellungnahme")

    answer = fetched(cast, "project_group", "reviews")

    (row,) = rows_of(answer)
    assert (row["Code"], row["State"], row["Closed on"]) == (measure.code, "Open", "")
    assert row["Asked"] == row["Answered"] == str(measure.reviews.get().slots.count())
    assert "Geheim" not in answer.content.decode()


def test_a_review_one_may_not_see_is_in_no_file(cast):
    cast.measure(Measure.State.IN_REVIEW)

    answer = fetched(cast, "reader", "reviews")

    assert answer.status_code == 403 or rows_of(answer) == []


# All of them


@pytest.mark.parametrize("name", LISTS)
def test_each_leaves_as_a_workbook_too_and_is_noted(cast, name):
    cast.need(Need.State.SUBMITTED)
    IndicatorFactory(strategy=cast.strategy, measure=cast.measure(Measure.State.IN_REVIEW))

    book = load_workbook(io.BytesIO(fetched(cast, "project_group", name, export="xlsx").content))

    assert book.active.max_row == 2
    event = AccessEvent.objects.get(kind=AccessEvent.Kind.EXPORTED)
    assert (event.user, event.address) == (cast.project_group, f"measures:{name}")
    assert fetched(cast, "project_group", name, export="exe").status_code == 404


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("needs", 7), ("indicators", 9), ("reviews", 8)])
def test_a_file_asks_the_same_however_long_it_is(cast, name, queries, size, django_assert_num_queries):
    for _row in range(size):
        need = cast.need(Need.State.ACKNOWLEDGED)
        cast.answer_need(need, Need.Outcome.ADOPTED, draft={"field": cast.field})
        indicator = IndicatorFactory(strategy=cast.strategy, measure=cast.measure(Measure.State.IN_REVIEW))
        IndicatorValueFactory(indicator=indicator)
    browser = browser_of(cast.project_group)
    url = reverse(f"measures:{name}", args=[cast.strategy.slug])
    browser.get(url)

    with django_assert_num_queries(queries):
        assert len(rows_of(browser.get(url, {"export": "csv"}))) == size
