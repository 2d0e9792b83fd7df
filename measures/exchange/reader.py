"""Files that people upload, as tables of plain values: workbooks and texts with separators, whoever wrote them.

A file is material, nothing more: it is measured before it is unpacked, its XML may define nothing, and what it holds
is read up to limits that no honest file reaches.
"""

import csv
import io
import re
import warnings
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from measures.file_types import XLSX, content_type_of
from strategy.escape import from_xml, unguarded

from .guard import DAMAGED, MOST_ROWS, UnreadableError, checked_parts

LARGEST = 5 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # Excel's own limit
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
FIRST_DAY, YEARS = date(1899, 12, 30), (1900, 2199)
DELIMITERS = ";\t,"
NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")  # no database takes them


@dataclass(frozen=True)
class Fault:
    """A cell that holds nothing that could be taken over: what stands there, and why not."""

    text: str
    why: str | Promise


@dataclass
class Row:
    number: int
    cells: list
    fault: str | Promise = ""


@dataclass
class Table:
    """``headings`` by place; ``rows`` have as many cells as there are headings."""

    headings: list
    rows: list[Row] = field(default_factory=list)


def read(content: bytes, sheet_names=()) -> Table:
    """The table in the file: of a workbook the first sheet, or the one that has one of these names.

    Raises:
        UnreadableError: too large, of another kind, or damaged.
    """
    if len(content) > LARGEST:
        raise UnreadableError(_("The file is larger than %(most)d MB."), params={"most": LARGEST // 1024**2})
    if content.startswith(OLD_OFFICE):
        raise UnreadableError(
            _("The file is protected by a password or from an old Excel. Please save it as .xlsx without a password.")
        )
    records = workbook_records(content, sheet_names) if content.startswith(b"PK") else text_records(content)
    return table_of(records)


def read_beside(content: bytes, sheet_names):
    """The table of another sheet of a workbook that has been read, or nothing. Raises UnreadableError."""
    records = workbook_records(content, sheet_names, is_beside=True) if content.startswith(b"PK") else ()
    return table_of(records, may_be_missing=True)


def table_of(records, may_be_missing=False):
    """Takes (number, cells, whether missing cells are a fault) a row; the first one not empty has the headings."""
    table = None
    for number, cells, is_exact in records:
        if table is None:
            if any(is_filled(value) for value in cells):
                table = Table(headings_of(cells))
        elif any(is_filled(value) for value in cells):
            table.rows.append(fitted(Row(number, cells), len(table.headings), is_exact))
            if len(table.rows) > MOST_ROWS:
                raise UnreadableError(_("More than %(most)d rows. Please split the file."), params={"most": MOST_ROWS})
    if table is None and not may_be_missing:
        raise UnreadableError(_("There is nothing in the file."))
    return table


def is_filled(value):
    return value is not None and value != ""


def headings_of(cells):
    headings = [" ".join(shown(value).split()) for value in cells]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MOST_COLUMNS:
        raise UnreadableError(_("More than %(most)d columns."), params={"most": MOST_COLUMNS})
    return headings


def fitted(row, width, is_exact):
    """A row that is cut off or shifted is a fault: an empty cell would be taken for an emptied one."""
    if any(is_filled(value) for value in row.cells[width:]):
        row.fault = _("The row has more cells than there are headings; perhaps a separator stands within a text.")
    elif is_exact and len(row.cells) < width:
        row.fault = _("The row ends early; perhaps the file has been cut off.")
    row.cells = [value for value, _heading in zip_longest(row.cells[:width], range(width))]
    return row


def shown(value) -> str:
    """What stands in a cell, in words."""
    if value is None:
        return ""
    if isinstance(value, Fault):
        return value.text
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def place(number):
    """The letter of a column, counted from zero."""
    return get_column_letter(number + 1)


# Text with separators


def text_records(content):
    text = decoded(content)
    hint = re.match(r"sep=(.)\r?\n", text)
    delimiter = hint[1] if hint else delimiter_of(text)
    lines = csv.reader(io.StringIO(text[hint.end() :] if hint else text, newline=""), delimiter=delimiter, strict=True)
    number = 1 if hint else 0
    try:
        for cells in lines:
            number += 1
            if len(cells) > MOST_COLUMNS:
                raise UnreadableError(_("More than %(most)d columns."), params={"most": MOST_COLUMNS})
            yield number, [text_cell(cell) for cell in cells], True
    except csv.Error as damage:
        message = _("From row %(row)d on the file cannot be read: a quotation mark stands where none belongs.")
        raise UnreadableError(message, params={"row": number + 1}) from damage


def text_cell(text):
    return Fault(text[:50], _("Longer than a cell can be.")) if len(text) > LONGEST_CELL else unguarded(text)


def decoded(content):
    """As Excel and others write it: with or without byte order mark, else the old code page of Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]" if encoding == "cp1252" else r"\x00", text):
            return text
    raise UnreadableError(_("This is neither an Excel file (.xlsx) nor a text file (.csv), or it is damaged."))


def delimiter_of(text):
    """The one that parts the first line into the most headings."""

    def parts(delimiter):
        return len(next(csv.reader([first[:LONGEST_CELL]], delimiter=delimiter), []))

    first = next((line for line in text.splitlines() if line.strip(f" {DELIMITERS}")), "")

    return max(DELIMITERS, key=parts)


# Workbooks


def workbook_records(content, sheet_names, is_beside=False):
    file = io.BytesIO(content)
    if content_type_of(file) != XLSX:
        raise UnreadableError(
            _("This is no Excel file (.xlsx) without macros, or it is damaged. Please save it as .xlsx or .csv.")
        )
    merges = checked_parts(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on dates that are none: the cell says so
            yield from sheet_records(file, sheet_names, merges, is_beside)
    except UnreadableError:
        raise
    except Exception as damage:  # whatever openpyxl stumbles over in a damaged or hostile file
        raise UnreadableError(DAMAGED) from damage


def sheet_records(file, sheet_names, merges, is_beside):
    book = load_workbook(file, read_only=True, keep_links=False)
    named = [one for one in book.worksheets if one.title in sheet_names]
    if is_beside and not named:
        return
    sheet = named[0] if named else book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its size is not believed
    merged = Merged(merges.get(sheet._worksheet_path, ()))
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        cells = [sheet_cell(cell) for cell in row]
        while cells and not is_filled(cells[-1]):
            cells.pop()
        yield number, merged.marked(number, cells), False


def sheet_cell(cell):
    value = cell.value
    if cell.data_type == "f":
        return Fault(NO_TEXT.sub("", str(value)[:50]), _("A formula stands here. Please type the value itself."))
    if cell.data_type == "e":
        return Fault(str(value), _("Excel shows an error here. Please type the value itself."))
    if isinstance(value, datetime):
        return year_or_day(value.date())
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            return Fault(value[:50], _("Longer than a cell can be."))
        text = unguarded(from_xml(value))
        if NO_TEXT.search(text):
            return Fault(NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text[:50]), _("Characters that are no text."))
        return text
    if value is None or isinstance(value, (bool, int, float, date)):
        return value
    return Fault(str(value), _("This is neither text nor number nor day."))  # a time of day, a span of time


def year_or_day(day):
    """Who types 2028 into a cell for days gets the 2028th day of Excel's calendar: July 1905."""
    number = (day - FIRST_DAY).days
    return number if YEARS[0] <= number <= YEARS[1] else day


class Merged:
    """Cells that are merged: only one of them holds a value, the others would be taken for emptied ones."""

    def __init__(self, references):
        self.ranges = [range_boundaries(reference) for reference in references]

    def marked(self, number, cells):
        for first_column, first_row, last_column, last_row in self.ranges:
            if first_row <= number <= last_row:
                width = min(last_column, MOST_COLUMNS)
                cells += [None] * (width - len(cells))
                for column in range(first_column - 1, width):
                    cells[column] = Fault(shown(cells[column]), _("Merged cells. Please separate them."))
        return cells
