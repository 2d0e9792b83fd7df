"""How complete the measures are: each rule with its count, each count leading to its measures."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from measures.models import Measure
from measures.quality import RULES, breaking, counts

FIRST = 2  # what is stale and what has no owner stay on top, the others follow by their count


@require_safe
def quality(request, strategy):
    if not request.actor.has_perm("measures.view_quality", request.strategy):
        raise PermissionDenied("measures.view_quality")
    today = timezone.localdate()
    measures = Measure.objects.visible_to(request.actor).filter(strategy=request.strategy).under_way()
    rows = counts(measures, today)
    context = {
        "rows": [*rows[:FIRST], *sorted(rows[FIRST:], key=lambda row: -row.broken)],
        "total": measures.count(),
        "with_gaps": breaking(measures, [rule.key for rule in RULES], today).count(),
    }
    return render(request, "measures/quality/quality.html", context)
