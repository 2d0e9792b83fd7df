"""The projection: what each variant shows, from one moment, in a number of queries that does not grow."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measures.models import Measure, Need
from reporting.models import Variant
from reporting.print import projection as printed
from reporting.projection import Contents
from strategy.models import Light
from tests.factories import (
    FieldFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    MilestoneFactory,
    ResourceRequestFactory,
    StageFactory,
)
from tests.measures import rankings

from . import reports

S = Measure.State
TODAY = date(2026, 11, 20)


def projected(report, variant=Variant.NONPUBLIC):
    return Contents.read(report, as_of=TODAY).project(variant)


def codes(report, variant=Variant.NONPUBLIC):
    return [measure.code for measure in projected(report, variant).measures]


def test_public_shows_what_is_decided_and_nobody_shows_drafts(cast):
    shown = {state: cast.measure(state).code for state in S.values}
    report = reports.draft(cast)

    assert set(codes(report)) == set(shown.values()) - {shown[S.DRAFT]}
    never_decided = {shown[S.DRAFT], shown[S.IN_REVIEW], shown[S.AGREED], shown[S.DROPPED]}
    assert set(codes(report, Variant.PUBLIC)) == set(shown.values()) - never_decided


def test_paper_shows_no_marks_of_markdown(cast):
    marked = "Das **Neue**:\n\n- eins\n- [zwei](https://www.stuttgart.de/)"
    cast.measure(S.DECIDED, description=marked, status_known="*Seit 2020*")

    (measure,) = projected(reports.draft(cast)).measures

    assert measure.description == "Das Neue:\n\n– eins\n\n– zwei (https://www.stuttgart.de/)"
    assert measure.status == "Seit 2020"


def test_what_only_those_who_take_part_may_see_is_nowhere_in_the_public_variant(cast):
    cast.measure(S.IN_REVIEW, title="Kanarienvogel im Titel", goal="Kanarienvogel im Ziel")
    cast.measure(S.DECIDED)
    report = reports.asked(cast)
    reports.sign(cast, report, remark="Kanarienvogel in der Bemerkung")

    hidden, shown = (printed.canonical(projected(report, variant)).decode() for variant in Variant)

    assert "Kanarienvogel" not in hidden
    assert shown.count("Kanarienvogel") == 3


def test_projection_names_functions_and_no_account(cast):
    cast.department_head.last_name = cast.department_head.first_name = "Kanarienvogel"
    cast.department_head.save()
    measure = cast.measure(S.RUNNING)
    light = cast.light(Light.Shape.DISC)
    measure.report_status(by=cast.actor("department_head"), light=light, progress=10, text="Läuft.")
    report = reports.asked(cast)
    reports.sign(cast, report)

    for variant in Variant:
        text = printed.canonical(projected(report, variant)).decode()
        assert "Kanarienvogel" not in text
        assert cast.department_head.username not in text


def test_scope_narrows_by_field_stage_and_state(cast):
    field, stage = FieldFactory(strategy=cast.strategy, letter="B"), StageFactory(strategy=cast.strategy, number=2)
    here, there = cast.measure(S.DECIDED), cast.measure(S.RUNNING, field=field, stage=stage)
    report = reports.draft(cast)

    assert codes(report) == [here.code, there.code]
    reports.edit(cast, report, scope_fields=[field])
    assert codes(report) == [there.code]
    reports.edit(cast, report, scope_fields=[], scope_stages=[cast.stage])
    assert codes(report) == [here.code]
    reports.edit(cast, report, scope_stages=[], scope_states=[S.RUNNING])
    assert codes(report) == [there.code]


def test_sheet_tells_the_last_status_the_indicator_and_the_resources(cast):
    measure = cast.measure(S.RUNNING, starts_on=date(2024, 1, 1), ends_on=date(2028, 12, 31), date_precision="year")
    for progress, text in ((10, "Früher."), (55, "Jetzt.")):
        light = cast.light(Light.Shape.DISC)
        measure.report_status(by=cast.actor("project_group"), light=light, progress=progress, text=text)
    indicator = IndicatorFactory(measure=measure, target=Decimal("24.7000"), target_year=2030)
    IndicatorValueFactory(indicator=indicator, value=Decimal("20.5000"), qualifier="about")
    ResourceRequestFactory(measure=measure, amount=Decimal("40000.00"))

    sheet = projected(reports.draft(cast)).measures[0]

    assert (sheet.status, sheet.progress, sheet.light) == ("Jetzt.", 55, cast.light(Light.Shape.DISC).code)
    assert (sheet.begins, sheet.ends) == ("2024", "2028")
    assert (sheet.indicator.target, sheet.indicator.points[0].value) == ("24.7", "20.5")
    assert [(row.kind, row.year, row.amount) for row in sheet.resources] == [("operating", 2027, "40000")]


@pytest.mark.parametrize("variant", Variant.values)
def test_no_figure_of_fewer_than_five_people_leaves_the_house(cast, variant):
    indicator = IndicatorFactory(measure=cast.measure(S.RUNNING))
    for value, people in (("71.25", 100), ("81.25", 97), ("91.25", 3)):
        IndicatorValueFactory(indicator=indicator, value=value, people=people)

    found = projected(reports.draft(cast), variant).measures[0].indicator

    assert [point.value for point in found.points] == ["71.25"]


def test_milestones_say_whether_they_are_reached_overdue_or_moved(cast):
    measure = MeasureFactory(strategy=cast.strategy, field=cast.field, stage=cast.stage, lead_unit=cast.unit)
    due = {"erreicht": date(2026, 1, 1), "überfällig": date(2026, 10, 1), "offen": date(2027, 1, 1)}
    rows = {title: MilestoneFactory(measure=measure, title=title, due_on=day) for title, day in due.items()}
    rows["verschoben"] = MilestoneFactory(measure=measure, title="verschoben", due_on=date(2027, 3, 1))
    for step in (cast.submit, cast.agree, cast.decide):
        step(measure)
    rows["erreicht"].reached_on = date(2026, 1, 2)
    rows["verschoben"].due_on = date(2027, 9, 1)
    for row in rows.values():
        row.save()

    sheet = projected(reports.draft(cast)).measures[0]

    states = {row.title: row.state for row in sheet.milestones}
    assert states == {"erreicht": "reached", "überfällig": "overdue", "offen": "open", "verschoben": "moved"}


def test_example_and_derived_values_are_marked_at_their_place(cast):
    cast.measure(S.DECIDED, provenance={"goal": "example", "starts_on": "derived", "responsible_function": "example"})

    sheet = projected(reports.draft(cast)).measures[0]

    assert (sheet.example, sheet.derived) == (("goal", "responsible"), ("period",))


def test_changes_compare_with_the_last_report_of_the_same_variant(cast):
    moved, same = cast.measure(S.RUNNING), cast.measure(S.RUNNING)
    last = reports.final(cast)
    light = cast.light(Light.Shape.OCTAGON)
    moved.report_status(by=cast.actor("project_group"), light=light, progress=40, text="Es fehlt Personal.")
    new = cast.measure(S.IN_REVIEW)
    report = reports.draft(cast)

    shown, public = projected(report), projected(report, Variant.PUBLIC)

    assert report.predecessor == last
    assert same.code not in [change.code for change in shown.changes]
    assert [(c.code, c.light_before, c.progress_before, c.progress_after) for c in shown.changes] == [
        (moved.code, "on-track", 0, 40),
        (new.code, None, None, 0),
    ]
    assert [change.code for change in public.changes] == [moved.code]
    assert shown.paper.annexes[2:] == ("Anlage 3: Änderungen seit dem letzten Bericht",)


def test_paper_alone_lists_only_its_own_annexes(cast):
    report = reports.draft(cast, paper_only=True)
    reports.edit(cast, report, rows=lambda: report.annexes.create(strategy=cast.strategy, title="Broschüre"))

    shown = projected(report)

    assert not shown.with_annexes
    assert shown.paper.annexes == ("Broschüre", "Anlage 1 zu GRDrs 101/2026")


def test_paper_alone_carries_nothing_that_it_does_not_show(cast):
    """The data attached to it are those of its own pages: no measure, no text of the annexes it does not have."""
    reports.final(cast)
    left = {name: f"Steht nur in {name}" for name in ("foreword", "deviations", "participation", "outlook")}
    report = reports.draft(cast, paper_only=True, **left)

    shown = projected(report)

    assert (shown.fields, shown.changes, shown.states) == ((), (), ())
    assert (shown.preface, shown.deviations, shown.participation, shown.outlook) == ("", "", "", "")


def test_same_data_same_bytes(cast):
    report = reports.draft(cast)

    first, second = (printed.canonical(projected(report)) for _ in range(2))

    assert first == second
    assert printed.read(first) == projected(report)


def test_hostile_texts_survive_as_text(cast):
    hostile = "<script>alert(1)</script> {{ 7|add:7 }} \u202e\x0b ]]> %s"
    cast.measure(S.DECIDED, title=hostile)

    shown = projected(reports.draft(cast))

    assert shown.measures[0].title == "<script>alert(1)</script> {{ 7|add:7 }}  ]]> %s"


QUERIES = 30  # to read both variants, whatever the number of measures, of needs and of what was ranked


@pytest.mark.parametrize("count", [50, pytest.param(500, marks=pytest.mark.slow)])
def test_number_of_queries_does_not_grow_with_the_measures(cast, count):
    """The same literal number for 50 and 500 measures, each with everything a sheet shows."""
    many_measures(cast, count)
    for _ in range(count // 10):
        cast.answer_need(cast.need(Need.State.ACKNOWLEDGED), outcome="merged", measure=Measure.objects.first())
    rankings.published(cast, measures=list(Measure.objects.all()))
    report = reports.draft(cast)

    with CaptureQueriesContext(connection) as asked:
        contents = Contents.read(report)
        for variant in Variant:
            contents.project(variant)

    assert (len(contents.measures), len(contents.needs)) == (count, count // 10)
    assert len(contents.last_round.rows) == count
    assert len(asked) == QUERIES


def many_measures(cast, count):
    for number in range(count):
        measure = MeasureFactory(
            strategy=cast.strategy,
            field=cast.field,
            stage=cast.stage,
            lead_unit=cast.unit,
            code=f"Z{number}",
            state=S.RUNNING,
            submitted_on=TODAY,
            decided_on=TODAY,
        )
        MilestoneFactory(measure=measure)
        IndicatorValueFactory(indicator=IndicatorFactory(measure=measure))
        ResourceRequestFactory(measure=measure)
