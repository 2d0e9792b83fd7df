"""The Word file: it says what the PDF says, can be worked with, and no text can break it."""

import dataclasses
import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import time_machine
from docx import Document
from docx.oxml.ns import qn
from lxml import etree, html

from reporting.files.package import checksum_in
from reporting.files.word import render
from reporting.files.word.writer import Writer
from reporting.print import pages
from reporting.print.projection import Measure, Milestone, Part, Point, Resource, canonical, digest, read
from strategy.prose import html_of
from tests.reporting.print import samples
from tests.reporting.print.hostile import HOSTILE, SHOULD_STAY, soiled
from tests.reporting.print.reading import squeezed

from .reading import headings, instructions, names, opened, running_words, words_of

WHOLE = samples.real_strategy(**samples.later_parts())
DECISION = samples.projection(
    samples.field("A", samples.measure()),
    paper=samples.paper(
        kind="Beschlussvorlage",
        motion=("Vom Bericht wird Kenntnis genommen.", "Der Fortführung wird zugestimmt."),
        finances="Keine.",
    ),
)
SAMPLES = {"whole": WHOLE, "paper alone": samples.grdrs_972_2023(), "decision": DECISION, "empty": samples.projection()}
#: Of the PDF's own: it has pictures, and its data are attached to it.
ONLY_IN_PDF = ("Balken am Kopf", "Blätter und Meilensteine", "Durchgezogene Linie", "beiliegt:", "liegt dieser Datei")
#: Printed in short, or not at all: of a source the host, a value's source only in the data, of states those there are.
NOT_WORD_FOR_WORD = SHOULD_STAY | {"sources", "source", "code", "author", "variant", "state", "states"}


@pytest.fixture(scope="module")
def whole():
    return render(WHOLE)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_paragraph_and_cell_of_the_pdf_is_there_in_its_order(name):
    projection = SAMPLES[name]
    parts = [pages.front(projection, "0" * 64, {})] + [pages.body(projection, "0" * 64)] * projection.with_annexes
    printed = [squeezed(text) for part in parts for text in blocks(part)]
    found = words_of(opened(render(projection)))

    place = 0
    for text in printed:
        at = found.find(text.replace("⯃", "⬣"), place)
        assert at >= 0, text
        place = at + len(text)


def blocks(part):
    """The texts of a part's paragraphs, list items and cells, without charts and what the PDF alone has."""
    document = html.document_fromstring(part)
    etree.strip_elements(document, "svg", with_tail=False)
    for number in document.xpath("//span[@class='page'] | //p[contains(@class, 'checksum') or @class='digits']"):
        number.drop_tree()
    for element in document.body.iter("p", "li", "h1", "h2", "h3", "h4", "th", "td", "caption"):
        text = element.text_content()
        if text.strip() and not any(words in text for words in ONLY_IN_PDF):
            yield text


@pytest.mark.parametrize("name", SAMPLES)
def test_every_text_of_the_projection_is_there(name):
    document = opened(render(SAMPLES[name]))
    found = words_of(document) + running_words(document)

    missing = {text for text in texts_of(SAMPLES[name]) if squeezed(text) not in found}

    assert missing == set()


def texts_of(part):
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if field.name not in NOT_WORD_FOR_WORD:
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, str):
                    yield item
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Part) and not isinstance(item, Point):
                yield from texts_of(item)


def test_each_text_of_the_whole_sample_is_one_the_test_would_miss():
    """The negative control: a text that is not printed is found missing."""
    other = dataclasses.replace(WHOLE, outlook="Kein Satz dieses Berichts.")

    assert squeezed("Kein Satz dieses Berichts.") not in words_of(opened(render(WHOLE)))
    assert "Kein Satz dieses Berichts." in set(texts_of(other))


def test_the_paper_of_2023_has_its_sections():
    assert headings(opened(render(samples.grdrs_972_2023()))) == [
        (1, "workSTUgether: Personalstrategie 2030"),
        (2, "Bericht:"),
        (2, "Mitzeichnung der beteiligten Stellen:"),
        (2, "Vorliegende Anfragen/Anträge:"),
        (2, "Erledigte Anfragen/Anträge:"),
        (2, "Anlagen"),
    ]


def test_headings_are_real_and_none_skips_a_level(whole):
    found = headings(opened(whole))

    levels = [level for level, _ in found]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert (3, "D1 Mobiles Arbeiten als Regelangebot") in found
    assert (2, "Wohnen und Mobilität für Mitarbeitende") in found
    assert [text for level, text in found if level == 1] == [
        "workSTUgether: Sachstandsbericht zur Personalstrategie Stuttgart 2030",
        "workSTUgether",
        "Gesamtübersicht der Maßnahmen",
        "Änderungen seit dem letzten Bericht",
        "Prüfsumme und Legende",
    ]


def test_the_list_of_contents_is_written_out_and_each_line_leads_to_its_heading(whole):
    document = opened(whole)
    lines = [p for p in document.paragraphs if p.style.name in ("toc 2", "toc 3")]
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    targets = [line._p.find(qn("w:hyperlink")).get(qn("w:anchor")) for line in lines]
    listed = instructions(document)

    assert len(lines) == len(set(targets)) > len(WHOLE.measures)
    assert set(targets) <= marks
    assert listed[0].startswith("TOC ")
    assert listed[1:] == [f"PAGEREF {mark} \\h" for mark in targets]
    assert listed[0].split()[-1] in marks
    assert kinds_of_fields(document) == {"begin": len(listed), "separate": len(listed), "end": len(listed)}


def kinds_of_fields(document):
    kinds = [mark.get(qn("w:fldCharType")) for mark in document.element.body.iter(qn("w:fldChar"))]
    return {kind: kinds.count(kind) for kind in kinds}


def test_every_table_has_a_name_and_a_head_that_comes_again_and_no_row_is_torn(whole):
    document = opened(whole)
    tables, allowed = document.tables, widths_of_sections(document)

    assert len(tables) == len(allowed) > 50
    for table, most in zip(tables, allowed, strict=True):
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        rows = [row._tr.trPr for row in table.rows]
        assert rows[0].find(qn("w:tblHeader")) is not None
        assert all(row.find(qn("w:cantSplit")) is not None for row in rows)
        widths = sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid)
        assert widths <= most


def widths_of_sections(document):
    """Of each table how wide it may be: as its section's page is between the margins, across or upright."""
    allowed, waiting = [], 0
    for block in document.element.body:
        waiting += block.tag == qn("w:tbl")
        for section in block.iter(qn("w:sectPr")):
            across = section.find(qn("w:pgSz")).get(qn("w:orient")) == "landscape"
            allowed += [14570 if across else 9360] * waiting
            waiting = 0
    return allowed


def test_a_table_of_many_years_is_set_smaller_and_stays_on_the_page():
    rows = [Resource(kind="operating", year=year, amount="47405000", state="bewilligt") for year in range(2024, 2034)]
    document = opened(render(samples.projection(samples.field("A", samples.measure(resources=rows)))))
    table = next(table for table in document.tables if len(table.columns) == 11)

    names = {cell.paragraphs[0].style.name for row in table.rows for cell in row.cells}
    assert names <= {"Tabellenkopf, dicht", "Tabellentext, dicht"}
    assert sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid) <= 9360


def test_pages_are_a4_with_the_margins_of_the_paper_and_annexes_2_and_3_lie_across(whole):
    sections = opened(whole).sections

    sizes = [(round(s.page_width.mm), round(s.page_height.mm), round(s.left_margin.mm)) for s in sections]
    assert sizes == [(210, 297, 25), (210, 297, 25), (297, 210, 20), (297, 210, 20), (210, 297, 25)]
    assert [s.header.paragraphs[0].text for s in sections] == [
        "GRDrs 123/2026",
        "Anlage 1 zu GRDrs 123/2026",
        "Anlage 2 zu GRDrs 123/2026",
        "Anlage 3 zu GRDrs 123/2026",
        "GRDrs 123/2026",
    ]
    assert all("PAGE" in s.footer._element.xml for s in sections)
    assert ["PAGE" in s.first_page_footer._element.xml for s in sections] == [False, True, True, True, True]


def test_language_hyphenation_and_properties_are_those_of_a_german_office(whole):
    document = opened(whole)
    about = document.core_properties

    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == "de-DE"
    assert document.settings.element.find(qn("w:autoHyphenation")) is not None
    assert (about.language, about.author, about.last_modified_by) == ("de-DE", *[WHOLE.strategy.author] * 2)
    assert about.title == "GRDrs 123/2026: workSTUgether: Sachstandsbericht zur Personalstrategie Stuttgart 2030"
    assert "docProps/thumbnail.jpeg" not in names(whole)
    assert checksum_in(whole) == digest(canonical(WHOLE))


def test_a_light_is_a_sign_and_a_word(whole):
    lights = {
        run.text.replace("\u00a0", " ")
        for table in opened(whole).tables
        for cell in table._cells
        for paragraph in cell.paragraphs
        for run in paragraph.runs
        if run.style.name.startswith("Ampel ")
    }

    assert lights == {"● planmäßig", "▲ gefährdet", "⬣ verzögert", "○ nicht begonnen", "☑ abgeschlossen"}


def test_no_colour_alone_no_picture_and_nothing_that_runs(whole):
    assert [name for name in names(whole) if re.search(r"media|vba|embed|activeX|external", name)] == []


def test_emphasis_links_and_lists_of_prose_are_kept():
    text = (
        "Das ist **fett**, *kursiv* und [hier](https://stuttgart.example/a).\n\n"
        "- erstens\n- zweitens\n    - innen\n\n1. eins\n2. zwei"
    )
    document = Document()
    writer = Writer(document)
    writer.write(html.document_fromstring(f"<body>{html_of(text)}</body>").body)
    paragraphs = document.paragraphs

    looks = {run.text: (run.bold, run.italic) for run in paragraphs[0].runs}
    assert (looks["fett"][0], looks["kursiv"][1]) == (True, True)
    assert [link.address for link in paragraphs[0].hyperlinks] == ["https://stuttgart.example/a"]
    numbered = [
        (paragraph.text, int(number.ilvl.val), int(number.numId.val))
        for paragraph in paragraphs
        for number in paragraph._p.pPr.iterchildren(qn("w:numPr"))
    ]
    assert numbered == [("erstens", 0, 1), ("zweitens", 0, 1), ("innen", 1, 1), ("eins", 0, 2), ("zwei", 0, 2)]


def test_prose_of_a_report_is_real_emphasis_links_and_lists():
    typed = "Ein **wichtiger** Satz mit [Weg](https://www.stuttgart.de/).\n\n- eins\n- zwei"
    texts = dict.fromkeys(["preface", "deviations", "participation", "outlook"], typed)
    paper = samples.paper(text=typed, finances=typed)
    document = opened(render(samples.projection(samples.field("A", samples.measure()), paper=paper, **texts)))

    sentences = [p for p in document.paragraphs if p.text == "Ein wichtiger Satz mit Weg."]
    assert [[run.text for run in p.runs if run.bold] for p in sentences] == [["wichtiger"]] * 6
    assert [[link.address for link in p.hyperlinks] for p in sentences] == [["https://www.stuttgart.de/"]] * 6
    assert not any(p.paragraph_format.keep_with_next for p in sentences)
    listed = [p.text for p in document.paragraphs if p._p.pPr is not None and p._p.pPr.numPr is not None]
    assert listed == ["eins", "zwei"] * 6


def test_the_same_projection_gives_the_same_bytes_at_any_time(whole):
    with time_machine.travel(datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)):
        again = render(read(canonical(WHOLE)))

    assert again == whole


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_breaks_the_file(text):
    base = samples.projection(
        samples.field("A", samples.real_strategy().fields[0].measures[0], summary="x"),
        notes=(samples.NOTE,), preface="x", mark="x", **samples.later_parts(),
    )  # fmt: skip

    document = opened(render(soiled(base, text)))

    assert len(document.tables) > 5
    assert [target for target in external(document) if "192.0.2.1" in target] == []


def external(document):
    return [relation.target_ref for relation in document.part.rels.values() if relation.is_external]


def test_markup_in_texts_is_text():
    typed = "</p><b>fett</b> &amp; {{ x }} <w:p><script>alert(1)</script>"
    found = words_of(opened(render(samples.projection(samples.field("A", samples.measure(goal=typed))))))

    assert squeezed(typed) in found


def test_a_sheet_may_be_long_and_have_forty_milestones():
    long = Measure(
        code="A1",
        title="Lang",
        goal="Wort " * 1000,
        status="Wort " * 1000,
        milestones=[Milestone(due="2026-01-01", title=f"Schritt {n}", state="open") for n in range(40)],
    )
    found = words_of(opened(render(samples.projection(samples.field("A", long)))))

    assert found.count("Schritt") == 40
    assert found.count("Wort") == 2000
