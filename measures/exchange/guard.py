"""Workbooks measured before anything is built from them: what is packed, and what the XML of each part holds."""

import re
import zipfile
from xml.sax import handler

import defusedxml.sax
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_ROWS, MOST_CELLS = 5_000, 250_000
FARTHEST_ROW = 4 * MOST_ROWS  # rows may be empty, but not without end
MOST_ELEMENTS, MOST_ELEMENTS_ASIDE, DEEPEST = 1_000_000, 50_000, 60
MOST_UNPACKED = 60 * 1024 * 1024
MOST_MERGES = 500
BEGINNINGS = (b"<", b"\x00<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
DAMAGED = _("The Excel file is damaged. Please open it, save it again and upload it.")


class UnreadableError(ValidationError):
    """The file cannot be taken as a table; the message says what to do."""


def checked_parts(file):
    """{sheet: its merged ranges}. Raises UnreadableError where a part holds more than any honest one."""
    merges = {}
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise UnreadableError(_("Unpacked the file is too large. Please split it."))
        for entry in entries:
            if looks_like_xml(archive, entry):
                merges[entry.filename] = counted(archive, entry).merges
    return merges


def looks_like_xml(archive, entry):
    """By its first bytes: a part may be called what it likes, and a picture is none."""
    try:
        with archive.open(entry) as stream:
            return stream.read(50).lstrip().startswith(BEGINNINGS)
    except Exception as damage:  # a broken archive
        raise UnreadableError(DAMAGED) from damage


def counted(archive, entry):
    is_aside = not re.search(r"sheet\d*\.xml$|sharedstrings\.xml$", entry.filename, re.IGNORECASE)
    part = Part(MOST_ELEMENTS_ASIDE if is_aside else MOST_ELEMENTS)
    try:
        with archive.open(entry) as stream:
            defusedxml.sax.parse(stream, part, forbid_dtd=True)
    except UnreadableError:
        raise
    except Exception as damage:  # broken XML, forbidden definitions, a broken archive
        raise UnreadableError(DAMAGED) from damage
    return part


class Part(handler.ContentHandler):
    def __init__(self, most):
        super().__init__()
        self.most, self.elements, self.rows, self.cells, self.depth, self.merges = most, 0, 0, 0, 0, []

    def startElement(self, name, attributes):  # noqa: N802 - the name SAX calls
        name = name.rpartition(":")[2]
        self.elements += 1
        self.depth += 1
        self.cells += name == "c"
        if name == "row":
            number = attributes.get("r", "")
            self.rows = int(number) if number.isdecimal() and len(number) < 10 else self.rows + 1
        elif name == "mergeCell":
            self.merges.append(attributes.get("ref", ""))
        if self.rows > FARTHEST_ROW and name == "c":
            raise UnreadableError(_("More than %(most)d rows. Please split the file."), params={"most": MOST_ROWS})
        too_much = (self.elements > self.most, self.cells > MOST_CELLS, self.depth > DEEPEST)
        if any(too_much) or len(self.merges) > MOST_MERGES:
            raise UnreadableError(_("There is more in the Excel file than can be read. Please split it."))

    def endElement(self, name):  # noqa: N802
        self.depth -= 1
