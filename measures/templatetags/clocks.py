"""Clocks in templates: a period as a line with its weeks and today, or as a short bar with words."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from strategy.templatetags.portal import bar, shown_date

register = template.Library()
NEAR_AN_END = 20  # percent: there the words of today would leave the line


@register.filter
def days_left(clock):
    """The words by which a deadline is told: "4 days left", "ends today", "3 days overdue"."""
    if clock.left < 0:
        return ngettext("%(days)d day overdue", "%(days)d days overdue", -clock.left) % {"days": -clock.left}
    if clock.left == 0:
        return _("ends today")
    return ngettext("%(days)d day left", "%(days)d days left", clock.left) % {"days": clock.left}


@register.simple_tag
def clock_bar(clock):
    """How much of the period is used up, and in words how much is left; bold in its last week."""
    css = "clk clk--late" if clock.is_overdue else "clk clk--pressing" if clock.is_pressing else "clk"
    words = _("%(left)s, due %(day)s") % {"left": days_left(clock), "day": shown_date(clock.due_on)}
    return format_html('<span class="{}">{}<span>{}</span></span>', css, bar(clock.share), words)


@register.inclusion_tag("components/clock.html")
def clock_line(clock, begins):
    """The whole period on a line. ``begins`` says what happened on its first day ("fully informed")."""
    anchor = "start" if clock.share < NEAR_AN_END else "end" if clock.share > 100 - NEAR_AN_END else "middle"
    return {
        "clock": clock,
        "begins": begins,
        "share": f"{clock.share}%",
        "weeks": [f"{week}%" for week in clock.weeks],
        "anchor": anchor,
    }
