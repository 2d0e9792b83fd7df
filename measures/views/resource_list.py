"""All resource requests one may see: their sums, and the rows behind them, today or as of a past day."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from measures.exchange.resources import resource_sheet
from measures.exchange.writer import file_of
from measures.models import ResourceRequest
from measures.resource_sums import ResourceSums, lines_of

from .past import of_any_day

ROWS_ON_A_PAGE = 25


@require_safe
@of_any_day()
def resource_list(request, strategy):
    visible = ResourceRequest.objects.visible_to(request.actor).filter(strategy=request.strategy)
    sums = ResourceSums(request.GET, lines_of(visible))
    if "export" in request.GET:
        rows = visible.for_list().in_bulk([line.pk for line in sums.found])
        sheet = resource_sheet([rows[line.pk] for line in sums.found if line.pk in rows])
        return file_of(request.GET["export"], gettext("resources"), [sheet])
    page = Paginator(sums.found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = visible.for_list().in_bulk([line.pk for line in page])
    context = {
        "sums": sums,
        "page": page,
        "requests": [rows[line.pk] for line in page if line.pk in rows],
        "total": len(sums.lines),
    }
    return render(request, "measures/resource/list.html", context)
