"""Reads a tagged file as a screen reader would: the text of its structure, the titles and targets of its bookmarks."""

import re

from pikepdf import Array, Dictionary, String, parse_content_stream

from reporting.print.checker import HEADING, of_kind, structure


def text_of(pdf):
    """All tagged text in the order of the structure."""
    return _said(pdf.Root.StructTreeRoot, marked_text(pdf))


def headings(pdf):
    spoken = marked_text(pdf)
    found = [element for element in structure(pdf) if HEADING.fullmatch(str(element.get("/S", "")))]
    return [_said(element, spoken) for element in found]


def list_items(pdf):
    spoken = marked_text(pdf)
    return [_said(element, spoken) for element in of_kind(pdf, "/LI")]


def bookmarks(pdf):
    """[(title, number of its page)] in order."""
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
    with pdf.open_outline() as outline:
        return [(item.title, numbers[item.destination[0].objgen]) for item in _items(outline.root)]


def squeezed(text):
    """Without anything that says only how lines were set."""
    return re.sub(r"[\s\u00a0\u00ad\u200b]", "", text)


def marked_text(pdf):
    """{(page, marked-content number): its text}"""
    spoken = {}
    for page in pdf.pages:
        fonts = {name: unicode_map(font) for name, font in page.Resources.Font.items()}
        marks, font = [], {}
        for operands, operator in parse_content_stream(page):
            match str(operator):
                case "BMC":
                    marks.append(None)
                case "BDC":
                    marks.append((page.obj.objgen, int(operands[1].MCID)))
                case "EMC":
                    marks.pop()
                case "Tf":
                    font = fonts[str(operands[0])]
                case "Tj" | "TJ" if marks and marks[-1]:
                    spoken[marks[-1]] = spoken.get(marks[-1], "") + decoded(operands[0], font)
    return spoken


def unicode_map(font):
    """{glyph number: text} from the font's ToUnicode."""
    pairs = re.findall(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", font.ToUnicode.read_bytes())
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def decoded(shown, font):
    strings = [bytes(part) for part in as_list(shown) if isinstance(part, String)]
    glyphs = (int.from_bytes(text[at : at + 2], "big") for text in strings for at in range(0, len(text), 2))
    return "".join(font.get(glyph, "") for glyph in glyphs)


def as_list(node):
    return list(node) if isinstance(node, Array) else [node]


def _said(element, spoken):
    return "".join(spoken.get(mark, "") for mark in _marks_below(element))


def _marks_below(element):
    for kid in as_list(element.get("/K", Array())):
        if isinstance(kid, int):
            yield element.Pg.objgen, kid
        elif isinstance(kid, Dictionary) and "/MCID" in kid:
            yield kid.Pg.objgen, int(kid.MCID)
        elif isinstance(kid, Dictionary):
            yield from _marks_below(kid)


def _items(items):
    for item in items:
        yield item
        yield from _items(item.children)
