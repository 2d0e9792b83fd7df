"""Files for a spreadsheet: no formula in them, figures as the language writes them."""

import csv
import io

import pytest
from django.utils.translation import override

from measures.export import cell, csv_file


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＋1", "－1", "＠x"])
def test_no_formula_survives(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "A1", "Größer = besser", "1=1", "'=1"])
def test_a_text_that_is_no_formula_stays_as_it_is(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [("de", 9.5, "9,5"), ("de", 1800.0, "1800"), ("de", -3, "-3"), ("en", 9.5, "9.5"), ("de", None, "")],
)
def test_figures_are_written_as_the_language_does(language, value, written):
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
