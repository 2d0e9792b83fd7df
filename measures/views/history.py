"""The whole history of a measure, as far as the person may read it."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from measures.history import history_of

from .step import measure_of

ENTRIES_ON_A_PAGE = 50


@require_safe
def measure_history(request, strategy, code):
    measure = measure_of(request, code)
    entries = history_of(measure, request.actor)
    page = Paginator(entries, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "measures/measure_history.html", {"measure": measure, "page": page})
