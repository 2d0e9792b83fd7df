"""The bell: what the person has been told in a strategy."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from strategy.models import Notification

NOTIFICATIONS_ON_A_PAGE = 25


def told(request):
    return Notification.objects.visible_to(request.actor).filter(strategy=request.strategy)


@require_safe
def notification_list(request, strategy):
    """Everything, the newest first."""
    rows = told(request).select_related("strategy")
    page = Paginator(rows, NOTIFICATIONS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "strategy/notification/list.html", {"page": page})


@require_GET
def notification(request, strategy, pk):
    """To what it tells of. Once opened it is read; doing so again changes nothing."""
    row = get_object_or_404(told(request), pk=pk)
    told(request).filter(pk=row.pk).mark_as_read()
    return HttpResponseRedirect(row.url)


@require_POST
def read_all(request, strategy):
    told(request).mark_as_read()
    messages.success(request, _("Everything has been marked as read."))
    return redirect("strategy:notifications", request.strategy.slug)
