"""Differences of texts, marked so that eye and screen reader find them; every piece is escaped."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from measures.differences import GONE, NEW, SAME, difference

register = template.Library()
MARKS = {SAME: "{}", GONE: "<del>{}</del>", NEW: "<ins>{}</ins>"}


def marked(pieces):
    return format_html_join("", "{}", ((with_breaks(kind, text),) for kind, text in pieces))


def with_breaks(kind, text):
    """A mark around each line's part, so that it never spans a line break."""
    lines = (format_html(MARKS[kind], line) if line else "" for line in text.split("\n"))
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))


@register.simple_tag
def changed_text(before, after):
    """The new text with what has gone struck through and what is new marked."""
    return marked(difference(str(before or ""), str(after or "")))


@register.simple_tag
def only_new(before, after):
    """The new text alone, its new words marked: one of two versions beside each other."""
    return marked((kind, text) for kind, text in difference(str(before or ""), str(after or "")) if kind != GONE)
