"""Prose as people type it: plain text in a small part of Markdown, shown as clean HTML.

What is stored stays plain text, so that differences, search, exports and mails go on working on it. Paragraphs,
lists, bold, italic and links are understood, line breaks stay as typed; raw HTML is text like any other.
"""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a"}
ATTRIBUTES = {"*": set(), "a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
SYNTAX = ("list", "emphasis", "link", "autolink", "escape")
WITHIN_A_WORD = re.compile(r"(?<=\w)\*(?=\w)")  # Mitarbeiter*innen: no emphasis begins there
DEEPEST = 20  # levels of nesting: below this, a text is hardly written by hand

_markdown = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": DEEPEST}).enable([*SYNTAX, "newline"])


def html_of(text: str) -> SafeString:
    """The text as HTML that may stand on any page."""
    html = _markdown.render(WITHIN_A_WORD.sub(r"\\*", text))
    return mark_safe(  # noqa: S308  it comes out of the sanitiser
        nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer")
    )
