"""The search of a strategy: what is found, by kinds, as far as this person may see it."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from strategy.counting import count_all
from strategy.forms.search import SearchForm
from strategy.search import Kind, Words, kinds_for

FIRST_HITS = 5
HITS_ON_A_PAGE = 20


@dataclass(frozen=True)
class Found:
    """What a question finds of one kind."""

    kind: Kind
    count: int
    hits: list


@require_safe
def search(request, strategy):
    """The first hits of each kind, or with ``kind`` all of one, the best first."""
    form = SearchForm(request.GET)
    words, kinds = form.words, kinds_for(request.actor, request.strategy)
    rows = {kind: kind.search(kind.rows(request.actor, request.strategy), words) for kind in kinds}
    counts = count_all(request.strategy, rows) if words else dict.fromkeys(kinds, 0)
    chosen = next((kind for kind in kinds if kind.name == request.GET.get("kind") and counts[kind]), None)
    page = None
    if chosen:
        page = Paginator(chosen.ranked(rows[chosen], words), HITS_ON_A_PAGE).get_page(request.GET.get("page"))
        groups = [Found(chosen, counts[chosen], chosen.hits(page.object_list, words))]
    else:
        groups = [Found(kind, counts[kind], first_hits(kind, rows[kind], words)) for kind in kinds if counts[kind]]
    total = sum(counts.values())
    context = {
        "form": form,
        "words": words,
        "kinds": [(kind, counts[kind], kind == chosen) for kind in kinds],
        "groups": groups,
        "page": page,
        "total": total,
        "is_everything": chosen is None,
        "ways_out": ways_out(words, rows, request) if words and not total else [],
    }
    return render(request, "strategy/search/search.html", context)


def first_hits(kind, rows, words):
    return kind.hits(kind.ranked(rows, words)[:FIRST_HITS], words)


def ways_out(words, rows, request):
    """[(word, what is found by it alone)], one query."""
    if len(words.words) < 2:
        return []
    asked = {
        (word, kind): kind.search(kind.rows(request.actor, request.strategy), Words(word))
        for word in words.words
        for kind in rows
    }
    counts = count_all(request.strategy, asked)
    found = [(word, sum(counts[word, kind] for kind in rows)) for word in dict.fromkeys(words.words)]
    return [(word, count) for word, count in found if count]
