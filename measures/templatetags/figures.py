"""Figures, periods and sources in templates."""

from django import template
from django.utils.html import format_html

from measures import figures
from measures.period import period_of

register = template.Library()
register.filter("figure", figures.figure)
register.filter("shown_value", figures.shown_value)
register.filter("figure_to", lambda value, places: figures.figure(value, places=places))
register.filter("amount_shown", figures.amount_shown)
register.filter("period", period_of)


@register.simple_tag
def source_link(source):
    """Where it stands: a link under the name of the site, or the words of the source."""
    if not source:
        return ""
    if source.startswith(("http://", "https://")):
        return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', source, figures.source_name(source))
    return source
