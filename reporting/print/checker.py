"""Does a PDF keep the structure that PDF/UA-1 and PDF/A-3a ask for? Own checks on what a program can see.

This is no certification: it knows far fewer rules than veraPDF, and no program hears whether a text makes sense.
``python -m reporting.print.checker FILE…`` lists what it finds.
"""

import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
from pikepdf import Array, Dictionary, Name

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"
DC = "{http://purl.org/dc/elements/1.1/}"
HEADING = re.compile(r"/H([1-6])")
PAINTING = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "BI", "INLINE IMAGE"}
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
CHECKS = []


@dataclass(frozen=True)
class Finding:
    """One breach: which check, and what it found where."""

    check: str
    message: str

    def __str__(self):
        return f"{self.check}: {self.message}"


def check(pdf_bytes: bytes) -> list[Finding]:
    """Everything that is wrong with the file's structure; an empty list when nothing is."""
    with pikepdf.open(io.BytesIO(pdf_bytes)) as pdf:
        return [Finding(look.__name__, message) for look in CHECKS for message in look(pdf)]


def checks(look):
    """A check takes the open file and yields a message for each breach; its name is the check's."""
    CHECKS.append(look)
    return look


@checks
def tagged(pdf):
    marked = pdf.Root.get("/MarkInfo")
    if marked is None or marked.get("/Marked") is not True:
        yield "MarkInfo does not say that the file is tagged"
    if not any(structure(pdf)):
        yield "there is no structure tree"


@checks
def language(pdf):
    if not str(pdf.Root.get("/Lang", "")):
        yield "the file names no language"


@checks
def title_shown(pdf):
    preferences = pdf.Root.get("/ViewerPreferences")
    if preferences is None or preferences.get("/DisplayDocTitle") is not True:
        yield "viewers show the file name instead of the title"


@checks
def heading_order(pdf):
    last = 0
    for element in structure(pdf):
        if level := HEADING.fullmatch(str(element.get("/S", ""))):
            if int(level[1]) > last + 1:
                yield f"H{last} is followed by H{level[1]}" if last else f"the first heading is H{level[1]}"
            last = int(level[1])


@checks
def table_heads(pdf):
    for element in of_kind(pdf, "/TH"):
        if not any("/Scope" in attributes for attributes in attributes_of(element)):
            yield "a TH has no Scope"
        if "/ID" not in element:
            yield "a TH has no ID"


@checks
def table_cells(pdf):
    known = {bytes(element.ID) for element in of_kind(pdf, "/TH") if "/ID" in element}
    for element in of_kind(pdf, "/TD"):
        heads = [bytes(head) for attributes in attributes_of(element) for head in attributes.get("/Headers", [])]
        if not heads:
            yield "a TD names no Headers"
        elif set(heads) - known:
            yield "a TD names a head that does not exist"


@checks
def identifiers(pdf):
    used = [bytes(element.ID) for element in structure(pdf) if "/S" in element and "/ID" in element]
    if len(used) != len(set(used)):
        yield "an ID is used twice"
    tree = pdf.Root.get("/StructTreeRoot", {}).get("/IDTree")
    listed = set(names_in(tree)) if tree is not None else set()
    if missing := set(used) - listed:
        yield f"{len(missing)} IDs are missing in the IDTree"


@checks
def alternative_texts(pdf):
    for element in of_kind(pdf, "/Figure"):
        if not str(element.get("/Alt", "")).strip():
            yield "a Figure has no Alt"


@checks
def figure_boxes(pdf):
    for element in of_kind(pdf, "/Figure"):
        boxes = [attributes.BBox for attributes in attributes_of(element) if "/BBox" in attributes]
        if not boxes:
            yield "a Figure has no BBox"
        elif not inside(boxes[0], element.Pg.MediaBox):
            yield "the BBox of a Figure is not inside its page"


@checks
def metadata(pdf):
    packet = pdf.Root.get("/Metadata")
    if packet is None:
        yield "there is no XMP metadata"
        return
    try:
        root = ElementTree.fromstring(packet.read_bytes())  # noqa: S314 - our own file, no entities in XMP
    except ElementTree.ParseError as error:
        yield f"XMP is not well-formed: {error}"
        return
    trees = [root] if root.tag == f"{RDF}RDF" else root.findall(f".//{RDF}RDF")
    if len(trees) != 1:
        yield f"XMP holds {len(trees)} rdf:RDF"
        return
    for name, wanted in ((f"{PDFA}part", "3"), (f"{PDFA}conformance", "A"), (f"{PDFUA}part", "1")):
        found = xmp_values(trees[0], name)
        if found != [wanted]:
            yield f"XMP says {name.rpartition('/')[2]} {found}, not {wanted}"
    if not "".join(text for element in trees[0].iter(f"{DC}title") for text in element.itertext()).strip():
        yield "XMP has no title"


@checks
def fonts(pdf):
    for font in pdf.objects:
        if not isinstance(font, Dictionary):
            continue
        if font.get("/Type") == "/FontDescriptor" and not any(key in font for key in FONT_FILES):
            yield f"the font {font.get('/FontName')} is not embedded"
        if font.get("/Type") == "/Font" and font.get("/Subtype") != "/CIDFontType2" and "/ToUnicode" not in font:
            yield f"the font {font.get('/BaseFont')} has no ToUnicode"


@checks
def marked_content(pdf):
    for number, page in enumerate(pdf.pages, 1):
        open_marks = 0
        for _, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BMC", "BDC"):
                open_marks += 1
            elif name == "EMC":
                open_marks -= 1
            elif name in PAINTING and not open_marks:
                yield f"page {number} paints outside of marked content"
                break


@checks
def page_structure(pdf):
    for number, page in enumerate(pdf.pages, 1):
        if "/StructParents" not in page.obj:
            yield f"page {number} has no StructParents"
        if page.obj.get("/Tabs") != "/S":
            yield f"page {number} is not tabbed in the order of its structure"


@checks
def annotations(pdf):
    for number, page in enumerate(pdf.pages, 1):
        for annotation in page.obj.get("/Annots", []):
            if "/StructParent" not in annotation:
                yield f"an annotation on page {number} is not in the structure"
            if not str(annotation.get("/Contents", "")):
                yield f"an annotation on page {number} has no Contents"


@checks
def output_intent(pdf):
    intents = pdf.Root.get("/OutputIntents", [])
    if not any(intent.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in intent for intent in intents):
        yield "there is no output intent of PDF/A with a profile"


@checks
def attachments(pdf):
    associated = [file.objgen for file in pdf.Root.get("/AF", [])]
    for name, file in embedded_files(pdf):
        if "/AFRelationship" not in file:
            yield f"the attachment {name} has no AFRelationship"
        if file.objgen not in associated:
            yield f"the attachment {name} is not associated with the file"
        if not str(file.EF.F.get("/Subtype", "")):
            yield f"the attachment {name} has no media type"


@checks
def bookmarks(pdf):
    if "/Outlines" not in pdf.Root:
        yield "there are no bookmarks"


def structure(pdf):
    """All dictionaries of the structure tree in reading order, without recursion: trees can be deep."""
    root = pdf.Root.get("/StructTreeRoot")
    waiting = [root.get("/K")] if root is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Array):
            waiting.extend(reversed(list(node)))
        elif isinstance(node, Dictionary):
            yield node
            waiting.append(node.get("/K"))


def of_kind(pdf, kind):
    return [element for element in structure(pdf) if element.get("/S") == Name(kind)]


def attributes_of(element):
    attributes = element.get("/A", [])
    return [attributes] if isinstance(attributes, Dictionary) else list(attributes)


def names_in(tree):
    yield from (bytes(name) for name in list(tree.get("/Names", []))[::2])
    for kid in tree.get("/Kids", []):
        yield from names_in(kid)


def inside(box, page):
    left, bottom, right, top = map(float, box)
    page_left, page_bottom, page_right, page_top = map(float, page)
    return page_left <= left < right <= page_right and page_bottom <= bottom < top <= page_top


def xmp_values(tree, name):
    """Of a property written as an element or as an attribute."""
    as_elements = [(element.text or "").strip() for element in tree.iter(name)]
    return as_elements + [element.get(name) for element in tree.iter(f"{RDF}Description") if element.get(name)]


def embedded_files(pdf):
    tree = pdf.Root.get("/Names", {}).get("/EmbeddedFiles")
    if tree is not None:
        files = list(tree.get("/Names", []))
        yield from zip(map(str, files[::2]), files[1::2], strict=True)


def main(paths):
    findings = [f"{path}: {finding}" for path in paths for finding in check(Path(path).read_bytes())]
    print("\n".join(findings) or f"{len(paths)} files, nothing found.")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
