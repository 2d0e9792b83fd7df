"""Prose as people type it: plain text in a small part of Markdown, shown as clean HTML.

What is stored stays plain text, so that differences, search, exports and mails go on working on it. Paragraphs,
lists, bold, italic and links are understood, line breaks stay as typed; raw HTML is text like any other.
"""

import re

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "span"}
CLASSES = {"span": {"name", "nowrap"}}  # what ``typeset`` marks
ATTRIBUTES = {"*": set(), "a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
SYNTAX = ("list", "emphasis", "link", "autolink", "escape")
SIGNS = re.compile(r"[\\*_\[\]<]")
ITEMS = re.compile(r"^([ \t]*\d*)([-+.)])(?=\s|$)", re.MULTILINE)  # where a list would begin
WITHIN_A_WORD = re.compile(r"(?<=\w)\*(?=\w)")  # Mitarbeiter*innen: no emphasis begins there
COMPLETED = re.compile(r"(?<!\S)-[^\W\d]\w*")  # Gewinnung und -bindung: the hyphen stays with its word
DEEPEST = 20  # levels of nesting: below this, a text is hardly written by hand

_markdown = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": DEEPEST}).enable([*SYNTAX, "newline"])


def unbroken(words: str) -> str:
    """HTML of plain words in which no line ends behind a hyphen that begins a word."""
    return COMPLETED.sub(r'<span class="nowrap">\g<0></span>', escape(words))


def html_of(text: str, typeset=unbroken) -> SafeString:
    """The text as HTML that may stand on any page; ``typeset`` makes HTML of a piece of plain words."""
    blocks = _parsed(text)
    for word in (piece for block in blocks for piece in block.children or () if piece.type == "text"):
        word.type, word.content = "html_inline", str(typeset(word.content))
    html = _markdown.renderer.render(blocks, _markdown.options, {})
    return mark_safe(  # noqa: S308  it comes out of the sanitiser
        nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes=CLASSES,
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer",
        )
    )


def plain_of(text: str) -> str:
    """The text without its marks, for paper: a list item is a line with a dash, a link has its address behind it."""
    blocks, lead = [], ""
    for token in _parsed(text):
        if token.type == "list_item_open":
            lead = f"{token.info}{token.markup} " if token.info else "– "
        elif token.type == "inline":
            blocks.append(lead + _words(token.children or ()))
            lead = ""
    return "\n\n".join(blocks)


def prose_of(words: str) -> str:
    """Plain words as prose that shows just these: what looks like a sign is none."""
    return ITEMS.sub(r"\1\\\2", SIGNS.sub(r"\\\g<0>", words))


def _parsed(text):
    return _markdown.parse(WITHIN_A_WORD.sub(r"\\*", text))


def _words(tokens):
    words, address, begin = [], "", 0
    for token in tokens:
        if token.type == "link_open":
            address, begin = str(token.attrGet("href")).removeprefix("mailto:"), len(words)
        elif token.type == "link_close" and "".join(words[begin:]) != address:
            words.append(f" ({address})")
        else:
            words.append("\n" if token.type in ("softbreak", "hardbreak") else token.content)
    return "".join(words)
