"""Each check finds its own breach: a good file is damaged in one place, and exactly that is found."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from reporting.print.checker import check, elements
from reporting.print.render import render

from .samples import real_strategy


@pytest.fixture(scope="module")
def good():
    """A paper with annexes, eight measures, charts and links, as bytes."""
    return render(real_strategy(8))


def damaged(good, damage):
    with pikepdf.open(BytesIO(good)) as pdf:
        damage(pdf)
        target = BytesIO()
        pdf.save(target, fix_metadata_version=False)  # it would mend the metadata
    return target.getvalue()


def first(pdf, kind):
    return next(element for element in elements(pdf) if str(element.S) == kind)


def drop(kind, name):
    def damage(pdf):
        del first(pdf, kind)[name]

    return damage


def drop_from_root(name):
    def damage(pdf):
        del pdf.Root[name]

    return damage


def replace_in_metadata(old, new):
    def damage(pdf):
        packet = pdf.Root.Metadata.read_bytes()
        assert old in packet
        pdf.Root.Metadata.write(packet.replace(old, new))

    return damage


def drop_scope(pdf):
    head = first(pdf, "/TH")
    attributes = head.A if isinstance(head.A, Dictionary) else next(one for one in head.A if "/Scope" in one)
    del attributes["/Scope"]


def drop_headers(pdf):
    cell = first(pdf, "/TD")
    attributes = cell.A if isinstance(cell.A, Dictionary) else next(one for one in cell.A if "/Headers" in one)
    del attributes["/Headers"]


def move_figure_off_its_page(pdf):
    figure = first(pdf, "/Figure")
    attributes = figure.A if isinstance(figure.A, Dictionary) else next(one for one in figure.A if "/BBox" in one)
    attributes.BBox = [0, -50, 10, 5]


def paint_outside_the_structure(pdf):
    pdf.pages[0].contents_add(b"0 0 10 10 re f")


def forget_a_font_file(pdf):
    font = next(entry for entry in pdf.objects if kind_of(entry) == "/FontDescriptor")
    for key in ("/FontFile", "/FontFile2", "/FontFile3"):
        if key in font:
            del font[key]


def forget_what_a_font_says(pdf):
    fonts = (entry for entry in pdf.objects if kind_of(entry) == "/Font")
    del next(font for font in fonts if font.get("/Subtype") == Name.Type0)["/ToUnicode"]


def kind_of(entry):
    return str(entry.get("/Type")) if isinstance(entry, Dictionary) else ""


def page_with_links(pdf):
    return next(page for page in pdf.pages if len(page.obj.get("/Annots", [])))


def forget_the_order_of_links(pdf):
    del page_with_links(pdf).obj["/Tabs"]


def forget_the_words_of_a_link(pdf):
    del page_with_links(pdf).obj.Annots[0]["/Contents"]


def forget_the_relation_of_the_data(pdf):
    del next(entry for entry in pdf.objects if kind_of(entry) == "/Filespec")["/AFRelationship"]


def jump_from_heading_to_heading(pdf):
    first(pdf, "/H2").S = Name.H5


BREACHES = {
    "Die Datei ist nicht als ausgezeichnet gekennzeichnet.": drop_from_root("/MarkInfo"),
    "Die Datei hat keinen Strukturbaum.": drop_from_root("/StructTreeRoot"),
    "Die Sprache fehlt.": drop_from_root("/Lang"),
    "Das Fenster zeigt nicht den Titel des Dokuments.": drop_from_root("/ViewerPreferences"),
    "Die Metadaten fehlen.": drop_from_root("/Metadata"),
    "Die Metadaten sind kein wohlgeformtes XML.": replace_in_metadata(b"</rdf:RDF>", b"</rdf:RD>"),
    "Die Metadaten nennen pdfuaid:part 1 nicht.": replace_in_metadata(b'pdfuaid:part="1"', b'pdfuaid:part="2"'),
    "Das Farbprofil der Ausgabe fehlt.": drop_from_root("/OutputIntents"),
    "Bei einem Anhang fehlt, in welcher Beziehung er zum Dokument steht.": forget_the_relation_of_the_data,
    "Ein Anhang ist nicht mit dem Dokument verbunden.": drop_from_root("/AF"),
    "ist nicht eingebettet.": forget_a_font_file,
    "sagt nicht, welche Zeichen sie zeigt.": forget_what_a_font_says,
    "folgt eine der Ebene 5.": jump_from_heading_to_heading,
    "Ein Tabellenkopf sagt nicht, ob er für Zeile oder Spalte gilt.": drop_scope,
    "Ein Tabellenkopf hat keinen Namen, auf den sich Zellen beziehen.": drop("/TH", "/ID"),
    "Eine Tabellenzelle nennt ihre Köpfe nicht.": drop_headers,
    "Das Verzeichnis der Namen fehlt.": lambda pdf: pdf.Root.StructTreeRoot.__delitem__("/IDTree"),
    "Ein Bild hat keinen Alternativtext.": drop("/Figure", "/Alt"),
    "Der Rahmen eines Bildes liegt nicht auf seiner Seite.": move_figure_off_its_page,
    "Seite 1: Inhalt außerhalb der Struktur.": paint_outside_the_structure,
    "Seite 1 ist nicht mit der Struktur verbunden.": lambda pdf: pdf.pages[0].obj.__delitem__("/StructParents"),
    "Die Tabulatortaste folgt nicht der Struktur.": forget_the_order_of_links,
    "Ein Link hat keinen Text oder gehört nicht zur Struktur.": forget_the_words_of_a_link,
}


def test_nothing_is_found_in_a_good_file(good):
    assert check(good) == []


@pytest.mark.parametrize("sentence", BREACHES)
def test_each_breach_is_found(good, sentence):
    found = check(damaged(good, BREACHES[sentence]))

    assert [problem for problem in found if sentence in problem], found


def test_what_is_no_pdf_is_refused():
    with pytest.raises(pikepdf.PdfError):
        check(b"Das ist kein PDF.")
