"""Reading measures: the list and the sheet."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from measures.filters import MeasureFilter, choices_of, common_views, count_each, in_order
from measures.models import Measure

from .step import measure_of

ROWS_ON_A_PAGE = 50


@require_GET
@vary_on_headers("HX-Target")
def measure_list(request, strategy):
    """The measures the person may see, cut down and sorted by the address."""
    visible = Measure.objects.visible_to(request.actor).filter(strategy=request.strategy)
    choices = choices_of(request.strategy)
    filters = MeasureFilter(request.GET, visible, actor=request.actor, choices=choices)
    found = in_order(filters.qs.for_list().with_milestones_ahead(), request.GET.get("ordering", ""))
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    views = common_views(visible, request.actor, choices)
    context = {
        "filters": filters,
        "page": page,
        "views": [(view, view.is_asked_by(request.GET)) for view in views],
        "total": views[0].count,
        "ways_out": ways_out(filters) if not page.paginator.count else [],
        "today": timezone.localdate(),
        "may_add": request.actor.has_perm("measures.add_measure", request.strategy),
        "fragment": request.htmx.target,
    }
    part = {"results": "#results", "list": "#list"}.get(request.htmx.target, "")
    return render(request, f"measures/measure_list.html{part}", context)


def ways_out(filters):
    """[(filter, its label, measures found without it)] of the filters that alone stand in the way."""
    held = {name: filters.filters[name].label for name, _value, _label in filters.active}
    if not held or not filters.is_valid():
        return []
    counts = count_each(filters.queryset, {name: filters.without(name) for name in held})
    return [(name, held[name], counts[name]) for name in held if counts[name]]


@require_GET
def measure_detail(request, strategy, code):
    measure = measure_of(request, code)
    return render(request, "measures/measure_detail.html", {"measure": measure})
