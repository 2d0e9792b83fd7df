"""Files for a spreadsheet: no formula in them, figures and days as such, and each text comes back as it was."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import Http404
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from measures.exchange.writer import Sheet, cell, csv_file, file_of, workbook
from strategy.escape import from_xml, guarded, to_xml, unguarded

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u00a0=1", "\u200b=1", "\ufeff@x", "＝1", "＋1"]
FORMULAS += ["－1", "＠x", "\tx", "\nx", "- erster Punkt", "\x00=1", "\x0b-1", "'=1", "''=1", "' =1"]
TEXTS = ["", "A1", "Größer = besser", "1=1", "'zitiert'", "#N/A", "  Rand  ", "a\nb", "_x000D_", "x005F_", "_x005F_"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_formula_survives(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_is_no_formula_stays_as_it_is(text):
    assert cell(text) == text


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("'=+-@\t\r\n ＝\u200b_x0D"), max_size=12))
def test_whatever_is_guarded_and_coded_comes_back(text):
    assert unguarded(from_xml(to_xml(guarded(text)))) == text


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("de", 9.5, "9,5"),
        ("de", 1800.0, "1800"),
        ("de", -3, "-3"),
        ("de", Decimal("1234567.8900"), "1234567,89"),
        ("en", 9.5, "9.5"),
        ("de", None, ""),
        ("de", True, "ja"),
        ("en", False, "no"),
        ("de", date(2026, 12, 31), "31.12.2026"),
        ("en", date(2026, 12, 31), "2026-12-31"),
        ("de", datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "01.01.2027 00:30"),
    ],
)
def test_figures_and_days_are_written_as_the_language_does(language, value, written):
    with override(language):
        assert cell(value) == written


@pytest.mark.parametrize(("language", "delimiter"), [("de", ";"), ("en", ",")])
def test_a_spreadsheet_of_that_language_reads_the_file_back(language, delimiter):
    rows = [["Platz", "Maßnahme"], [1.5, 'Zulage; "für alle", mehr']]

    with override(language):
        response = csv_file("ergebnis-1", rows)

    text = response.content.decode("utf-8-sig")
    figure = "1,5" if language == "de" else "1.5"
    assert list(csv.reader(io.StringIO(text), delimiter=delimiter)) == [rows[0], [figure, rows[1][1]]]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="ergebnis-1.csv"'


def test_a_workbook_holds_numbers_days_and_texts_as_such_and_never_a_formula():
    heading = ["Zahl", "Betrag", "Tag", "Ja", "Text", "Leer"]
    values = [7, Decimal("1234.56"), date(2026, 2, 28), True, "Ein\nText", None]
    texts = [[text] * 6 for text in [*FORMULAS, *TEXTS]]

    book = load_workbook(io.BytesIO(workbook([Sheet("Eins", [heading, values, *texts]), Sheet("Zwei", [["A"]])])))

    page = book["Eins"]
    assert book.sheetnames == ["Eins", "Zwei"]
    assert [one.value for one in page[1]] == heading
    with override("de"):
        assert [one.value for one in page[2]] == [
            7,
            1234.56,
            datetime.combine(date(2026, 2, 28), datetime.min.time()),
            "ja",
            "Ein\nText",
            None,
        ]
    assert {one.data_type for row in page.iter_rows(min_row=3) for one in row if one.value} == {"s"}
    read = [unguarded(from_xml(row[0].value or "")) for row in page.iter_rows(min_row=3)]
    assert read == [*FORMULAS, *TEXTS]


def test_there_is_no_other_kind_of_file():
    with pytest.raises(Http404):
        file_of("pdf", "liste", [Sheet("Eins", [["A"]])])
