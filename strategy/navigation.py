"""The main menu: what stands where, and who sees it."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Entry:
    """A page of the menu; ``permission`` is asked for the strategy, without one every member sees it."""

    label: str | Promise
    url_name: str
    permission: str = ""


SECTIONS = (
    (
        _("Work"),
        (
            Entry(_("Overview"), "reporting:dashboard"),
            Entry(_("Measures"), "measures:list"),
            Entry(_("Reviews"), "measures:reviews"),
        ),
    ),
    (_("Evaluate"), (Entry(_("Reports"), "reporting:reports"),)),
    (_("Manage"), (Entry(_("Settings"), "strategy:settings", "strategy.change_strategy"),)),
)


def menu(actor, strategy, path):
    """[(section, [{label, url, is_current}])] of what this person may open."""
    sections = [(title, [e for e in entries if may_see(actor, strategy, e)]) for title, entries in SECTIONS]
    links = {entry: address(entry, strategy) for _title, entries in sections for entry in entries}
    current = nearest(links.values(), path)
    return [
        (title, [{"label": e.label, "url": links[e], "is_current": links[e] == current} for e in entries if links[e]])
        for title, entries in sections
        if any(links[e] for e in entries)
    ]


def may_see(actor, strategy, entry):
    return not entry.permission or actor.has_perm(entry.permission, strategy)


def address(entry, strategy):
    try:
        return reverse(entry.url_name, args=[strategy.slug])
    except NoReverseMatch:
        return ""


def nearest(addresses, path):
    """The longest address that the path lies below: a measure belongs to the list, not to the overview."""
    above = [url for url in addresses if url and path.startswith(url)]
    return max(above, key=len, default="")
