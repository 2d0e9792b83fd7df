"""Small makers of WordprocessingML, so that whoever writes the document can think in paragraphs and tables."""

import re

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

TWIPS_PER_MM = 1440 / 25.4
SPACE = qn("xml:space")
ELEMENTS = {"\n": "br", "\t": "tab", "\u00ad": "softHyphen"}
SPECIAL = re.compile(f"([{''.join(ELEMENTS)}])")
STAND_INS = {ord("⯃"): "⬣"}  # the octagon is in few faces of an office, the hexagon in most


def w(tag, *children, **attributes):
    """An element ``w:tag`` with its children and ``w:`` attributes; ``None`` among either is left out."""
    element = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        if value is not None:
            element.set(qn(f"w:{name}"), str(value))
    element.extend(child for child in children if child is not None)
    return element


def twips(millimetres):
    return round(millimetres * TWIPS_PER_MM)


def run(text, *properties):
    """A run of text; breaks, tabs and soft hyphens become those of Word."""
    made = w("r", w("rPr", *properties) if properties else None)
    for piece in filter(None, SPECIAL.split(text.translate(STAND_INS))):
        made.append(w(ELEMENTS[piece]) if piece in ELEMENTS else words(piece))
    return made


def words(text, tag="t"):
    made = w(tag)
    made.text = text
    made.set(SPACE, "preserve")
    return made


def field(instruction, shown="", style=None):
    """The runs of a field: what Word counts, and what stands there until it has."""
    return [
        _of_style(style, w("fldChar", fldCharType="begin")),
        _of_style(style, words(f" {instruction} ", "instrText")),
        _of_style(style, w("fldChar", fldCharType="separate")),
        _of_style(style, words(shown)),
        _of_style(style, w("fldChar", fldCharType="end")),
    ]


def _of_style(style, content):
    return w("r", w("rPr", w("rStyle", val=style)) if style else None, content)
