"""The log of reminders about one object as a page: the same for all kinds."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render

from strategy.models import Reminder

from .dispatch import OF_ONE_BATCH, batches_of

ROWS_ON_A_PAGE = 100


def reminder_log(request, root, crumbs, *below):
    """Who has been reminded of this object and what belongs to it, and who will be; the view has made sure that it is
    visible.

    ``crumbs`` are the pairs (label, address) that lead here, the object itself last; ``below`` are querysets of what
    belongs to it and has deadlines of its own. Raises PermissionDenied.
    """
    if not request.actor.has_perm("strategy.view_dispatch", root):
        raise PermissionDenied("strategy.view_dispatch")
    rows = Reminder.objects.filter(strategy=request.strategy).about(root, *below).with_functions(request.strategy)
    page = Paginator(rows.order_by("-send_on", *OF_ONE_BATCH, "pk"), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"crumbs": crumbs, "back": crumbs[-1], "page": page, "batches": batches_of(page.object_list)}
    return render(request, "strategy/dispatch/log.html", context)
