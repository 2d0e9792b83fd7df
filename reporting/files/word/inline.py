"""What stands within a paragraph: the words of an HTML element as runs of Word."""

import re
from dataclasses import dataclass, replace

from .markup import run, w
from .styles import LIGHTS

LISTS = ("ul", "ol")
BLANKS = re.compile(r"[ \t\n\r\f]+")
BLANKS_BESIDE_BREAK = re.compile(r" ?\n ?")


@dataclass(frozen=True)
class Piece:
    """Words of one look; ``href`` is where they lead."""

    text: str
    style: str | None = None
    bold: bool = False
    italic: bool = False
    is_name: bool = False
    href: str = ""

    @property
    def properties(self):
        return [
            made
            for made in (
                w("rStyle", val=self.style) if self.style else None,
                w("b") if self.bold else None,
                w("i") if self.italic else None,
                w("noProof") if self.is_name else None,  # or Word would hyphenate it
            )
            if made is not None
        ]


def pieces(element, *, keeps="", leaves_lists=False):
    """The words of an element in order; blanks fold as in HTML but for the characters in ``keeps``."""
    found = _folded(list(_walk(element, Piece(""), LISTS if leaves_lists else ())), keeps)
    return [piece for piece in found if piece.text]


def runs(found, link):
    """Runs of these pieces; ``link(href, runs)`` makes a link."""
    made = []
    for piece in found:
        shown = run(piece.text, *piece.properties)
        made.append(link(piece.href, shown) if piece.href else shown)
    return made


def _walk(element, look, leaves_out):
    if element.text:
        yield replace(look, text=element.text)
    for child in element:
        if not isinstance(child.tag, str) or child.tag in leaves_out:
            pass
        elif child.tag == "br":
            yield replace(look, text="\v")
        else:
            yield from _walk(child, _look_of(child, look), leaves_out)
        if child.tail:
            yield replace(look, text=child.tail)


def _look_of(element, look):
    kind = element.get("class", "")
    if element.tag in ("strong", "b"):
        return replace(look, bold=True)
    if element.tag in ("em", "i"):
        return replace(look, italic=True)
    if element.tag == "a":
        return replace(look, href=element.get("href", ""), style="Hyperlink")
    if kind in LIGHTS:
        return replace(look, style=kind)
    return replace(look, is_name=True) if kind == "name" else look


def _folded(found, keeps):
    """One blank between words, none at the ends of a line; a break made by the markup is kept."""
    result, at_start = [], True
    for piece in found:
        text = _fold(piece.text, keeps)
        if at_start:
            text = text.lstrip(" ")
        result.append(replace(piece, text=text))
        at_start = text.endswith((" ", "\n", "\t")) if text else at_start
    while result and not result[-1].text.rstrip(" "):
        result.pop()
    if result:
        result[-1] = replace(result[-1], text=result[-1].text.rstrip(" "))
    return result


def _fold(text, keeps):
    """``\\v`` stands for a break of the markup's own until blanks are folded."""
    folded = BLANKS.sub(lambda found: _kept(found[0], keeps), text)
    return BLANKS_BESIDE_BREAK.sub("\n", folded.replace("\v", "\n"))


def _kept(blanks, keeps):
    return "".join(blank for blank in blanks if blank in keeps) or " "
