"""Needs of the staff council: what is asked for, and what has become of it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from measures.models import Need


@require_safe
def need_list(request, strategy):
    if not request.actor.has_perm("measures.view_needs", request.strategy):
        raise PermissionDenied("measures.view_needs")
    needs = Need.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return render(request, "measures/need/list.html", {"needs": needs.for_list()})


@require_safe
def need(request, strategy, pk):
    needs = Need.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return render(request, "measures/need/need.html", {"need": get_object_or_404(needs.for_list(), pk=pk)})
