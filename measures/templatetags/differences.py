"""Differences of texts, marked so that eye and screen reader find them; every piece is escaped."""

from itertools import zip_longest

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from measures.differences import GONE, NEW, SAME, difference

register = template.Library()
MARKS = {SAME: "{}", GONE: "<del>{}</del>", NEW: "<ins>{}</ins>"}


def marked(pieces):
    return format_html_join("", "{}", ((marked_lines(kind, text),) for kind, text in spaced(list(pieces))))


def spaced(pieces):
    """A word that has gone does not stick to the one that came for it."""
    for (kind, text), following in zip_longest(pieces, pieces[1:]):
        touches = kind == GONE and following and not text[-1].isspace() and not following[1][0].isspace()
        yield kind, f"{text} " if touches else text


def marked_lines(kind, text):
    """A mark around each line's words, so that it never spans a line break and marks no space behind a word."""
    return format_html_join(mark_safe("<br>"), "{}{}", (marked_line(kind, line) for line in text.split("\n")))


def marked_line(kind, line):
    words = line.rstrip(" ")
    return (format_html(MARKS[kind], words) if words else "", line[len(words) :])


@register.simple_tag
def changed_text(before, after):
    """The new text with what has gone struck through and what is new marked."""
    return marked(difference(str(before or ""), str(after or "")))


@register.simple_tag
def only_new(before, after):
    """The new text alone, its new words marked: one of two versions beside each other."""
    return marked((kind, text) for kind, text in difference(str(before or ""), str(after or "")) if kind != GONE)
