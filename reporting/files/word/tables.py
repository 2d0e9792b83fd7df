"""An HTML table as one of Word: fixed columns, heads that come again on each page, words for those who hear it."""

import re

from reporting.print.german import shortened

from .inline import pieces, runs
from .markup import twips, w
from .styles import strong_rule

WIDTH_CLASS = re.compile(r"\bw(\d+)\b")
LONGEST_NAME = 250
MOST_AT_EASE = 8  # columns; more are set smaller, with less room for the first
FIRST_OF_MANY = 40  # mm


def table(element, name, width, indent, link):
    """``w:tbl`` of this name, so many millimetres wide and in from the margin; ``link`` as for ``runs``."""
    style = _style(element)
    columns = _columns(element, width, FIRST_OF_MANY if style == "Dense" else width)
    return w(
        "tbl",
        _layout(name, columns, indent),
        w("tblGrid", *(w("gridCol", w=twips(column)) for column in columns)),
        *(_row(row, columns, style, link) for row in element.iter("tr")),
    )


def _style(element):
    """Of the cells: the overall table lies across and has room, others with as many columns have not."""
    if "overall" in element.get("class", ""):
        return "Narrow"
    return "Dense" if len(list(element.iter("col"))) > MOST_AT_EASE else "Cell"


def _columns(element, width, widest):
    """Millimetres of each column: as its class says, up to the widest; the others share what is left."""
    said = [WIDTH_CLASS.search(column.get("class") or "") for column in element.iter("col")]
    widths = [min(int(found[1]), widest) if found else None for found in said]
    left = max(width - sum(filter(None, widths)), 0)
    share = left / (widths.count(None) or 1)
    return [share if column is None else column for column in widths]


def _layout(name, columns, indent):
    return w(
        "tblPr",
        w("tblStyle", val="ReportTable"),
        w("tblW", w=twips(sum(columns)), type="dxa"),
        w("tblInd", w=twips(indent), type="dxa"),
        w("tblLayout", type="fixed"),
        w("tblLook", val="04A0", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0, noHBand=1, noVBand=1),
        w("tblCaption", val=shortened(name, LONGEST_NAME)),
    )


def _row(row, columns, style, link):
    kind, place = row.get("class", ""), 0
    is_head = row.getparent().tag == "thead"
    properties = w("trPr", w("cantSplit"), w("tblHeader") if is_head else None)
    made = w("tr", properties)
    for cell in row.iterchildren("th", "td"):
        span = int(cell.get("colspan") or 1)
        own = f"{style}Head" if is_head or kind in ("sum", "group") else style
        made.append(_cell(cell, columns[place : place + span], own, _borders(kind), link))
        place += span
    return made


def _borders(kind):
    if kind == "sum":
        return w("tcBorders", strong_rule("top", 0.5), strong_rule("bottom"))
    return w("tcBorders", strong_rule("bottom")) if kind == "group" else None


def _cell(cell, columns, style, borders, link):
    classes = cell.get("class", "").split()
    is_head = cell.getparent().getparent().tag == "thead"
    layout = w(
        "tcPr",
        w("tcW", w=twips(sum(columns)), type="dxa"),
        w("gridSpan", val=len(columns)) if len(columns) > 1 else None,
        borders,
        w("vAlign", val="bottom") if is_head else None,
    )
    align = w("jc", val="right") if "figure" in classes else None
    style = "FigureHead" if style == "CellHead" and is_head and "head" in classes else style
    words = runs(pieces(cell, keeps="\n" if "head" in classes else ""), link)
    return w("tc", layout, w("p", w("pPr", w("pStyle", val=style), align), *words))
