"""How the paper says days, numbers and periods in German: the filters of its templates."""

import re
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from itertools import groupby

from django.template import Library
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from strategy.prose import html_of

from .projection import Prose

register = Library()

MONTHS = ("Jan.", "Febr.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")
SIGNS = {"disc": "●", "triangle": "▲", "octagon": "⯃", "ring": "○", "square": "☑"}
QUALIFIERS = {"": "", "about": "rund ", "over": "über ", "up_to": "bis zu "}
MILESTONES = {"reached": "✓ erreicht", "open": "○ offen", "moved": "▲ verschoben", "overdue": "▲ überfällig"}
PARTS = {
    "title": "Titel",
    "description": "Inhalt",
    "goal": "Ziel",
    "lead_unit": "Federführung",
    "responsible": "Zuständigkeit",
    "stage": "Stufe",
    "period": "Zeitraum",
    "priority": "Priorität",
    "state": "Stand",
    "phase": "Phase",
    "light": "Ampel",
    "progress": "Fortschritt",
    "status": "Sachstand",
    "next_steps": "nächste Schritte",
    "milestones": "Meilensteine",
    "indicator": "Kennzahl",
    "resources": "Ressourcen",
}

HOST = re.compile(r"https?://(?:www\.)?([^/:?#]+)")
# Words longer than any real one would take minutes to set (soft hyphens would not help): invisible breaks part them.
ENDLESS = re.compile(r"\S{60,}")
HOPELESS = re.compile(r"\S{1000,}")  # with marks among its letters it cannot even be parted
BREAK = "\u200b"
# Everything else is a name: the portal lets none be longer than this, and what comes from elsewhere is cut.
LONGEST_NAME = 300
MOST_LINES = 300
LONGEST_ADDRESS = 70
AS_TYPED = {"prose", "url"}  # what ``prose`` sets, and addresses, which a break would spoil
RUNNING_TEXTS = {
    "text",
    "motion",
    "pending_requests",
    "settled_requests",
    "needs_note",
    "summary",
    "description",
    "goal",
    "status",
    "next_steps",
    "reason",
    "objection_answer",
}
LIGHT = '<span class="{}">{}\u00a0{}</span>'

# What belongs together at a line's end: "GRDrs 972/2023", "Prof. Dr. Rump", "24,7 Mio. €", "15 %".
TIED = re.compile(
    r"(?<=GRDrs) (?=\d)|(?<=GRDrs\.) (?=\d)|(?<=\b[PD]r\.) |(?<=Prof\.) |(?<=\d) (?=%|€|T€|Mio\.)|(?<=Mio\.) (?=€)"
)
# Names written as one word with capitals inside, such as workSTUgether, are never hyphenated.
NAME = re.compile(r"\b[a-zäöüß]+[A-ZÄÖÜ]{2,}[a-zäöüß]+\b")


def settable(value, name=""):
    """The same projection or part of it, as it can be set in reasonable time whatever it says."""
    if name in AS_TYPED:
        return in_few_lines(value)
    if isinstance(value, str):
        value = in_few_lines(value)
        kept = value if name in RUNNING_TEXTS else shortened(value, LONGEST_NAME)
        return breakable(kept)
    if isinstance(value, tuple):
        return tuple(settable(item, name) for item in value)
    if isinstance(value, dict):
        return {key: settable(item) for key, item in value.items()}
    if is_dataclass(value):
        parts_of_it = {field.name: settable(getattr(value, field.name), _kind(field)) for field in fields(value)}
        return replace(value, **parts_of_it)
    return value


def _kind(field):
    return "prose" if field.type is Prose else field.name


def in_few_lines(text):
    """Line breaks up to so many; the words behind them are kept."""
    lines = text.split("\n", MOST_LINES)
    return "\n".join([*lines[:MOST_LINES], *(" ".join(rest.split()) for rest in lines[MOST_LINES:])])


def breakable(text):
    return ENDLESS.sub(_with_breaks, text)


def _with_breaks(match):
    """Spaces between so many letters, which hyphenation would try one by one; invisible breaks in an address."""
    word = match[0]
    if word.isalnum():
        return " ".join(_pieces(word, 50))
    return " ".join(BREAK.join(_pieces(piece, 10)) for piece in _pieces(word, 200))


def _pieces(text, length):
    return [text[start : start + length] for start in range(0, len(text), length)]


@register.filter
def day(value):
    """“30.06.2026”, “Juni 2026” or “2026”, as exact as the ISO day is."""
    year, _, rest = value.partition("-")
    if not rest:
        return year
    month, _, day_of_month = rest.partition("-")
    return f"{day_of_month}.{month}.{year}" if day_of_month else f"{MONTHS[int(month) - 1]} {year}"


@register.filter
def number(value):
    """“1.234,5”: full stops between thousands, decimal comma, no needless zeros."""
    whole, _, digits = f"{Decimal(value):,f}".partition(".")
    digits = digits.rstrip("0")
    return whole.replace(",", ".") + (f",{digits}" if digits else "")


@register.filter
def positions(value):
    """Positions always with one decimal at least: “3,0”."""
    text = number(value)
    return text if "," in text else f"{text},0"


@register.filter
def thousands(value):
    """Euros as thousands of euros, rounded: “85”."""
    return number(str((Decimal(value) / 1000).quantize(Decimal(1))))


@register.filter
def measured(point):
    return QUALIFIERS[point.qualifier] + number(point.value)


@register.filter
def period(measure):
    """“2024–2028”, “ab 2024”, “bis 2028”, “laufend”."""
    begins, ends = day(measure.begins), day(measure.ends)
    if begins and ends:
        return begins if begins == ends else f"{begins}–{ends}"
    if begins:
        return f"ab {begins}"
    return f"bis {ends}" if ends else "laufend" if measure.is_permanent else ""


@register.filter
def years(measure):
    """The period in years alone, for the narrow column of the overall table."""
    return period(replace(measure, begins=measure.begins[:4], ends=measure.ends[:4]))


@register.filter
def sign(shape):
    return SIGNS[shape]


@register.filter
def milestone_state(milestone):
    return MILESTONES[milestone.state]


@register.filter
def parts(names):
    """Names of marked parts as the reader knows them: “Ampel, Fortschritt, Ziel”."""
    return ", ".join(PARTS[name] for name in PARTS if name in names)


@register.filter
def step_of_five(percentage):
    """The bar's width: rounded down, so that nothing looks finished before it is; the exact number stands below."""
    return percentage // 5 * 5


@register.filter
def paragraphs(text):
    return [paragraph.strip() for paragraph in re.split(r"\n+", text) if paragraph.strip()]


@register.filter
def resource_years(measure):
    """A text for each budget year: “2026: 0,5 Stellen, 85 T€ (angemeldet)”; a state they all share is said once."""
    rows = sorted(measure.resources, key=lambda row: (row.year, row.state))
    states = {row.state for row in rows}
    years = [f"{year}: {_amounts(list(group), states)}" for year, group in groupby(rows, key=lambda row: row.year)]
    if len(states) == 1 and any(states):
        years[-1] += f" ({states.pop()})"
    return years


def _amounts(rows, states):
    if len(states) == 1:
        return ", ".join(map(resource, rows))
    by_state = [(state, list(group)) for state, group in groupby(rows, key=lambda row: row.state)]
    return "; ".join(", ".join(map(resource, group)) + (f" ({state})" if state else "") for state, group in by_state)


@register.filter
def resource(row):
    """“0,5 Stellen”, “85 T€ (investiv)”."""
    if row.kind == "positions":
        return f"{positions(row.amount)} Stellen"
    return f"{thousands(row.amount)} T€" + (" (investiv)" if row.kind == "capital" else "")


@register.filter
def places(sources):
    """Sources in short: of an address its host, each once."""
    matches = [(source, HOST.match(source.replace(BREAK, ""))) for source in sources]
    return ", ".join(dict.fromkeys(host[1] if host else source for source, host in matches))


@register.filter
def running(text, length=70):
    """What fits into a running line."""
    return shortened(text, length)


def shortened(text, length):
    return text if len(text) <= length else f"{text[: length - 1]}…"


@register.filter
def typeset(text):
    """Escaped text whose names and numbers stay in one piece at the end of a line; typed lines stay lines."""
    tied = TIED.sub("\u00a0", str(escape(text)))
    named = NAME.sub(r'<span class="name">\g<0></span>', tied)
    return mark_safe(named.replace("\n", "<br>"))  # noqa: S308 - escaped above


@register.filter
def address(url):
    """An address as people type it; of one nobody would, the host."""
    typed = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    return breakable(typed) if len(typed) <= LONGEST_ADDRESS else places([url])


@register.filter
def where_it_stands(value):
    """The source of a value, with the way there."""
    return format_html('<a href="{}">{}</a>', value.url, value.source) if value.url else value.source or "–"


@register.filter
def day_known(value):
    return day(value) if value else "ohne Datum"


@register.filter
def prose(text):
    """Typed prose with its paragraphs, lists, emphasis and links; what has no end is set as plain words."""
    if HOPELESS.search(text):
        return format_html_join("", "<p>{}</p>", ((typeset(breakable(line)),) for line in paragraphs(text)))
    return html_of(text, typeset=lambda words: typeset(breakable(words)))


@register.simple_tag(takes_context=True)
def light(context, code):
    """A light as the paper shows it: sign and word in one piece, so that neither rests on the colour."""
    shown = context["lights"].get(code)
    return format_html(LIGHT, shown.shape, SIGNS[shown.shape], shown.word) if shown else "–"


@register.filter
def groups_of_eight(text):
    """A checksum in two rows of four groups."""
    groups = [text[start : start + 8] for start in range(0, len(text), 8)]
    return [" ".join(groups[:4]), " ".join(groups[4:])]
