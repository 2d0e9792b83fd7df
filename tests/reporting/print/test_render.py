"""The printed file: what it says, how it is built, and that no text can make it fetch or hang."""

import dataclasses
import gc
import io
import re
import socket
import time
import urllib.request

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from reporting.print import pages
from reporting.print.checker import check, of_kind
from reporting.print.german import settable
from reporting.print.projection import Measure, canonical, digest, read
from reporting.print.render import ATTACHMENT, OwnFiles, quiet_collector, render

from . import samples
from .hostile import HOSTILE, LONG, soiled
from .reading import as_list, bookmarks, headings, list_items, squeezed, text_of

SECONDS = 60  # of CPU: against hanging, no measure of speed


@pytest.fixture(scope="module")
def real():
    projection = samples.real_strategy()
    return projection, render(projection)


@pytest.mark.parametrize(
    ("projection", "page_count", "measures"),
    [(samples.projection(), 4, 0), (samples.projection(samples.field("A", samples.measure())), 6, 1)],
    ids=["no measures", "one measure"],
)
def test_small_reports_are_whole(projection, page_count, measures):
    pdf_bytes = render(projection)

    assert check(pdf_bytes) == []
    with opened(pdf_bytes) as pdf:
        assert len(pdf.pages) == page_count
        assert len(of_kind(pdf, "/H3")) == measures


def test_the_real_strategy_is_whole(real):
    projection, pdf_bytes = real

    assert check(pdf_bytes) == []
    with opened(pdf_bytes) as pdf:
        titles = [title for title, _ in bookmarks(pdf)]
        assert len(of_kind(pdf, "/H3")) == len(projection.measures) == 48
        assert [title for title in titles if title.startswith(("Anlage ", "Prüfsumme"))] == [
            "Anlage 1: Sachstandsbericht",
            "Anlage 2: Gesamtübersicht der Maßnahmen",
            "Prüfsumme und Legende",
        ]
        assert "D1 Mobiles Arbeiten als Regelangebot" in titles
        assert len(pdf.pages) <= 42  # mostly two sheets a page, and what is made from the data


def test_contents_name_the_page_that_shows_the_measure(real):
    projection, pdf_bytes = real

    with opened(pdf_bytes) as pdf:
        shown = [f"{title}{page}" for title, page in bookmarks(pdf)]
        named = list_items(pdf)

    expected = {line for line in shown if re.match(r"[A-H]\d+ ", line)}
    assert len(expected) == len(projection.measures)
    assert expected <= set(named)


def test_a_projection_read_back_gives_the_same_file(real):
    projection, pdf_bytes = real

    assert render(read(canonical(projection))) == pdf_bytes


def test_the_projection_is_attached_and_its_checksum_printed(real):
    projection, pdf_bytes = real

    with opened(pdf_bytes) as pdf:
        attached = pdf.attachments[ATTACHMENT].get_file().read_bytes()
        assert attached == canonical(projection)
        assert digest(attached) in squeezed(text_of(pdf))


def test_the_paper_of_2023_comes_out_as_published():
    projection = samples.grdrs_972_2023()
    pdf_bytes = render(projection)

    assert check(pdf_bytes) == []
    with opened(pdf_bytes) as pdf:
        assert len(pdf.pages) == 2
        text = text_of(pdf)
        heads = headings(pdf)
    for paragraph in projection.paper.text.split("\n\n"):
        assert squeezed(paragraph) in squeezed(text)
    assert heads == [
        "workSTUgether: Personalstrategie 2030",
        "Bericht:",
        "Mitzeichnung der beteiligten Stellen:",
        "Vorliegende Anfragen/Anträge:",
        "Erledigte Anfragen/Anträge:",
        "Anlagen",
    ]


def test_prose_has_its_lists_emphasis_and_links_in_the_structure():
    typed = "Ein **wichtiger** und *leiser* Satz mit [Weg](https://www.stuttgart.de/).\n\n- eins\n- zwei\n\n1. drei"
    texts = dict.fromkeys(["preface", "deviations", "participation", "outlook"], typed)
    paper = samples.paper(text=typed, finances=typed)
    pdf_bytes = render(samples.projection(samples.field("A", samples.measure()), paper=paper, **texts))

    assert check(pdf_bytes) == []
    with opened(pdf_bytes) as pdf:
        items = [squeezed(item) for item in list_items(pdf)]
        lists = [len(as_list(one.K)) for one in of_kind(pdf, "/L")]
        links = [
            str(one.A.URI) for page in pdf.pages for one in page.obj.get("/Annots", []) if "/URI" in one.get("/A", {})
        ]
        spoken = squeezed(text_of(pdf))
    assert [item[-4:] for item in items if item.endswith(("eins", "zwei", "drei"))] == ["eins", "zwei", "drei"] * 6
    assert (lists.count(2), lists.count(1)) == (6, 6)
    assert links == ["https://www.stuttgart.de/"] * len(links)
    assert len(links) >= 6
    assert spoken.count("EinwichtigerundleiserSatzmitWeg.") == 6


def test_emphasis_is_set_in_faces_of_its_own():
    paper = samples.paper(text="Ein **wichtiger** und *leiser* Satz.")
    with opened(render(samples.projection(paper=paper))) as pdf:
        fonts = {str(font.BaseFont).split("+")[-1] for page in pdf.pages for font in page.Resources.Font.values()}

    assert {"Report-Semi-Bold", "Report-Italic"} <= fonts


def test_a_long_paragraph_is_printed_to_its_end():
    typed = "Wort " * 100 + "Ende."
    texts = dict.fromkeys(["preface", "deviations", "participation", "outlook"], typed)
    paper = samples.paper(text=typed, finances=typed, pending_requests=(typed,), settled_requests=(typed,))
    projection = settable(samples.projection(samples.field("A", samples.measure()), paper=paper, **texts))

    html = pages.front(projection, "0" * 64, {}) + pages.body(projection, "0" * 64)

    assert html.count("Ende.") == 8


def test_a_long_address_leads_where_it_was_typed():
    address = "https://www.stuttgart.de/medien/" + "ordner/" * 40
    projection = settable(samples.projection(paper=samples.paper(text=f"[Anlage]({address})")))

    assert f'<a href="{address}" rel="noopener noreferrer">Anlage</a>' in pages.front(projection, "0" * 64, {})


def test_a_decision_paper_has_its_own_sections():
    paper = samples.paper(
        kind="Beschlussvorlage", motion=("Vom Bericht wird Kenntnis genommen.", "Der Fortführung wird zugestimmt."),
        finances="Keine.", is_summary=False, reference="",
    )  # fmt: skip
    html = pages.front(samples.projection(paper=paper), "0" * 64, {})

    assert re.findall(r"<h2>(.*?)</h2>", html) == [
        "Beschlussantrag:",
        "Begründung:",
        "Finanzielle Auswirkungen",
        "Mitzeichnung der beteiligten Stellen:",
        "Vorliegende Anfragen/Anträge:",
        "Erledigte Anfragen/Anträge:",
        "Anlagen",
    ]
    assert html.count("<li>Vom Bericht wird") == 1
    assert "siehe Anlage 1" not in html
    assert "GRDrs (Nummer folgt)" in html


def test_later_parts_are_printed_when_there_are_any():
    pdf_bytes = render(samples.projection(samples.field("A", samples.measure()), **samples.later_parts()))

    assert check(pdf_bytes) == []
    with opened(pdf_bytes) as pdf:
        titles = [title for title, _ in bookmarks(pdf)]
        named = list_items(pdf)
    later = [
        "Einigkeit der letzten Priorisierungsrunde",
        "Abweichungen und ihre Gründe",
        "Beteiligung der Personalvertretung",
        "Weitere Handlungsbedarfe der Gesamtpersonalvertretung",
        "Ausblick",
        "Anlage 3: Änderungen seit dem letzten Bericht",
    ]
    assert [title for title in titles if title in later] == later
    assert [line.rstrip("0123456789") for line in named if line.rstrip("0123456789") in later] == later


def test_empty_parts_leave_no_headings():
    html = pages.body(samples.projection(samples.field("A", Measure(code="A1", title="Nur ein Titel"))), "0" * 64)

    assert re.findall(r"<h4.*?>(.*?)</h4>", html) == []
    assert re.findall(r"<h2.*?>(.*?)</h2>", html) == [
        "Gesamtüberblick", "Personalgewinnung", "Ampel", "Blätter und Meilensteine", "Kennzahlen", "Abkürzungen",
    ]  # fmt: skip
    assert re.findall(r"<h1.*?>(.*?)</h1>", html) == ["Gesamtübersicht der Maßnahmen", "Prüfsumme und Legende"]
    assert "Stellen und Mittel" not in html


def test_the_nonpublic_variant_says_so_on_every_page():
    assert pages.running(samples.projection(variant="nonpublic"))[1] == "Stand 30.09.2026 · nichtöffentliche Fassung"
    assert pages.running(samples.projection())[1] == "Stand 30.09.2026"


def hostile(name):
    return pytest.param(HOSTILE[name], id=name, marks=[pytest.mark.slow] if name in LONG else [])


@pytest.mark.parametrize("text", [hostile(name) for name in HOSTILE])
def test_no_text_fetches_or_hangs(text, monkeypatch):
    base = samples.projection(
        samples.field("A", dataclasses.replace(samples.real_strategy().fields[0].measures[0]), summary="x"),
        notes=(samples.NOTE,), preface="x", mark="x", **samples.later_parts(),
    )  # fmt: skip
    hostile = soiled(base, text)
    asked = forbid_fetching(monkeypatch)
    began = time.process_time()

    pdf_bytes = render(hostile)

    assert time.process_time() - began < SECONDS
    assert {url for url in asked if url not in OwnFiles.FILES} == set()
    assert check(pdf_bytes) == []


def test_markup_in_texts_is_printed_as_typed():
    typed = "</p><b>fett</b> &amp; {{ x }} <script>alert(1)</script>"
    pdf_bytes = render(samples.projection(samples.field("A", samples.measure(goal=typed))))

    with opened(pdf_bytes) as pdf:
        assert squeezed(typed) in squeezed(text_of(pdf))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://192.0.2.1/x",
        "data:text/plain,x",
        (pages.ROOT / "manage.py").as_uri(),
        f"{next(iter(OwnFiles.FILES))}?x",
    ],
)
def test_the_fetcher_reads_nothing_but_its_own_files(url):
    with pytest.raises(FatalURLFetchingError):
        OwnFiles().fetch(url)


def test_the_fetcher_is_really_asked(monkeypatch):
    """The negative control: an address that reaches the style or the markup unescaped ends the render."""
    monkeypatch.setattr(pages, "_html", lambda *_, **__: "<p style='background: url(http://192.0.2.1/x.png)'>x</p>")

    with pytest.raises(FatalURLFetchingError):
        render(samples.grdrs_972_2023())


def test_progress_grows_to_the_whole_and_names_its_phases():
    steps = []

    render(samples.real_strategy(8), lambda phase, share: steps.append((phase, share)))

    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert list(dict.fromkeys(phase for phase, _ in steps)) == ["contents", "layout", "numbering", "writing"]
    assert len([phase for phase, _ in steps if phase == "layout"]) > 5


def test_what_the_progress_raises_ends_the_render():
    class Cancelled(Exception):
        pass

    def cancel_while_laying_out(phase, share):
        if phase == "layout" and share > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        render(samples.real_strategy(8), cancel_while_laying_out)


def test_the_collector_rests_and_comes_back():
    with quiet_collector():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_the_collector_comes_back_after_a_failure():
    with pytest.raises(ValueError, match="broken"), quiet_collector():
        raise ValueError("broken")

    assert gc.isenabled()


def forbid_fetching(monkeypatch):
    """Every way out is closed; what is asked of the fetcher is written down."""
    asked = []
    fetch = OwnFiles.fetch

    def noted(self, url, headers=None):
        asked.append(url)
        return fetch(self, url, headers)

    def refuse(*_, **__):
        raise AssertionError("the render opened a connection")

    monkeypatch.setattr(OwnFiles, "fetch", noted)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(urllib.request.OpenerDirector, "open", refuse)
    return asked


def opened(pdf_bytes):
    return pikepdf.open(io.BytesIO(pdf_bytes))
