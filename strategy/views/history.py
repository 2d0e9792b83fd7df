"""The history of one object as a page: the same for all kinds, with filters by kind and by person."""

from collections import Counter

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from strategy.history import history_of
from strategy.history.structure import HISTORY_OF_STRUCTURE

from .kinds import KINDS

ENTRIES_ON_A_PAGE = 50


def history_page(request, root, crumbs, **context):
    """What happened to this object, as far as the person may read it; the view has made sure that it is visible.

    ``crumbs`` are the pairs (label, address) that lead here, the object itself last.
    """
    entries = history_of(root, request.actor)
    kinds, people = kinds_of(entries), people_of(entries)
    kind, person = chosen(request, "kind", kinds), chosen(request, "person", people)
    found = [
        entry
        for entry in entries
        if (not kind or entry.kind._meta.model_name == kind) and (not person or str(entry.user_id) == person)
    ]
    context |= {
        "root": root,
        "crumbs": crumbs,
        "called": ", ".join(str(label) for label, _address in crumbs[1:] or crumbs),
        "page": Paginator(found, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page")),
        "kinds": kinds,
        "people": people,
        "kind": kind,
        "person": person,
        "total": len(entries),
    }
    return render(request, "strategy/history/object.html", context)


def kinds_of(entries):
    """[(name, words, count)] of what the entries are about."""
    counts = Counter(entry.kind for entry in entries)
    words = ((kind._meta.model_name, capfirst(kind._meta.verbose_name), count) for kind, count in counts.items())
    return sorted(words, key=lambda one: str(one[1]))


def people_of(entries):
    """[(id, person, count)] of those who acted."""
    counts = Counter(entry.user for entry in entries if entry.user)
    return sorted(((str(user.pk), str(user), count) for user, count in counts.items()), key=lambda one: one[1])


def chosen(request, name, options):
    """The value asked for, if it is one of these; anything else asks nothing."""
    asked = request.GET.get(name, "")
    return asked if asked in {value for value, _words, _count in options} else ""


@require_safe
def structure_history(request, strategy, kind, pk):
    """Fields, stages, units, members and all else that is maintained in the settings."""
    maintained, permission = KINDS[kind], HISTORY_OF_STRUCTURE
    if not (request.actor.has_perm(permission, request.strategy)):
        raise PermissionDenied(permission)
    row = get_object_or_404(maintained.rows(request.strategy), pk=pk)
    may_edit = request.actor.has_perm(maintained.permission, request.strategy)
    address = [request.strategy.slug]
    crumbs = [
        (maintained.title, reverse(maintained.list_url, args=address) if may_edit else ""),
        (row, reverse(maintained.edit_url, args=[*address, row.pk]) if may_edit else ""),
    ]
    return history_page(request, row, crumbs)


@require_safe
def strategy_history(request, strategy):
    """The strategy's own texts and rhythms."""
    if not request.actor.has_perm(HISTORY_OF_STRUCTURE, request.strategy):
        raise PermissionDenied(HISTORY_OF_STRUCTURE)
    may_edit = request.actor.has_perm("strategy.change_strategy", request.strategy)
    url = reverse("strategy:settings-edit", args=[request.strategy.slug]) if may_edit else ""
    overview = reverse("strategy:settings", args=[request.strategy.slug]) if may_edit else ""
    return history_page(request, request.strategy, [(_("Settings"), overview), (request.strategy, url)])
