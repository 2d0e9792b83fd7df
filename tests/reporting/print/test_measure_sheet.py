"""The sheet of one measure on paper: its order, its structure, and that no text can make it fetch or hang."""

import io
import time

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from reporting.print.checker import check
from reporting.print.measure_sheet import Figure, MeasureSheet, Row, Rows, Text, Value, render
from reporting.print.projection import Indicator, Milestone
from reporting.print.render import STATIC
from reporting.print.single import WithStyle

from .reading import bookmarks, squeezed, text_of
from .test_render import HOSTILE

OWN_FILES = WithStyle(STATIC / "print" / "measure-sheet.css")


SECONDS = 30  # of CPU: against hanging, no measure of speed
HOPELESS = {
    "marks between letters": "**a**b" * 800,
    "many lines": "a\n" * 2_500,
    "deep lists": "\n".join(" " * 2 * depth + "- x" for depth in range(60)),
    "addresses to run": "[x](javascript:alert(1)) [y](file:///etc/passwd) ![z](http://192.0.2.1/z.png)",
}
LONG = {"endless word", "many hyphens", "foreign scripts", "many lines"}


def sheet(**more):
    values = {"as_of": "2026-11-27", "strategy": "Personalstrategie", "field": "D Flexibel", "code": "D1"}
    return MeasureSheet(**values | {"title": "Mobiles Arbeiten"} | more)


def full(text, name):
    """Everything there is, holding this text."""
    indicator = Indicator(name=name, unit=name[:60], target="4", target_year=2030)
    values = (
        Value(when="2025", value="3", scope=name, source=name, url="https://example.org"),
        Value(when="", value="4"),
    )
    return sheet(
        title=name, prose=text, goal=text, status=text[:2000], status_on="2026-01-01", lead_unit=name, involved=(name,),
        before=(Text(name="initial_situation", prose=text),), after=(Text(name="risks", prose=text),),
        milestones=(Milestone(due="2026", title=name, state="open"),), sources=(name,),
        figures=(Figure(indicator=indicator, prose=text, values=values),),
        lists=(Rows(name="references", rows=(Row(title=name, prose=text, url="https://example.org/" + "x" * 900),)),),
    )  # fmt: skip


def opened(pdf):
    return pikepdf.open(io.BytesIO(pdf))


def test_it_reads_in_the_order_of_a_project_sheet():
    pdf_bytes = render(full("Ein **Satz** mit [Weg](https://www.stuttgart.de/digitalmoves)\n\n- eins\n- zwei", "Wort"))

    assert check(pdf_bytes) == []
    with opened(pdf_bytes) as pdf:
        assert [title for title, _ in bookmarks(pdf)] == [
            "D1 Wort", "Ausgangslage", "Ziel", "Sachstand", "Meilensteine", "Kennzahlen", "Risiken",
            "Literatur und Links",
        ]  # fmt: skip
        assert (str(pdf.Root.Lang), str(pdf.docinfo.Title)) == ("de-DE", "D1 Wort: Maßnahmenblatt")
        links = [str(one.A.URI) for page in pdf.pages for one in page.obj.get("/Annots", []) if "/A" in one]
    assert "https://www.stuttgart.de/digitalmoves" in links
    assert "https://example.org/" + "x" * 900 in links


def test_nothing_but_the_title_is_enough():
    pdf_bytes = render(sheet())

    assert check(pdf_bytes) == []
    with opened(pdf_bytes) as pdf:
        assert len(pdf.pages) == 1


def hostile(name, text):
    return pytest.param(text, id=name, marks=[pytest.mark.slow] if name in LONG else [])


@pytest.mark.parametrize("text", [hostile(*one) for one in (HOSTILE | HOPELESS).items()])
def test_no_text_fetches_or_hangs(text, monkeypatch):
    asked, fetch = [], WithStyle.fetch
    monkeypatch.setattr(WithStyle, "fetch", lambda self, url, headers=None: asked.append(url) or fetch(self, url))
    began = time.process_time()

    pdf_bytes = render(full(text[:5_000], text[:200]))

    assert time.process_time() - began < SECONDS
    assert set(asked) <= set(OWN_FILES.FILES)
    assert check(pdf_bytes) == []


def test_markup_in_texts_is_printed_as_typed():
    typed = "</p><b>fett</b> &amp; {{ x }} <script>alert(1)</script>"

    with opened(render(sheet(prose=typed))) as pdf:
        assert squeezed(typed) in squeezed(text_of(pdf))


def test_the_fetcher_reads_nothing_but_its_own_files():
    with pytest.raises(FatalURLFetchingError):
        OWN_FILES.fetch("file:///etc/passwd")
