"""Numbers of the dashboard: each leads to the list it counts."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def list_of(context, **asked):
    """The address of the list of measures that asks this, of the day the page is about or the one given as ``on``."""
    query = urlencode(
        context.get("day_asked", {}) | {name: value for name, value in asked.items() if value}, doseq=True
    )
    address = reverse("measures:list", args=[context["strategy"].slug])
    return f"{address}?{query}" if query else address


@register.simple_tag(takes_context=True)
def counted(context, count, word="", **asked):
    """A number as a link to the measures it counts; ``word`` says it to those who do not see the head of its column."""
    if not count:
        return mark_safe("–")
    said = format_html('<span class="sr"> {}</span>', word) if word else ""
    return format_html('<a class="quiet cellnum" href="{}">{}{}</a>', list_of(context, **asked), count, said)


@register.simple_tag
def codes(lights):
    """The codes of some lights, for a filter."""
    return [light.code for light in lights]
