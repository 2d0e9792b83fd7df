"""From the paper's HTML to the body of a Word file, element by element; what a class means on paper is a style here."""

from contextlib import contextmanager

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Pt

from . import tables
from .inline import Piece, pieces, runs
from .markup import field, twips, w
from .sections import Sections
from .styles import MARGIN_COLUMN, SPACE_BEFORE, numbered_list

PARAGRAPHS = {
    "kicker": "Kicker",
    "field-kicker": "FieldKicker",
    "subtitle": "Subtitle",
    "note": "Note",
    "small": "Small",
    "facts": "Facts",
    "origin": "Origin",
    "checksum": "Checksum",
    "digits": "Checksum",
    "line": "Line",
    "entry": "Line",
    "kind": "Kind",
}
HEADINGS = {"subject": "Subject", "field-title": "FieldTitle", "part": "Part"}
BODY = {"paper": "Paper", "sheet": "Sheet"}  # running text by where it stands
NEW_PAGE = {"first", "new-page", "field", "closing"}
ADDRESSES = ("http://", "https://", "mailto:")
INSET = 7  # mm of each level of a list
AFTER_TABLE, AFTER_TABLE_ON_SHEET = 12, 6  # points
SPACES = {"block": (None, 22), "signature": (40, None), "checksum-note": (40, None)}  # points before and after
# The part of the document that Word's own list of contents is made from.
LISTED = "Anlagen"
LISTED_FROM, LISTED_TO = ("preface", "overview"), "legend"


class Writer:
    def __init__(self, document):
        self.document, self.sections = document, Sections(document)
        self.end = document.element.body.sectPr
        self.places = []  # where in the paper we are, innermost last
        self.label = None  # of a sheet, waiting for its text
        self.heading = ""  # the last one, for tables without a caption
        self.begins_page = self.follows_table = self.is_listing = False
        self.marks, self.lists = 0, 1

    def write(self, element):
        """Everything below this element."""
        for child in element.iterchildren():
            make = getattr(self, f"write_{child.tag}", None) if isinstance(child.tag, str) else None
            if make:
                make(child)

    # Parts

    def write_section(self, element):
        kinds = element.get("class", "").split()
        self.begins_page |= bool(NEW_PAGE.intersection(kinds))
        self.places.append(kinds)
        if "sheet" in kinds:
            with self.kept_together():
                self.write(element)
        else:
            self.write(element)
        self.places.pop()

    def write_div(self, element):
        if element.get("class") == "prose":
            return self.write(element)  # parted wherever a page ends
        before, after = SPACES.get(element.get("class"), (None, None))
        first = len(self.end.getparent())
        with self.kept_together():
            self.write(element)
        made = list(self.end.getparent())[first - 1 : -1]
        if made and before:
            made[0].get_or_add_pPr().get_or_add_spacing().before = Pt(before)
        if made and after:
            made[-1].get_or_add_pPr().get_or_add_spacing().after = Pt(after)

    @contextmanager
    def kept_together(self):
        """On one page, if they fit: every paragraph keeps with the next one."""
        first = len(self.end.getparent()) - 1
        yield
        made = [p for part in list(self.end.getparent())[first:-1] for p in part.iter(qn("w:p"))]
        for paragraph in made[:-1]:
            paragraph.get_or_add_pPr().get_or_add_keepNext()

    def is_in(self, kind):
        return any(kind in kinds for kinds in self.places)

    # Paragraphs

    def write_p(self, element):
        kinds = element.get("class", "").split()
        if "run" in kinds:
            self.begin_section(element)
        style = next((PARAGRAPHS[kind] for kind in kinds if kind in PARAGRAPHS), None) or self.body_style()
        self.paragraph(style, pieces(element), is_strong="strong" in kinds)

    def begin_section(self, element):
        part, foot = element.get("data-part").strip(), element.get("data-foot").strip()
        self.sections.begin(part, foot, is_wide=self.is_in("wide"))
        self.begins_page = False
        self.follows_table = False

    def body_style(self):
        return next((style for place, style in BODY.items() if self.is_in(place)), "Normal")

    def paragraph(self, style, found, *, is_strong=False, around=lambda runs: runs):
        """Append these words in this style; a label that waits hangs before them. Nothing where there are none."""
        if not found:
            return None
        if self.label:
            found, style, self.label = [*self.label, Piece("\t"), *found], f"{style}Label", None
        paragraph = w("p")
        properties = paragraph.get_or_add_pPr()
        properties.style = style
        self.set_apart(properties, style)
        words = runs(found, self.link)
        for run in words if is_strong else ():
            run.get_or_add_rPr().get_or_add_b()
        paragraph.extend(around(words))
        self.end.addprevious(paragraph)
        return paragraph

    def set_apart(self, properties, style):
        """From the page before, or from the table before, which has no space of its own below it."""
        room = AFTER_TABLE_ON_SHEET if self.is_in("sheet") else AFTER_TABLE
        if self.begins_page:
            properties.get_or_add_pageBreakBefore()
            properties.get_or_add_spacing().before = Pt(0)
        elif self.follows_table and (SPACE_BEFORE[style] or 0) < room:
            properties.get_or_add_spacing().before = Pt(room)
        self.begins_page = self.follows_table = False

    def link(self, href, run):
        if not href.startswith(ADDRESSES):
            return run
        relation = self.document.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        made = w("hyperlink", run, history=1)
        made.set(qn("r:id"), relation)
        return made

    # Headings

    def write_h1(self, element):
        self.write_heading(element, "Heading1")

    def write_h2(self, element):
        kind = "TOCHeading" if element.get("id") == "contents" else "Heading2"
        self.write_heading(element, "PaperHeading" if self.is_in("paper") else kind)

    def write_h3(self, element):
        self.write_heading(element, "Heading3")

    def write_h4(self, element):
        """A label in the margin of a sheet: it runs into the text behind it."""
        self.label = [Piece(piece.text, "Label") for piece in pieces(element)]

    def write_heading(self, element, style):
        kinds, mark = element.get("class", "").split(), element.get("id", "")
        style = next((HEADINGS[kind] for kind in kinds if kind in HEADINGS), style)
        self.begins_page |= bool(NEW_PAGE.intersection(kinds))
        if mark in LISTED_FROM and not self.is_listing:
            self.is_listing = True
            self.end.addprevious(w("bookmarkStart", id=0, name=LISTED))
        found = pieces(element, keeps="\t" if "measure" in kinds else "")
        self.heading = " ".join("".join(piece.text for piece in found).split())
        self.paragraph(style, found, around=lambda words: self.bookmarked(mark, words))
        if mark == LISTED_TO:
            self.end.addprevious(w("bookmarkEnd", id=0))

    def bookmarked(self, mark, words):
        if not mark:
            return words
        self.marks += 1
        start = w("bookmarkStart", id=self.marks, name=bookmark(mark))
        return [start, *words, w("bookmarkEnd", id=self.marks)]

    # Lists

    def write_ul(self, element):
        kind = element.get("class")
        if kind == "contents":
            self.write_contents(element)
        elif kind == "milestones":
            for item in element.iterchildren("li"):
                self.paragraph("Milestone", pieces(item, keeps="\t"))
        else:
            self.write_list(element, number=1)

    def write_ol(self, element):
        self.lists += 1
        starts_at = element.get("start", 1)
        self.document.part.numbering_part.element.append(numbered_list(self.lists, starts_at))
        self.write_list(element, number=self.lists)

    def write_list(self, element, number):
        self.places.append(["list"])
        for item in element.iterchildren("li"):
            words = list(item.iterchildren("p")) or [item]
            for position, part in enumerate(words):
                self.write_item(part, number if position == 0 else None)
            for inner in item.iterchildren("ul", "ol"):
                getattr(self, f"write_{inner.tag}")(inner)
        self.places.pop()

    def write_item(self, element, number):
        level = sum("list" in kinds for kinds in self.places) - 1
        style = "Motion" if element.getparent().get("class") == "motion" else self.body_style()
        paragraph = self.paragraph(style, pieces(element, leaves_lists=True))
        if paragraph is None:
            return
        properties = paragraph.pPr
        if number:
            properties.get_or_add_numPr().extend([w("ilvl", val=min(level, 8)), w("numId", val=number)])
        edge = MARGIN_COLUMN if self.is_in("sheet") else 0
        left = twips(edge + INSET * (level + 1))
        properties._insert_ind(w("ind", left=left, hanging=twips(INSET) if number else 0))

    def write_contents(self, element):
        """Word's own list of contents, written out: each line leads to its heading."""
        lines = list(element.iterchildren("li"))
        first, last = lines[0], lines[-1]
        for line in lines:
            target = line.find("a")
            mark = bookmark(target.get("href").removeprefix("#"))
            style = "TOC3" if line.get("class") == "measure-entry" else "TOC2"
            words = [*runs(pieces(target), self.link), w("r", w("tab")), *field(f"PAGEREF {mark} \\h")]
            made = w("p", w("pPr", w("pStyle", val=style)))
            if line is first:
                made.extend(field(rf"TOC \o 1-3 \h \z \u \b {LISTED}")[:3])
            made.append(w("hyperlink", *words, anchor=mark, history=1))
            if line is last:
                made.append(w("r", w("fldChar", fldCharType="end")))
            self.end.addprevious(made)

    # Tables

    def write_table(self, element):
        caption = element.find("caption")
        indent = MARGIN_COLUMN if self.is_in("sheet") else 0
        name = self.heading
        if caption is not None:
            found = pieces(caption)
            name = "".join(piece.text for piece in found)
            self.paragraph("SheetCaption" if indent else "Caption", found)
        made = tables.table(element, name, self.sections.width - indent, indent, self.link)
        self.end.addprevious(made)
        self.follows_table = True


def bookmark(mark):
    """The name of a place, as Word allows it."""
    return f"_{mark.replace('-', '_')}"
