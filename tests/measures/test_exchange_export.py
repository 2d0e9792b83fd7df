"""The list of measures as a file: what the filter shows, for whom it shows it, in the reader's language."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from measures.models import Measure
from tests.factories import MeasureFactory, MilestoneFactory
from tests.pages import browser_of, text_of

State = Measure.State
FRAME, EXPORT = 3, 7  # choices, tags, measures, their units, tags and papers, milestones
NOTED = 3  # in the audit trail, within a savepoint


@pytest.fixture
def ask(cast):
    """Export the list as somebody, with these parameters."""

    def export(kind="csv", name="project_group", **query):
        url = reverse("measures:list", args=[cast.strategy.slug])
        return browser_of(getattr(cast, name)).get(url, {"export": kind} | query)

    return export


def rows_of(answer):
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def codes(answer):
    return [row["Code"] for row in rows_of(answer)]


def test_a_row_holds_the_measure_as_its_form_and_sheet_show_it(cast, ask):
    cast.measure(
        State.RUNNING,
        title="Onboarding",
        goal="=HYPERLINK()",
        description="Erste Zeile\nzweite",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31),
        date_precision="year",
        provenance={"light": "example", "goal": "derived", "milestones": "example", "gone": "example"},
    )

    (row,) = rows_of(ask())

    assert row == {
        "Code": "A1",
        "Title": "Onboarding",
        "Goal": "'=HYPERLINK()",
        "Description": "Erste Zeile\nzweite",
        "Field of action": str(cast.field),
        "Stage": "Stufe 1",
        "Lead unit": "10 Haupt- und Personalamt",
        "Responsible function": "Abteilungsleitung",
        "Phase": "",
        "Begin": "2026-01-01",
        "End": "2027-12-31",
        "Dates are exact to the": "year",
        "Permanent task without an end": "no",
        "Tags": "",
        "Involved units": "51 Jugendamt",
        "State on record": "",
        "Initial situation": "",
        "Target group": "",
        "Experience and results": "",
        "Risks": "",
        "Origin": "",
        "Paper it came from": "",
        "Note on the origin": "",
        "Decisions and council papers": "",
        "State": "Running",
        "Light": "planmäßig",
        "Progress": "0",
        "Priority": str(cast.priority),
        "Last status update": "",
        "Submitted on": str(date.today()),  # noqa: DTZ011 - the city's own day
        "Decided on": str(date.today()),  # noqa: DTZ011
        "Started on": str(date.today()),  # noqa: DTZ011
        "Completed on": "",
        "Source": "",
        "Example values": "Light, Milestones",
        "Row version (please leave)": "1",
    }


def test_all_rows_leave_that_the_filter_shows_in_its_order(cast, ask):
    for number in range(1, 61):
        MeasureFactory(strategy=cast.strategy, field=cast.field, code=f"A{number}", title=f"Titel {number:02}")
    other = MeasureFactory(strategy=cast.strategy, title="Etwas anderes")

    assert codes(ask(q="Titel", ordering="-title", page="2")) == [f"A{number}" for number in range(60, 0, -1)]
    assert sorted(codes(ask())) == sorted([other.code, *(f"A{number}" for number in range(1, 61))])


def test_nobody_exports_what_they_do_not_see(cast, ask):
    made = {state: cast.measure(state).code for state in (State.DRAFT, State.IN_REVIEW, State.RUNNING)}

    seen = {name: set(codes(ask(name=name))) for name in ("project_group", "department_head", "reader")}

    assert seen == {
        "project_group": set(made.values()),
        "department_head": {made[State.IN_REVIEW], made[State.RUNNING]},
        "reader": {made[State.RUNNING]},
    }
    assert ask(name="stranger").status_code == 404


def test_a_workbook_has_the_milestones_beside_the_measures(cast, ask):
    measure = cast.measure(title="Onboarding")
    milestone = MilestoneFactory(measure=measure, title="=1+1", due_on=date(2027, 6, 30), date_precision="month")
    MilestoneFactory(title="Fremder Meilenstein")

    answer = ask("xlsx")

    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Measures", "Milestones"]
    assert [one.value for one in book["Measures"]["B"]] == ["Title", "Onboarding"]
    rows = [[one.value for one in row] for row in book["Milestones"].iter_rows(min_row=2)]
    assert [[*row[:3], row[3].date(), *row[4:]] for row in rows] == [
        [measure.code, milestone.pk, "'=1+1", date(2027, 6, 30), "month", None]
    ]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Measures-20')


def test_a_file_has_the_columns_that_were_chosen_and_can_be_taken_in_again(cast, ask):
    measure = cast.measure(title="Onboarding", goal="Schneller")

    book = load_workbook(io.BytesIO(ask("xlsx", columns=["stage", "completeness", "nonsense"]).content))

    assert book.sheetnames == ["Measures"]
    heads, row = ([one.value for one in line] for line in book["Measures"].iter_rows())
    assert heads == ["Code", "Title", "Stage", "Row version (please leave)", "Completeness"]
    assert row[:4] == [measure.code, "Onboarding", str(measure.stage), measure.version]
    assert row[4] == "2 of 7"


@pytest.mark.parametrize("count", [1, 4])
def test_a_file_asks_the_same_questions_for_few_rows_and_for_many(cast, django_assert_num_queries, count):
    for _number in range(count):
        MilestoneFactory(measure=cast.measure())
    browser = browser_of(cast.project_group)

    with django_assert_num_queries(FRAME + EXPORT + NOTED):
        browser.get(reverse("measures:list", args=[cast.strategy.slug]), {"export": "xlsx"})


def test_german_readers_get_german_headings_semicolons_and_days(cast):
    cast.measure(ends_on=date(2027, 12, 31))
    browser = browser_of(cast.project_group)
    type(cast.project_group).objects.update(language="de")

    text = browser.get(reverse("measures:list", args=[cast.strategy.slug]), {"export": "csv"}).content.decode()

    assert text.startswith("\ufeffKürzel;Titel;Ziel;")
    assert ";31.12.2027;" in text


def test_a_question_that_cannot_be_understood_gives_no_file(cast, ask):
    cast.measure()

    assert "These filters cannot be understood" in text_of(ask(light="no-such-light"))
    assert ask("pdf").status_code == 404
    assert ask("").status_code == 404
