"""Tables as files that a spreadsheet opens as it should, and that hold no formula."""

import csv

from django.http import HttpResponse
from django.utils.formats import get_format

from .figures import figure

BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # or Excel reads the umlauts wrongly


def csv_file(name, rows):
    """An answer with that file, in the way of the page's language: German has semicolons and decimal commas."""
    response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    delimiter = ";" if get_format("DECIMAL_SEPARATOR") == "," else ","
    csv.writer(response, delimiter=delimiter).writerows([cell(value) for value in row] for row in rows)
    return response


def cell(value):
    """A figure as the language writes it; a text that would be a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return figure(value, grouped=False)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(BEGINS_A_FORMULA) else text
