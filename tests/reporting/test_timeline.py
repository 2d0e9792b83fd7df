"""The timeline: where periods lie on its axis, what is held against a plan, and who sees which rows."""

import io
from datetime import date

import pikepdf
import pytest
from django.urls import reverse

from measures.models import Baseline, Measure
from reporting.print.checker import check
from reporting.timeline import LEFT, RIGHT, Scale, Timeline
from tests.factories import MilestoneFactory, StageFactory
from tests.pages import browser_of

from .print.reading import squeezed, text_of

State = Measure.State
TODAY = date(2026, 11, 27)
pytestmark = pytest.mark.django_db


def address(cast, name="timeline"):
    return reverse(f"reporting:{name}", args=[cast.strategy.slug])


def drawn(cast, kind="", **values):
    measure = cast.measure(values.pop("state", State.RUNNING), **values)
    timeline = Timeline(cast.strategy, Measure.objects.filter(pk=measure.pk), TODAY, kind)
    return timeline, timeline.chart().rows[0]


@pytest.fixture
def until_2030(cast):
    cast.strategy.starts_on, cast.strategy.ends_on = date(2023, 1, 1), date(2030, 12, 31)
    cast.strategy.save()
    return cast


@pytest.mark.parametrize(
    ("day", "end", "share"),
    [
        (date(2020, 1, 1), False, 0),
        (date(2030, 12, 31), True, 1),
        (date(2025, 12, 31), True, 6 / 11),
        (date(2018, 5, 5), False, 0),
        (date(2044, 5, 5), True, 1),
    ],
)
def test_a_day_stands_at_its_share_of_the_years_and_at_the_edge_outside(day, end, share):
    assert Scale(2020, 2030).x(day, end=end) == pytest.approx(LEFT + share * (RIGHT - LEFT))


@pytest.mark.parametrize("begins", [date(1998, 1, 1), date(2021, 1, 1), None])
def test_the_axis_holds_today_and_the_last_year_and_no_more_than_eleven_years(until_2030, begins):
    timeline, _row = drawn(until_2030, starts_on=begins)

    assert TODAY.year in timeline.scale.years
    assert timeline.scale.last == 2030
    assert len(timeline.scale.years) <= 11


@pytest.mark.parametrize(
    ("state", "starts_on", "ends_on", "kind"),
    [
        (State.RUNNING, date(2024, 1, 1), None, "running"),
        (State.PAUSED, None, date(2027, 1, 1), "running"),
        (State.COMPLETED, date(2024, 1, 1), date(2025, 1, 1), "completed"),
        (State.DECIDED, date(2027, 1, 1), None, "waiting"),
        (State.RUNNING, None, None, "unknown"),
    ],
)
def test_a_bar_says_how_far_the_measure_is(until_2030, state, starts_on, ends_on, kind):
    _timeline, row = drawn(until_2030, state=state, starts_on=starts_on, ends_on=ends_on)

    assert row.kind == kind


def test_only_what_goes_on_beyond_its_end_is_drawn_up_to_today(until_2030):
    late = drawn(until_2030, starts_on=date(2024, 1, 1), ends_on=date(2025, 12, 31))[1]
    done = drawn(until_2030, state=State.COMPLETED, starts_on=date(2024, 1, 1), ends_on=date(2025, 12, 31))[1]
    in_time = drawn(until_2030, starts_on=date(2024, 1, 1), ends_on=date(2027, 12, 31))[1]

    assert late.over
    assert (done.over, in_time.over) == ("", "")


def test_milestones_are_told_apart(until_2030):
    measure = until_2030.measure(State.RUNNING, starts_on=date(2024, 1, 1))
    MilestoneFactory(measure=measure, due_on=date(2025, 1, 1), reached_on=date(2025, 2, 1))
    MilestoneFactory(measure=measure, due_on=date(2026, 1, 1))
    MilestoneFactory(measure=measure, due_on=date(2027, 1, 1))

    row = Timeline(until_2030.strategy, Measure.objects.filter(pk=measure.pk), TODAY).chart().rows[0]

    assert set(row.milestones) == {"reached", "late", "open"}


def test_the_plan_as_decided_stands_below_and_its_deviation_in_the_table(until_2030):
    measure = until_2030.measure(State.RUNNING, starts_on=date(2024, 1, 1), ends_on=date(2026, 12, 31))
    Measure.objects.filter(pk=measure.pk).update(ends_on=date(2027, 6, 30))

    timeline = Timeline(until_2030.strategy, Measure.objects.all(), TODAY, Baseline.Kind.DECIDED)
    [(_field, [entry])] = timeline.fields

    assert timeline.chart().rows[0].plan
    assert entry.deviation == "+6 Monate"
    assert "2026" in entry.plan


def test_stages_stand_as_bands_behind_the_bars_with_their_names_above(until_2030):
    strategy = until_2030.strategy
    days = {9: (date(2023, 1, 1), date(2025, 12, 31)), 10: (date(2026, 1, 1), None), 11: (None, None)}
    for number, (begins, ends) in days.items():
        StageFactory(strategy=strategy, number=number, title=f"Stufe {number}", starts_on=begins, ends_on=ends)
    StageFactory(strategy=strategy, number=12, title="Vorbei", ends_on=date(1999, 12, 31))

    timeline, _row = drawn(until_2030, starts_on=date(2024, 1, 1))
    chart = timeline.chart()

    assert [band.name.words for band in chart.stages] == ["Stufe 9", "Stufe 10"]
    assert chart.stages[0].sentence == "Stufe 9, 2023–2025"
    assert "Stufe 10, 2026" in chart.title
    assert chart.stages[1].ground.startswith(f"M{timeline.scale.x(date(2026, 1, 1)) + 1:.1f} ")
    assert f"H{RIGHT - 1}.0" in chart.stages[1].ground


def test_the_long_name_of_a_short_stage_ends_at_its_band(until_2030):
    StageFactory(
        strategy=until_2030.strategy, number=9, title="Eine sehr lange Stufe " * 5,
        starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31),
    )  # fmt: skip

    [band] = drawn(until_2030, starts_on=date(2024, 1, 1))[0].chart().stages

    assert band.name.words.endswith("…")
    assert len(band.name.words) < 12
    assert "Eine sehr lange Stufe" in band.sentence


def test_a_reader_sees_what_is_decided_and_nothing_of_what_was_dropped(cast):
    running, draft = cast.measure(State.RUNNING, title="Läuft"), cast.measure(title="Entwurf")
    dropped = cast.measure(State.DROPPED, title="Verworfen")
    page = browser_of(cast.reader).get(address(cast))
    own = browser_of(cast.project_group).get(address(cast))

    assert [running.title in said.content.decode() for said in (page, own)] == [True, True]
    assert [draft.title in said.content.decode() for said in (page, own)] == [False, True]
    assert dropped.title not in own.content.decode()


def test_filters_cut_picture_and_table_and_a_wrong_one_is_named(cast):
    cast.measure(State.RUNNING, title="Läuft")
    cast.measure(State.DECIDED, title="Wartet")
    browser = browser_of(cast.project_group)

    for view in ("", "table"):
        said = browser.get(address(cast), {"state": "running", "view": view}).content.decode()
        assert ("Läuft" in said, "Wartet" in said) == (True, False)
    assert "These filters cannot" in browser.get(address(cast), {"state": "gibtesnicht"}).content.decode()
    assert browser.get(address(cast), {"plan": "gibtesnicht"}).status_code == 200


@pytest.mark.parametrize("view", ["", "table"])
@pytest.mark.parametrize("count", [2, 12])
def test_the_number_of_questions_does_not_grow(cast, count, view, django_assert_num_queries):
    for _number in range(count):
        MilestoneFactory(measure=cast.measure(State.RUNNING))
    browser = browser_of(cast.project_group)
    browser.get(address(cast))

    with django_assert_num_queries(QUERIES[view]):
        browser.get(address(cast), {"view": view, "plan": "decided"})


QUERIES = {"": 11, "table": 9}


def test_on_paper_it_holds_every_measure_as_picture_and_as_row(cast):
    measures = [cast.measure(State.RUNNING, title=f"Vorhaben {number}") for number in range(3)]

    answer = browser_of(cast.project_group).get(address(cast, "timeline-pdf"), {"plan": "decided"})

    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        words, box = squeezed(text_of(pdf)), pdf.pages[0].mediabox
        assert [round(float(side)) for side in box[2:]] == [842, 1191]
    assert check(answer.content) == []
    assert all(words.count(squeezed(measure.title)) >= 2 for measure in measures)


def test_a_long_timeline_is_cut_into_pictures_that_fit(until_2030):
    for _number in range(30):
        until_2030.measure()
    timeline = Timeline(until_2030.strategy, Measure.objects.all(), TODAY)

    charts = timeline.charts(400)

    assert len(charts) > 1
    assert all(chart.height <= 400 for chart in charts)
    assert sum(len(chart.rows) for chart in charts) == 30


def test_on_paper_too_nothing_found_is_said(cast):
    answer = browser_of(cast.project_group).get(address(cast, "timeline-pdf"))

    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert squeezed("Keine Maßnahme entspricht der Auswahl") in squeezed(text_of(pdf))
    assert check(answer.content) == []
