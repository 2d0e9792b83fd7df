"""The main menu: what stands where, and who sees it; and the way back from a form."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from strategy.as_of import present
from strategy.models import SubmittedForm

LONGEST_ADDRESS = SubmittedForm._meta.get_field("location").max_length


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
            Entry(_("Reviews"), "measures:reviews", "measures.view_reviews"),
            Entry(_("Prioritisation"), "measures:rankings", "measures.view_rankings"),
            Entry(_("Needs"), "measures:needs", "measures.view_needs"),
        ),
    ),
    (
        _("Evaluate"),
        (
            Entry(_("Timeline"), "reporting:timeline"),
            Entry(_("Data quality"), "measures:quality", "measures.view_quality"),
            Entry(_("Indicators"), "measures:indicators"),
            Entry(_("Resources"), "measures:resources"),
            Entry(_("Reports"), "reporting:reports"),
            Entry(_("Brochure"), "reporting:brochure"),
            Entry(_("History"), "strategy:history"),
        ),
    ),
    (
        _("Manage"),
        (
            Entry(_("Council sessions"), "strategy:sessions", "strategy.change_councilsession"),
            Entry(_("Council papers"), "strategy:papers", "strategy.change_councilpaper"),
            Entry(_("Dispatch"), "strategy:dispatch", "strategy.view_dispatch"),
            Entry(_("Settings"), "strategy:settings", "strategy.change_strategy"),
        ),
    ),
)


_counters = []


def counts_entries(counter):
    """Register a function ``(actor, strategy) -> {url name: count}`` of open or visible things; it asks one query."""
    _counters.append(counter)
    return counter


@present()
def counts_of(actor, strategy):
    """{url name: count} for the frame of a page: the entries of the menu, and the bell, whatever day it shows."""
    return {name: count for counter in _counters for name, count in counter(actor, strategy).items()}


def menu(actor, strategy, path, counts=None):
    """[(section, [{label, url, is_current, count}])] of what this person may open."""
    counts = counts_of(actor, strategy) if counts is None else counts
    sections = [(title, [e for e in entries if may_see(actor, strategy, e)]) for title, entries in SECTIONS]
    addresses = {e: reverse(e.url_name, args=[strategy.slug]) for _title, entries in sections for e in entries}
    current = nearest(addresses.values(), path, home=reverse("reporting:dashboard", args=[strategy.slug]))
    return [
        (title, [link(e, addresses[e], current, counts) for e in entries]) for title, entries in sections if entries
    ]


def link(entry, address, current, counts):
    return {
        "label": entry.label,
        "url": address,
        "is_current": address == current,
        "count": counts.get(entry.url_name, 0),
    }


def may_see(actor, strategy, entry):
    return not entry.permission or actor.has_perm(entry.permission, strategy)


def nearest(addresses, path, home):
    """The longest address that the path lies below: a measure belongs to the list; to the overview only itself."""
    above = (address for address in addresses if path == address or (address != home and path.startswith(address)))
    return max(above, key=len, default="")


def page_asked_for(request):
    """The page of ours a form wants to lead to (``next``); nothing where it is none, or none that can be kept."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.isprintable() and len(wanted) <= LONGEST_ADDRESS else ""
