"""Tables as files that a spreadsheet opens as it should: numbers as numbers, days as days, and no formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from measures.figures import figure

from .escape import guarded, to_xml

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # or Excel reads the umlauts wrongly
NARROWEST, WIDEST = 10, 60  # of a column, in characters
LONGEST_TITLE = 31  # of a sheet; Excel's own limit


@dataclass(frozen=True)
class Sheet:
    """A table with a name; its first row holds the headings."""

    title: str
    rows: Iterable[Sequence]


def file_of(kind, name, sheets):
    """An answer with the sheets as a file, ``xlsx`` or ``csv``; a csv holds the first one. Else Http404."""
    if kind == "xlsx":
        return as_file(f"{name}.xlsx", XLSX, workbook(sheets))
    if kind == "csv":
        return csv_file(name, sheets[0].rows)
    raise Http404


def csv_file(name, rows):
    return as_file(f"{name}.csv", "text/csv; charset=utf-8", csv_text(rows).encode())


def as_file(name, content_type, content):
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


# Text with separators, in the way of the page's language: German has semicolons and decimal commas


def csv_text(rows):
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    delimiter = ";" if get_format("DECIMAL_SEPARATOR") == "," else ","
    csv.writer(out, delimiter=delimiter).writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def cell(value):
    """A figure or a day as the language writes it; a text that would be a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, (int, float, Decimal)):
        return figure(value, grouped=False)
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime(f"{day_format()} %H:%M")
    if isinstance(value, date):
        return value.strftime(day_format())
    return guarded(str(value))


def yes_or_no(value):
    return _("yes") if value else _("no")


def day_format():
    """As people write it who write decimal commas, else as ISO 8601 does."""
    return "%d.%m.%Y" if get_format("DECIMAL_SEPARATOR") == "," else "%Y-%m-%d"


# A workbook


def workbook(sheets):
    """Its bytes; headings are bold and stay in sight, long texts wrap."""
    book = Workbook(write_only=True)
    book.properties.creator = "worksttogether"
    for sheet in sheets:
        add_sheet(book, sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def add_sheet(book, sheet):
    rows = [list(row) for row in sheet.rows]
    page = book.create_sheet(sheet.title[:LONGEST_TITLE])
    page.freeze_panes = "B2"
    for number, width in enumerate(widths_of(rows), start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    if rows and rows[0]:
        page.auto_filter.ref = f"A1:{get_column_letter(len(rows[0]))}{len(rows)}"
    for number, row in enumerate(rows):
        page.append([typed_cell(page, value, is_heading=not number) for value in row])


def widths_of(rows):
    """What the longest line of each column needs, within reason."""
    columns = zip(*rows[:200], strict=False)
    longest = (max(len(line) for value in column for line in cell(value).split("\n")) for column in columns)
    return [min(max(length + 2, NARROWEST), WIDEST) for length in longest]


def typed_cell(page, value, *, is_heading=False):
    if value is None or value == "":
        return None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return WriteOnlyCell(page, value)
    if isinstance(value, date):
        return day_cell(page, value)
    made = WriteOnlyCell(page, to_xml(cell(value)))
    made.data_type = "s"  # “#N/A” is a text like any other
    made.alignment = Alignment(wrap_text=True, vertical="top")
    if is_heading:
        made.font = Font(bold=True)
    return made


def day_cell(page, value):
    is_moment = isinstance(value, datetime)
    made = WriteOnlyCell(page, timezone.make_naive(value) if is_moment else value)
    made.number_format = "dd.mm.yyyy hh:mm" if is_moment else "dd.mm.yyyy"
    made.alignment = Alignment(horizontal="left", vertical="top")
    return made
