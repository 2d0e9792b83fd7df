"""The spreadsheet: a sheet for each table, figures that can be reckoned with, and no cell that runs."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.utils.translation import override
from openpyxl import load_workbook

from reporting.files.package import checksum_in
from reporting.files.workbook import render
from reporting.print.projection import Indicator, Measure, Point, Resource, canonical, digest, read
from strategy.escape import DANGEROUS
from tests.reporting.print import samples
from tests.reporting.print.hostile import HOSTILE, soiled

WHOLE = samples.real_strategy(**samples.later_parts())
NUMBERS = {
    "Überblick": ["beschlossen", "in Umsetzung", "abgeschlossen", "gesamt"],
    "Ampeln": ["planmäßig", "gesamt"],
    "Maßnahmen": ["Fortschritt in %"],
    "Kennzahlen": ["Wert"],
    "Ressourcen": ["Haushaltsjahr", "Betrag"],
    "Einigkeit": ["Ranglisten", "Kendalls W", "Gewicht"],
    "Rangfolge": ["Platz", "Median Amtsleitungen", "unteres Viertel", "oberes Viertel"],
}
DAYS = {"Beratungsfolge": ["Sitzungstermin"], "Meilensteine": ["Termin"], "Handlungsbedarfe": ["Eingang", "Frist"]}


def opened(content):
    return load_workbook(io.BytesIO(content))


def table(book, title):
    """{head: [values below it]}"""
    heads, *rows = book[title].iter_rows(values_only=True)
    return {head: [row[place] for row in rows] for place, head in enumerate(heads)}


@pytest.fixture(scope="module")
def book():
    return opened(render(WHOLE))


def test_each_table_is_a_sheet(book):
    assert book.sheetnames == [
        "Angaben", "Beratungsfolge", "Überblick", "Ampeln", "Maßnahmen", "Texte", "Meilensteine", "Kennzahlen",
        "Ressourcen", "Handlungsbedarfe", "Einigkeit", "Rangfolge", "Änderungen", "Herkunft",
    ]  # fmt: skip


def test_a_paper_alone_has_its_consultations_and_no_empty_sheets():
    """Even where the data hold measures: its PDF prints none."""
    for projection in (samples.grdrs_972_2023(), replace(WHOLE, with_annexes=False)):
        assert opened(render(projection)).sheetnames == ["Angaben", "Beratungsfolge"]


@pytest.mark.parametrize("title", NUMBERS)
def test_figures_are_numbers(book, title):
    found = table(book, title)

    for head in NUMBERS[title]:
        values = [value for value in found[head] if value is not None]
        assert values != []
        assert {type(value) for value in values} <= {int, float}


@pytest.mark.parametrize("title", DAYS)
def test_days_are_days(book, title):
    found = table(book, title)

    for head in DAYS[title]:
        values = [value for value in found[head] if value is not None]
        assert values != []
        assert {type(value) for value in values} == {datetime}


def test_the_overview_counts_the_measures_of_the_report(book):
    overview, colours = table(book, "Überblick"), table(book, "Ampeln")

    assert overview["Handlungsfeld"][-1] == colours["Handlungsfeld"][-1] == "Summe"
    assert sum(overview["gesamt"][:-1]) == overview["gesamt"][-1] == colours["gesamt"][-1] == 48
    assert sum(overview[state][-1] for state in ("beschlossen", "in Umsetzung", "abgeschlossen")) == 48


def test_every_value_of_a_measure_comes_as_it_is_known():
    measure = Measure(
        code="A1",
        title="Eine",
        begins="2024",
        ends="2026-06",
        status_on="2026-09-15",
        indicator=Indicator(
            name="Zeit", unit="Wochen", target="10", target_year=2030,
            points=[Point(when="2025-12", value="12.5", qualifier="about", source="Bericht")],
        ),
        resources=[Resource(kind="capital", year=2027, amount="340000.5", state="angemeldet")],
    )  # fmt: skip
    book = opened(render(samples.projection(samples.field("A", measure))))

    sheet, texts = table(book, "Maßnahmen"), table(book, "Texte")
    assert (sheet["Beginn"], sheet["Ende"]) == ([2024], ["Juni 2026"])
    assert texts["Sachstand vom"][0].date() == date(2026, 9, 15)
    assert list(book["Kennzahlen"].values)[1][2:] == (
        "Zeit", "Wochen", "Dez. 2025", "rund", 12.5, "Bericht", 10, 2030, "nein",
    )  # fmt: skip
    assert list(book["Ressourcen"].values)[1][3:7] == (2027, "Finanzhaushalt", 340000.5, "Euro")


def test_a_group_with_few_ballots_shows_its_name_alone():
    hidden = samples.agreement(is_shown=False, ballots=None, w="", word="")
    ranking = samples.ranking(
        groups=(hidden, samples.agreement("project_group", "Projektgruppe")), proposed=(), contrasts=()
    )
    rows = list(opened(render(samples.projection(ranking=ranking)))["Einigkeit"].values)

    assert rows[1] == ("Amtsleitungen", None, None, "zu wenige Ranglisten, nicht gezeigt", None)


def test_heads_stay_in_sight_and_come_again_on_paper(book):
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "B2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        assert all(10 <= column.width <= 60 for column in sheet.column_dimensions.values())


def test_it_says_what_it_was_made_from(book):
    about = dict(list(book["Angaben"].values)[1:])

    assert about["Drucksache"] == "GRDrs 123/2026"
    assert about["Fußzeile"] == "Stand 30.09.2026 · Muster mit Beispielwerten"
    assert about["Prüfsumme (SHA-256) des Datenstands"] == digest(canonical(WHOLE)) == checksum_in(render(WHOLE))
    assert book.properties.creator == WHOLE.strategy.author


def test_the_same_projection_gives_the_same_bytes_at_any_time_and_in_any_language():
    first = render(WHOLE)
    with override("en"), time_machine.travel(datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)):
        assert render(read(canonical(WHOLE))) == first


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), '=HYPERLINK("http://192.0.2.1")', "@SUM(1)", "+1", "-1", "\t=1", "＝1"]
)
def test_no_text_breaks_the_file_or_runs(text):
    base = samples.projection(
        samples.field("A", samples.real_strategy().fields[0].measures[0], summary="x"),
        notes=(samples.NOTE,), preface="x", mark="x", **samples.later_parts(),
    )  # fmt: skip

    cells = [
        cell for sheet in opened(render(soiled(base, text))).worksheets for row in sheet.iter_rows() for cell in row
    ]

    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d"}
    assert [cell.value for cell in cells if isinstance(cell.value, str) and runs(cell.value)] == []


def runs(text):
    return DANGEROUS.match(text) is not None and not text.startswith("'")


def test_decimals_keep_their_digits():
    measure = Measure(code="A1", title="x", resources=[Resource(kind="positions", year=2026, amount="0.1", state="")])
    book = opened(render(samples.projection(samples.field("A", measure))))

    assert Decimal(str(table(book, "Ressourcen")["Betrag"][0])) == Decimal("0.1")
