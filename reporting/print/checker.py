"""Checks the structure of a finished PDF: what PDF/UA-1 (ISO 14289-1) and PDF/A-3a (ISO 19005-3) ask of tags and file.

It reads the file as others will, and knows nothing of how it was made. It is no validator: veraPDF covers far more
(colours, fonts' glyph widths, syntax), and nobody may call a file certified because nothing is found here.
"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from xml.etree import ElementTree

import pikepdf
from pikepdf import Array, Dictionary, Name

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
PAINTING = frozenset(
    ["Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "BI", "INLINE IMAGE"]
)
EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")
CHECKS: list[Callable[[pikepdf.Pdf], Iterator[str]]] = []


def check(pdf: bytes) -> list[str]:
    """What is wrong with the structure, in German sentences; an empty list when nothing is.

    Takes the bytes of a PDF; raises ``pikepdf.PdfError`` where they are none.
    """
    with pikepdf.open(BytesIO(pdf)) as opened:
        return list(dict.fromkeys(problem for ask in CHECKS for problem in ask(opened)))


def checks(ask):
    CHECKS.append(ask)
    return ask


# The file


@checks
def is_marked(pdf):
    if not pdf.Root.get("/MarkInfo", Dictionary()).get("/Marked", False):
        yield "Die Datei ist nicht als ausgezeichnet gekennzeichnet."
    if "/StructTreeRoot" not in pdf.Root:
        yield "Die Datei hat keinen Strukturbaum."


@checks
def has_language_and_title(pdf):
    if not str(pdf.Root.get("/Lang", "")).strip():
        yield "Die Sprache fehlt."
    if not pdf.Root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False):
        yield "Das Fenster zeigt nicht den Titel des Dokuments."


@checks
def has_metadata(pdf):
    """One RDF, well-formed, that names the title and both standards."""
    if "/Metadata" not in pdf.Root:
        yield "Die Metadaten fehlen."
        return
    packet = pdf.Root.Metadata.read_bytes()
    try:
        tree = ElementTree.fromstring(packet.strip())  # noqa: S314  our own packet, read back
    except ElementTree.ParseError:
        yield "Die Metadaten sind kein wohlgeformtes XML."
        return
    found = [element.tag for element in tree.iter()] + [name for element in tree.iter() for name in element.attrib]
    if found.count(RDF) != 1:
        yield "Die Metadaten haben nicht genau ein RDF."
    text = packet.decode()
    for name, value in (("pdfaid:part", "3"), ("pdfaid:conformance", "A"), ("pdfuaid:part", "1")):
        if not re.search(rf'{name}(?:="|>){value}\b', text):
            yield f"Die Metadaten nennen {name} {value} nicht."
    if "{http://purl.org/dc/elements/1.1/}title" not in found:
        yield "Der Titel fehlt in den Metadaten."


@checks
def has_output_intent(pdf):
    if not len(pdf.Root.get("/OutputIntents", Array())):
        yield "Das Farbprofil der Ausgabe fehlt."


@checks
def attachments_tell_their_relation(pdf):
    related = {entry.objgen for entry in pdf.Root.get("/AF", Array())}
    for entry in pdf.objects:
        if is_dictionary(entry, "/Filespec") and "/EF" in entry:
            if "/AFRelationship" not in entry:
                yield "Bei einem Anhang fehlt, in welcher Beziehung er zum Dokument steht."
            if entry.objgen not in related:
                yield "Ein Anhang ist nicht mit dem Dokument verbunden."


@checks
def fonts_are_embedded(pdf):
    for entry in pdf.objects:
        if is_dictionary(entry, "/FontDescriptor") and not any(key in entry for key in EMBEDDED):
            yield f"Die Schrift {entry.get('/FontName', '')} ist nicht eingebettet."
        if is_dictionary(entry, "/Font") and entry.get("/Subtype") == Name.Type0 and "/ToUnicode" not in entry:
            yield f"Die Schrift {entry.get('/BaseFont', '')} sagt nicht, welche Zeichen sie zeigt."


# The structure


@checks
def headings_do_not_jump(pdf):
    level = 0
    for element in elements(pdf):
        if match := re.fullmatch(r"/H([1-6])", str(element.S)):
            if int(match[1]) > level + 1:
                yield f"Auf eine Überschrift der Ebene {level} folgt eine der Ebene {match[1]}."
            level = int(match[1])


@checks
def table_heads_have_scope_and_name(pdf):
    for element in elements(pdf):
        if str(element.S) == "/TH":
            if not any("/Scope" in attributes for attributes in attributes_of(element)):
                yield "Ein Tabellenkopf sagt nicht, ob er für Zeile oder Spalte gilt."
            if "/ID" not in element:
                yield "Ein Tabellenkopf hat keinen Namen, auf den sich Zellen beziehen."


@checks
def table_cells_name_their_heads(pdf):
    heads = {bytes(element.ID) for element in elements(pdf) if str(element.S) == "/TH" and "/ID" in element}
    for element in elements(pdf):
        if str(element.S) == "/TD":
            named = [bytes(head) for attributes in attributes_of(element) for head in attributes.get("/Headers", [])]
            if not named or not set(named) <= heads:
                yield "Eine Tabellenzelle nennt ihre Köpfe nicht."


@checks
def names_are_listed(pdf):
    root = pdf.Root.get("/StructTreeRoot", Dictionary())
    if "/IDTree" not in root and any("/ID" in element for element in elements(pdf)):
        yield "Das Verzeichnis der Namen fehlt."


@checks
def figures_have_words(pdf):
    for element in elements(pdf):
        if str(element.S) == "/Figure" and not str(element.get("/Alt", "")).strip():
            yield "Ein Bild hat keinen Alternativtext."


@checks
def figures_lie_on_their_page(pdf):
    for element in elements(pdf):
        if str(element.S) != "/Figure":
            continue
        boxes = [attributes.BBox for attributes in attributes_of(element) if "/BBox" in attributes]
        page = [float(edge) for edge in element.Pg.MediaBox] if "/Pg" in element else []
        if not boxes or not page or not lies_within([float(edge) for edge in boxes[0]], page):
            yield "Der Rahmen eines Bildes liegt nicht auf seiner Seite."


def lies_within(box, page):
    return page[0] <= box[0] < box[2] <= page[2] and page[1] <= box[1] < box[3] <= page[3]


# The pages


@checks
def everything_painted_is_marked(pdf):
    """Content is part of the structure or marked as decoration."""
    for number, page in enumerate(pdf.pages, start=1):
        depth = 0
        for _operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BMC", "BDC"):
                depth += 1
            elif name == "EMC":
                depth -= 1
            elif name in PAINTING and depth == 0:
                yield f"Seite {number}: Inhalt außerhalb der Struktur."
                break


@checks
def pages_join_the_structure(pdf):
    for number, page in enumerate(pdf.pages, start=1):
        if "/StructParents" not in page.obj:
            yield f"Seite {number} ist nicht mit der Struktur verbunden."


@checks
def links_are_readable_and_in_order(pdf):
    for number, page in enumerate(pdf.pages, start=1):
        links = page.obj.get("/Annots", Array())
        if len(links) and page.obj.get("/Tabs") != Name.S:
            yield f"Seite {number}: Die Tabulatortaste folgt nicht der Struktur."
        if any("/StructParent" not in link or not str(link.get("/Contents", "")).strip() for link in links):
            yield f"Seite {number}: Ein Link hat keinen Text oder gehört nicht zur Struktur."


# Reading the tree


def elements(pdf):
    """The structure elements in reading order."""
    waiting = [pdf.Root.get("/StructTreeRoot", Dictionary())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Array):
            waiting.extend(reversed(list(node)))
        elif isinstance(node, Dictionary):
            if "/S" in node:
                yield node
            if "/K" in node:
                waiting.append(node.K)


def attributes_of(element):
    attributes = element.get("/A", Array())
    return [attributes] if isinstance(attributes, Dictionary) else list(attributes)


def is_dictionary(entry, kind):
    return isinstance(entry, Dictionary) and entry.get("/Type") == Name(kind)
