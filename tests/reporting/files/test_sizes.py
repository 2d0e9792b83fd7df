"""Reports of every size: the PDF passes the structure checker, and the other files hold the same measures."""

import io

import pytest
from openpyxl import load_workbook

from reporting.files import word, workbook
from reporting.print.checker import check
from reporting.print.projection import Measure, Milestone, Projection
from reporting.print.render import render
from tests.reporting.print import samples

from .reading import headings, opened

LONG_WORD, LONG_TEXT = "Verwaltungsmodernisierungsfortschrittsberichtsentwurf" * 5, "Ein Satz von vielen. " * 250
LONG = Measure(
    code="A1",
    title="Die größte",
    goal=LONG_TEXT,
    description=LONG_TEXT,
    status=LONG_TEXT,
    next_steps=LONG_TEXT,
    milestones=[Milestone(due=f"2026-{n % 12 + 1:02}", title=f"Schritt {n}", state="open") for n in range(40)],
)
NO_DATA = Projection(as_of="2026-09-30", strategy=samples.Strategy(name="w"), paper=samples.Paper(subject=""))
REPORTS = {
    "no data": NO_DATA,
    "one measure": samples.projection(samples.field("A", samples.measure())),
    "the real strategy": samples.real_strategy(48, **samples.later_parts()),
    "five hundred measures": samples.real_strategy(500),
    "empty sections": samples.projection(
        samples.field("A"), samples.field("B", Measure(code="B1", title="Nur ein Titel"))
    ),
    "very long words": samples.projection(
        samples.field("A", samples.measure(title=LONG_WORD, goal=LONG_WORD, lead_unit=LONG_WORD), title=LONG_WORD)
    ),
    "long texts and forty milestones": samples.projection(samples.field("A", LONG), preface=LONG_TEXT),
}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", REPORTS)
def test_the_pdf_of_every_size_is_sound(name):
    assert check(render(REPORTS[name])) == []


@pytest.mark.parametrize("name", REPORTS)
def test_word_and_spreadsheet_of_every_size_hold_each_measure(name):
    projection = REPORTS[name]
    found = headings(opened(word.render(projection)))
    book = load_workbook(io.BytesIO(workbook.render(projection)))

    codes = [measure.code for measure in projection.measures]
    assert [text.split()[0] for level, text in found if level == 3 and text.split()[0] in codes] == codes
    listed = [row[0] for row in list(book["Maßnahmen"].values)[1:]] if codes else []
    assert listed == codes
