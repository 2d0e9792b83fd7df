"""The small words of the interface. What a long table repeats is built here and not in a template: it is faster."""

from datetime import time, timedelta

import structlog
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext

from strategy.as_of import today
from strategy.prose import html_of, plain_of

WORDS_OF_A_GIST = 25

register = template.Library()
register.filter("prose", html_of)


@register.simple_tag
def icon(name, size="small"):
    """One of KERN's icons in text colour; it is never read out, so a word stands beside it."""
    return format_html('<span class="kern-icon kern-icon--{} kern-icon--{}" aria-hidden="true"></span>', name, size)


@register.simple_tag
def light(light, word="", small=False):
    """Shape and word of a ``Light``; a dash where there is none."""
    if not light:
        return mark_safe('<span class="muted">–</span>')
    return light_mark(light.shape, word or light.title, small)


@register.simple_tag
def light_mark(shape, word, small=False):
    """A shape with a word of its own, as for milestones: ``{% light_mark "square" _("reached") %}``."""
    return format_html(
        '<span class="light{}"><svg aria-hidden="true"><use href="{}#light-{}"/></svg>{}</span>',
        " light--s" if small else "",
        static("icons.svg"),
        shape,
        word,
    )


@register.simple_tag
def bar(share, of=100):
    """A bar without its number, hidden from screen readers: the number has to stand beside it."""
    width = max(0, min(100, round(100 * float(share) / float(of)))) if of else 0
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="6"/></svg>',
        width,
    )


@register.simple_tag
def progress(percent):
    return format_html('<span class="prog">{}<span>{}\N{NO-BREAK SPACE}%</span></span>', bar(percent), percent)


@register.simple_tag
def stack_bar(parts, of):
    """Parts of a whole, drawn to scale: ``parts`` is [(shape, count)], ``of`` the count that fills the width."""
    gap, start, rectangles = 0.8, 0.0, []
    for shape, count in parts:
        width = 100 * count / of if of else 0
        if width:
            rectangles.append((shape, round(start, 2), round(max(width - gap, 0.8), 2)))
        start += width
    return format_html(
        '<svg class="stack-bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        format_html_join("", '<rect class="{}" x="{}" width="{}" height="12"/>', rectangles),
    )


@register.simple_tag
def provenance(row, *fields):
    """A mark where one of these fields (or, without names, any) is an example or derived, else nothing."""
    marks = row.marks()
    kinds = dict.fromkeys(label for name, label in marks.items() if not fields or name in fields)
    return format_html_join(" ", '<span class="tag tag--demo">{}</span>', ((kind,) for kind in kinds))


# Dates


@register.filter
def shown_date(day, precision="day"):
    """A day as exactly as it is known: 17.10.2026, October 2026, 2026."""
    if not day:
        return ""
    formats = {
        "day": pgettext("date format", "j M Y"),
        "month": pgettext("date format", "F Y"),
        "year": "Y",
    }
    return date_format(day, formats[precision]) if precision in formats else gettext("date not on record")


@register.filter
def first_words(text):
    """How a long text begins, in one line and without its marks."""
    return Truncator(" ".join(plain_of(text).split())).words(WORDS_OF_A_GIST)


@register.filter
def shown_moment(moment):
    if not moment:
        return ""
    return date_format(timezone.localtime(moment), pgettext("date format", "j M Y, H:i"))


@register.filter
def shown_end(moment):
    """A moment at which something ends: what ends when a day begins has ended at 24:00 the day before."""
    if not moment:
        return ""
    local = timezone.localtime(moment)
    if local.time() != time.min:
        return shown_moment(moment)
    return date_format(local - timedelta(days=1), pgettext("date format", "j M Y, H:i").replace("H:i", "24:00"))


@register.filter
def until(day, on=None):
    """How long until a due day, in words: the sentence a task begins with."""
    days = (day - (on or today())).days
    if days < 0:
        return ngettext("%(days)d day overdue", "%(days)d days overdue", -days) % {"days": -days}
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    return gettext("in %(days)d days") % {"days": days}


@register.filter
def is_past(day):
    return bool(day) and day < today()


@register.filter
def ago(day):
    if not day:
        return gettext("never")
    days = (today() - day).days
    if days <= 0:
        return gettext("today")
    return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}


# Lists


@register.simple_tag(takes_context=True)
def without(context, name, value=None):
    """The address of this list without one filter (or one of its values), back on the first page."""
    query = context["request"].GET.copy()
    rest = [v for v in query.getlist(name) if value is not None and v != str(value)]
    query.setlist(name, rest)
    query.pop("page", None)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def kept(context, *left_out):
    """Hidden fields of all the address asks besides, for a form that asks one thing more; back on the first page."""
    asked = context["request"].GET.lists()
    rows = ((name, value) for name, values in asked if name not in (*left_out, "page") for value in values)
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', rows)


@register.inclusion_tag("components/chip.html", takes_context=True)
def chip(context, name, value, label):
    """A filter that holds, with the link that takes it away."""
    return {"label": label, "url": without(context, name, value)}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context, field, label, css="", default=False):
    """The head of a column that can be sorted; ``default`` names the column the list begins with."""
    query = context["request"].GET.copy()
    now = query.get("ordering") or (field if default else "")
    direction = {field: "ascending", f"-{field}": "descending"}.get(now, "")
    query["ordering"] = f"-{field}" if direction == "ascending" else field
    query.pop("page", None)
    return {"label": label, "css": css, "direction": direction, "url": f"?{query.urlencode()}"}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context, page, filtered=False):
    """Which rows are shown, and the way to the others; ``filtered``: the address holds filter and sorting."""
    return {
        "page": page,
        "filtered": filtered,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "gap": page.paginator.ELLIPSIS,
        "request": context["request"],
    }


# Pages


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts):
    """``{% crumbs _("Measures") list_url measure.title measure_url _("Edit") %}``: pairs, then this page alone."""
    pairs = list(zip(parts[:-1:2], parts[1:-1:2], strict=True)) if len(parts) % 2 else []
    return {"pairs": pairs, "here": parts[-1]}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form, *formsets):
    """What has to be corrected, with links to the ``count`` fields concerned; nothing where nothing is wrong."""
    errors = list(errors_of(form, formsets))
    return {
        "errors": errors,
        "count": sum("target" in error for error in errors),
        "typed": any(not field.errors and keeps_its_value(field) for field in form.visible_fields()),
    }


def keeps_its_value(field):
    """What was typed as a password is never sent back."""
    return getattr(field.field.widget, "render_value", True)


def errors_of(form, formsets):
    for one in (form, *(row for formset in formsets for row in formset.forms)):
        yield from ({"message": message} for message in one.non_field_errors())
        for field in one:
            target = "" if field.is_hidden else field.id_for_label or field.auto_id
            yield from ({"message": message, "label": field.label, "target": target} for message in field.errors)
    for formset in formsets:
        yield from ({"message": message} for message in formset.non_form_errors())


@register.filter
def is_checkbox(field):
    """Whether a field is one box to tick: its label stands behind it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


@register.simple_tag
def request_number():
    """By which those who run the portal find the lines of this request in the log."""
    return structlog.contextvars.get_contextvars().get("request_id", "")
