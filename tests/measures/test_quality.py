"""How complete a measure is: each rule, its count and its list; stale and ownerless measures come first everywhere."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from measures.models import Condition, Measure
from measures.quality import RULES, breaking, counts, quality_of
from strategy.models import Role, User
from tests.factories import (
    Cast,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    MilestoneFactory,
    ResourceRequestFactory,
)
from tests.pages import browser_of, text_of

State = Measure.State
KEYS = [rule.key for rule in RULES]
PEOPLE = [*Role.values, "other_head", "stranger"]


@pytest.fixture(autouse=True)
def english(db, monkeypatch):
    monkeypatch.setattr(settings, "LANGUAGE_CODE", "en")
    with translation.override("en"):
        yield


@pytest.fixture
def cast(cast):
    User.objects.update(language="en")
    return cast


def day(days):
    return timezone.localdate() + timedelta(days=days)


def bare(cast, state=State.RUNNING, **values):
    """A row as it would be in that state, without its way there."""
    submitted = day(-90) if state != State.DRAFT else None
    values = {"field": cast.field, "stage": cast.stage, "lead_unit": cast.unit} | values
    return MeasureFactory(strategy=cast.strategy, state=state, submitted_on=submitted, decided_on=submitted, **values)


def complete(cast, state=State.RUNNING, **values):
    """A measure that lacks nothing."""
    dates = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31), "status_on": day(-5)}
    measure = bare(cast, state, **({"source": "GRDrs 972/2023"} | dates | values))
    indicator = IndicatorFactory(measure=measure, baseline=10, target=100, target_year=2027)
    IndicatorValueFactory(indicator=indicator)
    MilestoneFactory(measure=measure, due_on=day(60))
    ResourceRequestFactory(measure=measure)
    return measure


def broken_by(measure):
    return {key for key in KEYS if breaking(Measure.objects.filter(pk=measure.pk), [key]).exists()}


def spoil(**values):
    return lambda cast, measure: Measure.objects.filter(pk=measure.pk).update(**values)


def late_condition(cast, measure):
    measure.amend(by=cast.actor("project_group"), core={"title": "Anders"})
    slot = measure.open_review().slots.get(unit=cast.unit)
    slot.respond(by=cast.actor("department_head"), vote="conditions", text="Nur mit Schulung", due_on=day(1))
    Condition.objects.update(due_on=day(-1))


def objection(cast, measure):
    measure.amend(by=cast.actor("project_group"), core={"title": "Anders"})
    measure.open_review().slots.get(unit=cast.unit).respond(
        by=cast.actor("department_head"), vote="object", text="So nicht"
    )


SPOILED = [
    (spoil(status_on=day(-400)), {"stale"}),
    (spoil(status_on=None), {"stale"}),
    (spoil(lead_unit=None), {"ownerless"}),
    (spoil(responsible_function=""), {"ownerless"}),
    (objection, {"objection"}),
    (late_condition, {"condition"}),
    (lambda cast, measure: MilestoneFactory(measure=measure, due_on=day(-1)), {"overdue"}),
    (lambda cast, measure: MilestoneFactory(measure=measure, due_on=day(-1), reached_on=day(-1)), set()),
    (lambda cast, measure: measure.milestones.all().delete(), {"milestone"}),
    (spoil(goal=""), {"goal"}),
    (lambda cast, measure: measure.indicators.update(target=None, target_year=None), {"goal", "values"}),
    (lambda cast, measure: measure.indicators.update(baseline=None), {"values"}),
    (lambda cast, measure: measure.indicators.get().values.all().delete(), {"values"}),
    (lambda cast, measure: measure.indicators.all().delete(), {"goal", "indicator"}),
    (lambda cast, measure: measure.resource_requests.all().delete(), {"resources"}),
    (spoil(starts_on=None), {"dates"}),
    (spoil(ends_on=None), {"dates"}),
    (spoil(ends_on=None, is_permanent=True), set()),
    (spoil(source=""), {"source"}),
]


@pytest.mark.parametrize(("deed", "broken"), SPOILED, ids=range(len(SPOILED)))
def test_each_rule_is_broken_by_what_it_names_and_by_nothing_else(cast, deed, broken):
    measure = complete(cast)
    assert broken_by(measure) == set()

    deed(cast, measure)

    assert broken_by(measure) == broken
    assert {gap.rule.key for gap in quality_of(measure, cast.actor("project_group")).broken} == broken
    assert {row.rule.key for row in counts(Measure.objects.filter(strategy=cast.strategy)) if row.broken} == broken


def test_every_rule_is_broken_by_one_of_these_deeds():
    assert set(KEYS) == set().union(*(broken for _deed, broken in SPOILED))


def test_a_goal_has_a_date_where_text_end_or_indicator_name_one(cast):
    measure = complete(cast, goal="Mehr Räder")
    assert "goal" not in broken_by(measure)
    measure.indicators.update(target_year=None)
    assert "goal" not in broken_by(measure)
    Measure.objects.filter(pk=measure.pk).update(ends_on=None)
    assert "goal" in broken_by(measure)
    Measure.objects.filter(pk=measure.pk).update(goal="Mehr Räder bis 2028")
    assert "goal" not in broken_by(measure)


def test_rules_are_only_asked_of_measures_they_have_to_do_with(cast):
    by = cast.actor("project_group")
    asked = {
        state: {rule.key for rule in quality_of(bare(cast, state), by).asked}
        for state in (State.DRAFT, State.RUNNING, State.PAUSED, State.COMPLETED)
    }
    always = {"ownerless", "condition", "goal", "indicator", "resources", "dates", "source"}

    assert asked == {
        State.DRAFT: always,
        State.RUNNING: always | {"stale", "objection", "overdue", "milestone"},
        State.PAUSED: always | {"overdue"},
        State.COMPLETED: set(),
    }


# Pages


def quality_page(cast):
    return reverse("measures:quality", args=[cast.strategy.slug])


def list_of(cast, name="project_group", **query):
    url = reverse("measures:list", args=[cast.strategy.slug])
    return browser_of(getattr(cast, name)).get(url, query)


def codes(answer):
    return [row.code for row in answer.context["rows"]]


def test_the_filter_by_gaps_says_how_many_measures_each_finds(cast):
    complete(cast)
    for deed, _broken in SPOILED:
        deed(cast, complete(cast))

    page = list_of(cast, state=["running", "decided"], rule=["source", "dates"])

    [picker] = [one for one in page.context["pickers"] if one.name == "rule"]
    found = {key: len(codes(list_of(cast, state=["running", "decided"], rule=key))) for key in KEYS}
    assert picker.counts == found
    assert len({*found.values()}) > 1
    assert all(one.name != "rule" for one in list_of(cast, "department_head").context["pickers"])


def test_each_count_leads_to_just_as_many_measures(cast):
    complete(cast)
    complete(cast, State.COMPLETED, source="")
    for deed, _broken in SPOILED:
        deed(cast, complete(cast))
    bare(cast, State.DRAFT)
    bare(Cast())

    page = browser_of(cast.project_group).get(quality_page(cast))

    for row in page.context["rows"]:
        assert len(codes(list_of(cast, rule=row.rule.key))) == row.broken > 0, row.rule.key
        assert f"?rule={row.rule.key}" in page.content.decode()
    rows = page.context["rows"]
    assert [row.rule.key for row in rows[:2]] == ["stale", "ownerless"]
    assert [row.broken for row in rows[2:]] == sorted((row.broken for row in rows[2:]), reverse=True)
    assert f"{len(SPOILED) - 1} of {len(SPOILED) + 2} measures under way have gaps" in text_of(page)


def test_the_page_is_for_the_project_group(cast):
    answers = {name: browser_of(getattr(cast, name)).get(quality_page(cast)).status_code for name in PEOPLE}

    assert answers == dict.fromkeys(PEOPLE, 403) | {"project_group": 200, "stranger": 404}


def test_without_measures_the_page_says_so(cast):
    page = browser_of(cast.project_group).get(quality_page(cast))

    assert "No measure is under way" in text_of(page)


def test_the_list_shows_completeness_and_sorts_by_it(cast):
    full, poor = complete(cast), bare(cast, title="Leer")

    rising, falling = (list_of(cast, ordering=ordering) for ordering in ("completeness", "-completeness"))

    assert [row.completeness for row in rising.context["rows"]] == ["4 of 11", "12 of 12"]
    assert (codes(rising), codes(falling)) == ([poor.code, full.code], [full.code, poor.code])


@pytest.mark.parametrize("name", ["department_head", "staff_council", "steering_team", "reader"])
def test_others_can_neither_see_nor_filter_nor_sort_by_it(cast, name):
    complete(cast)
    bare(cast)

    plain, sorted_by, filtered = (
        list_of(cast, name, **query) for query in ({}, {"ordering": "completeness"}, {"rule": "objection"})
    )

    assert "Completeness" not in text_of(plain)
    assert codes(sorted_by) == codes(plain)
    assert codes(filtered) == []
    assert "These filters cannot be understood, so nothing is shown." in text_of(filtered)


@pytest.mark.parametrize("rule", ["nothing", "\x00", "x" * 5000])
def test_a_rule_that_is_none_finds_nothing_and_says_so(cast, rule):
    bare(cast)

    answer = list_of(cast, rule=rule)

    assert (codes(answer), "These filters cannot be understood" in text_of(answer)) == ([], True)


def test_the_sheet_says_what_is_missing_to_those_who_can_mend_it(cast):
    measure = complete(cast, source="")
    Measure.objects.filter(pk=measure.pk).update(status_on=day(-400))
    edit = reverse("measures:edit", args=[cast.strategy.slug, measure.code])

    pages = {name: browser_of(getattr(cast, name)).get(measure.get_absolute_url()) for name in PEOPLE[:-1]}

    readers = {name for name, page in pages.items() if "Completeness" in text_of(page)}
    assert readers == {"project_group", "department_head", "administrative_head"}
    assert "Completeness: 10 of 12 rules are met" in text_of(pages["project_group"])
    assert "Completeness: 8 of 10 rules are met" in text_of(pages["department_head"])
    assert f"{edit}#id_source" in pages["project_group"].content.decode()
    assert f"{edit}#id_source" not in pages["department_head"].content.decode()
    assert [bool(gap.url) for gap in pages["department_head"].context["quality"].broken] == [True, False]


def test_the_lead_unit_is_not_told_of_objections_it_may_not_read(cast):
    measure = complete(cast)
    measure.amend(by=cast.actor("project_group"), core={"title": "Anders"})
    council = measure.open_review().slots.get(unit=None)
    council.respond(by=cast.actor("staff_council"), vote="object", text="So nicht")

    broken = {
        name: [gap.rule.key for gap in quality_of(measure, cast.actor(name)).broken]
        for name in ("project_group", "department_head")
    }

    assert broken == {"project_group": ["objection"], "department_head": []}


def test_list_and_page_ask_as_much_for_many_measures_as_for_few(cast):
    browser = browser_of(cast.project_group)
    urls = [quality_page(cast), reverse("measures:list", args=[cast.strategy.slug]) + "?ordering=completeness"]

    def queries(url):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url).status_code == 200
        return len(captured)

    complete(cast)
    bare(cast, State.DRAFT)
    [queries(url) for url in urls]
    few = [queries(url) for url in urls]
    for _ in range(4):
        complete(cast)

    assert [queries(url) for url in urls] == few == QUERIES


QUERIES = [7, 8]


# First what is stale or without an owner


@pytest.fixture
def four(cast):
    """Red and well kept, green and stale, never reported on, nobody responsible."""
    red, stale, never, ownerless = (bare(cast, title=title) for title in ("R", "S", "N", "O"))
    for measure, status_on, shape in ((red, day(-1), "octagon"), (stale, day(-300), "disc"), (never, None, "disc")):
        Measure.objects.filter(pk=measure.pk).update(status_on=status_on, light=cast.light(shape))
    Measure.objects.filter(pk=ownerless.pk).update(status_on=day(-1), responsible_function="", light=cast.light("disc"))
    return red, stale, never, ownerless


def test_the_list_begins_with_them(cast, four):
    red, stale, never, ownerless = four

    assert codes(list_of(cast)) == [never.code, stale.code, ownerless.code, red.code]
    assert codes(list_of(cast, ordering="light"))[0] == red.code
    assert "First what has no current status or nobody responsible, then by light." in text_of(list_of(cast))


def test_the_dashboards_begin_with_them(cast, four):
    red, stale, never, ownerless = four
    home = cast.strategy.get_absolute_url()

    group, head = (browser_of(getattr(cast, name)).get(home).context for name in ("project_group", "department_head"))

    assert list(group["stale"]) == [never, stale]
    assert list(group["ownerless"]) == [ownerless]
    assert list(head["own"]) == [never, stale, ownerless, red]


def test_the_recall_begins_with_what_was_never_reported_on(cast, four):
    page = browser_of(cast.project_group).get(reverse("reporting:recall", args=[cast.strategy.slug]))

    assert page.context["stale"].reached == [four[2], four[1]]
