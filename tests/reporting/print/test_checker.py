"""Each check finds its own damage and nothing else; an undamaged file has none."""

import io

import pikepdf
import pytest

from reporting.print import checker
from reporting.print.checker import check, of_kind, structure
from reporting.print.render import render

from . import samples


@pytest.fixture(scope="module")
def pdf_bytes():
    return render(samples.projection(samples.field("A", samples.real_strategy().fields[3].measures[0])))


def no_mark_info(pdf):
    del pdf.Root.MarkInfo


def no_structure(pdf):
    pdf.Root.StructTreeRoot.K = pikepdf.Array()
    del pdf.Root.StructTreeRoot.IDTree


def no_language(pdf):
    del pdf.Root.Lang


def file_name_shown(pdf):
    pdf.Root.ViewerPreferences.DisplayDocTitle = False


def heading_skipped(pdf):
    of_kind(pdf, "/H2")[0].S = pikepdf.Name.H3


def first_heading_too_low(pdf):
    of_kind(pdf, "/H1")[0].S = pikepdf.Name.H2


def head_without_scope(pdf):
    del of_kind(pdf, "/TH")[0].A.Scope


def head_without_identifier(pdf):
    del of_kind(pdf, "/TH")[0].ID


def cell_without_headers(pdf):
    del of_kind(pdf, "/TD")[0].A.Headers


def cell_with_foreign_header(pdf):
    of_kind(pdf, "/TD")[0].A.Headers = pikepdf.Array([pikepdf.String("nowhere")])


def no_identifier_tree(pdf):
    del pdf.Root.StructTreeRoot.IDTree


def figure_without_alternative(pdf):
    of_kind(pdf, "/Figure")[0].Alt = pikepdf.String(" ")


def figure_without_box(pdf):
    del of_kind(pdf, "/Figure")[0].A.BBox


def figure_off_the_page(pdf):
    box = of_kind(pdf, "/Figure")[0].A.BBox
    of_kind(pdf, "/Figure")[0].A.BBox = pikepdf.Array([value + 1000 for value in box])


def no_metadata(pdf):
    del pdf.Root.Metadata


def metadata_not_well_formed(pdf):
    rewrite(pdf, b"</rdf:RDF>", b"")


def metadata_doubled(pdf):
    rewrite(pdf, b"</rdf:RDF>", b"</rdf:RDF><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>")


def metadata_without_accessibility(pdf):
    rewrite(pdf, b'pdfuaid:part="1"', b"")


def metadata_of_another_archive_level(pdf):
    packet = pdf.Root.Metadata.read_bytes()
    assert packet.count(b"conformance>A<") + packet.count(b'conformance="A"') == 1
    rewrite(pdf, b"conformance>A<", b"conformance>B<")
    rewrite(pdf, b'conformance="A"', b'conformance="B"')


def font_not_embedded(pdf):
    descriptor = next(o for o in objects(pdf) if o.get("/Type") == "/FontDescriptor")
    for name in checker.FONT_FILES:
        if name in descriptor:
            del descriptor[name]


def font_without_unicode(pdf):
    del next(o for o in objects(pdf) if "/ToUnicode" in o).ToUnicode


def paint_outside_of_tags(pdf):
    pdf.pages[0].contents_add(pdf.make_stream(b"0 0 10 10 re f"))


def page_without_order(pdf):
    del pdf.pages[0].obj.Tabs


def page_without_structure(pdf):
    del pdf.pages[0].obj.StructParents


def link_without_words(pdf):
    del first_link(pdf).Contents


def link_outside_of_structure(pdf):
    del first_link(pdf).StructParent


def no_output_intent(pdf):
    del pdf.Root.OutputIntents


def attachment_without_relation(pdf):
    del pdf.Root.AF[0].AFRelationship


def attachment_not_associated(pdf):
    del pdf.Root.AF


def no_bookmarks(pdf):
    del pdf.Root.Outlines


DAMAGES = {
    "tagged": [no_mark_info],
    "language": [no_language],
    "title_shown": [file_name_shown],
    "heading_order": [heading_skipped, first_heading_too_low],
    "table_heads": [head_without_scope, head_without_identifier],
    "table_cells": [cell_without_headers, cell_with_foreign_header],
    "identifiers": [no_identifier_tree],
    "alternative_texts": [figure_without_alternative],
    "figure_boxes": [figure_without_box, figure_off_the_page],
    "metadata": [
        no_metadata,
        metadata_not_well_formed,
        metadata_doubled,
        metadata_without_accessibility,
        metadata_of_another_archive_level,
    ],
    "fonts": [font_not_embedded, font_without_unicode],
    "marked_content": [paint_outside_of_tags],
    "page_structure": [page_without_order, page_without_structure],
    "annotations": [link_without_words, link_outside_of_structure],
    "output_intent": [no_output_intent],
    "attachments": [attachment_without_relation, attachment_not_associated],
    "bookmarks": [no_bookmarks],
}


def test_a_whole_file_has_no_findings(pdf_bytes):
    assert check(pdf_bytes) == []


def test_every_check_has_its_damages():
    assert list(DAMAGES) == [look.__name__ for look in checker.CHECKS]


@pytest.mark.parametrize(
    ("name", "damage"),
    [(name, damage) for name, damages in DAMAGES.items() for damage in damages],
    ids=lambda part: getattr(part, "__name__", part),
)
def test_a_damage_is_found_by_its_check_alone(name, damage, pdf_bytes):
    findings = check(damaged(pdf_bytes, damage))

    assert {finding.check for finding in findings} == {name}


def test_a_file_without_structure_tree_is_found(pdf_bytes):
    assert "tagged" in {finding.check for finding in check(damaged(pdf_bytes, no_structure))}


def test_doubled_identifiers_are_found(pdf_bytes):
    def damage(pdf):
        first, second = of_kind(pdf, "/TH")[:2]
        second.ID = first.ID

    assert "an ID is used twice" in [finding.message for finding in check(damaged(pdf_bytes, damage))]


def test_the_command_lists_findings(pdf_bytes, tmp_path, capsys):
    path = tmp_path / "report.pdf"
    path.write_bytes(damaged(pdf_bytes, no_language))

    assert checker.main([path]) is True
    assert capsys.readouterr().out == f"{path}: language: the file names no language\n"


def test_structure_comes_in_reading_order(pdf_bytes):
    with pikepdf.open(io.BytesIO(pdf_bytes)) as pdf:
        headings = [
            str(element.S) for element in structure(pdf) if checker.HEADING.fullmatch(str(element.get("/S", "")))
        ]

    assert headings[:3] == ["/H1", "/H2", "/H2"]


def damaged(pdf_bytes, damage):
    with pikepdf.open(io.BytesIO(pdf_bytes)) as pdf:
        damage(pdf)
        target = io.BytesIO()
        pdf.save(target, fix_metadata_version=False)  # which would mend what was damaged
    return target.getvalue()


def rewrite(pdf, old, new):
    packet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(packet.replace(old, new))


def objects(pdf):
    return [part for part in pdf.objects if isinstance(part, pikepdf.Dictionary)]


def first_link(pdf):
    return next(annotation for page in pdf.pages for annotation in page.obj.get("/Annots", []))
