"""The preview of a paper: the print's own words for days and lines, the page's own signs for lights."""

from django import template
from django.utils.html import format_html_join

from reporting.print import german
from strategy.templatetags.portal import light_mark

register = template.Library()

register.filter("paper_day", german.day)


@register.filter
def paper_lines(lines):
    """One under the other; the form wants a dash where there is none."""
    return format_html_join("\n", "{}<br>", ((line,) for line in lines)) if lines else "-"


@register.simple_tag
def paper_light(light):
    """Takes the light of a strategy or the one of a projection."""
    return light_mark(light.shape, getattr(light, "word", "") or light.title, small=True)
