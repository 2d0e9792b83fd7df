"""What lists repeat: the boxes of a filter, a hundred on a page and so built here, and the addresses of rows."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from strategy.as_of import past_day

register = template.Library()


@register.simple_tag
def boxes(picker):
    """What a ``Picker`` offers, each with its number; what would find nothing is dimmed."""
    rows = (
        (
            "" if is_chosen or count != 0 else " chk--none",
            picker.name,
            place,
            value,
            mark_safe(" checked") if is_chosen else "",
            word,
            "" if count is None else format_html('<span class="num">{}</span>', count),
        )
        for place, (value, word, is_chosen, count) in enumerate(picker.options)
    )
    return format_html_join(
        "",
        '<label class="chk{0}"><span class="hit">'
        '<input type="checkbox" name="{1}" id="{1}-{2}" value="{3}"{4}></span>{5}{6}</label>',
        rows,
    )


@register.simple_tag
def shown_at(row, today=""):
    """The address of a row; on a past day, of its page on that day.

    A part without such a page names its measure as ``row``, and as ``today`` its own address.
    """
    day = past_day()
    return f"{row.get_absolute_url()}?on={day}" if day else today or row.get_absolute_url()
