"""Tables as files that a spreadsheet opens as it should: numbers as numbers, days as days, and no formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.styles.fonts import DEFAULT_FONT
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from measures.figures import figure
from strategy.as_of import past_day
from strategy.escape import guarded, to_xml

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # or Excel reads the umlauts wrongly
NARROWEST, WIDEST = 10, 60  # of a column, in characters
WIDEST_ON_PAPER = 180  # characters beside each other on A4
HEADING = Font(name=DEFAULT_FONT.name, size=DEFAULT_FONT.size, bold=True)
FIRST_GROUPED = 1000
LINE_HEIGHT, HIGHEST = 15, 409  # of a row, in points
A4 = 9  # as the format counts sizes of paper
LONGEST_TITLE = 31  # of a sheet; Excel's own limit


@dataclass(frozen=True)
class Sheet:
    """A table with a name; its first row holds the headings. One for reading has rows as high as their texts need."""

    title: str
    rows: Iterable[Sequence]
    is_for_reading: bool = False


def title_of(model):
    """What a sheet of such rows is called; of a past day with the day, and not taken in again by that name."""
    name = capfirst(model._meta.verbose_name_plural)
    return f"{name} {past_day().strftime(day_format())}" if past_day() else name


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


def workbook(sheets, creator="worksttogether", **properties):
    """Its bytes; headings are bold and stay in sight, long texts wrap. ``properties`` describe the file."""
    book = Workbook(write_only=True)
    for name, value in {"creator": creator, **properties}.items():
        setattr(book.properties, name, value)
    for sheet in sheets:
        add_sheet(book, sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def add_sheet(book, sheet):
    rows = [list(row) for row in sheet.rows]
    page = book.create_sheet(sheet.title[:LONGEST_TITLE])
    page.freeze_panes = "B2"
    widths = widths_of(rows)
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    for_print(page, across=ceil(sum(widths) / WIDEST_ON_PAPER))
    if rows and rows[0]:
        page.auto_filter.ref = f"A1:{get_column_letter(len(rows[0]))}{len(rows)}"
    for number, row in enumerate(rows):
        if sheet.is_for_reading:
            page.row_dimensions[number + 1].height = height_of(row, widths)
        page.append([typed_cell(page, value, is_heading=not number) for value in row])


def for_print(page, across):
    """On so many sheets of paper beside each other that it can be read, on each the headings and the first column."""
    page.print_title_rows, page.print_title_cols = "1:1", "A:A"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = across, 0
    page.oddFooter.center.text = "&A, &P/&N"


def widths_of(rows):
    """What the longest line of each column needs, within reason."""
    columns = zip(*rows[:200], strict=False)
    longest = (max(len(line) for value in column for line in cell(value).split("\n")) for column in columns)
    return [min(max(length + 2, NARROWEST), WIDEST) for length in longest]


def height_of(row, widths):
    """Points that the longest text of a row needs in its column, as far as a row may grow."""
    lines = [
        sum(ceil(len(line) / (width - 2)) or 1 for line in cell(value).split("\n"))
        for value, width in zip(row, widths, strict=True)
    ]
    return min(max(lines) * LINE_HEIGHT, HIGHEST)


def typed_cell(page, value, *, is_heading=False):
    if value is None or value == "":
        return None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return number_cell(page, value)
    if isinstance(value, date):
        return day_cell(page, value)
    made = WriteOnlyCell(page, to_xml(cell(value)))
    made.data_type = "s"  # “#N/A” is a text like any other
    made.alignment = Alignment(wrap_text=True, vertical="top")
    if is_heading:
        made.font = HEADING
    return made


def number_cell(page, value):
    """Large amounts have their thousands apart; years and other whole numbers stay as they are."""
    made = WriteOnlyCell(page, value)
    made.alignment = Alignment(vertical="top")
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) >= FIRST_GROUPED:
        made.number_format = "#,##0"
    return made


def day_cell(page, value):
    is_moment = isinstance(value, datetime)
    made = WriteOnlyCell(page, timezone.make_naive(value) if is_moment else value)
    made.number_format = "dd.mm.yyyy hh:mm" if is_moment else "dd.mm.yyyy"
    made.alignment = Alignment(horizontal="left", vertical="top")
    return made
