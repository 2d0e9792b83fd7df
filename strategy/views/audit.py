"""The audit trail as the administrator reads it: who did what kind of thing, when, and whether the chain holds."""

import csv
import io

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from strategy import audit_page
from strategy.audit import head
from strategy.escape import guarded
from strategy.forms.audit import AuditFilter
from strategy.models import AuditHead, AuditLink

ENTRIES_ON_A_PAGE = 50
MOST_EXPORTED = 50_000


@require_safe
def audit_trail(request, strategy):
    if not request.actor.has_perm("strategy.view_audit", request.strategy):
        raise PermissionDenied("strategy.view_audit")
    filters = AuditFilter(request.GET, strategy=request.strategy)
    rows = filters.rows()
    if "export" in request.GET:
        return exported(request, rows)
    page = Paginator(rows, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "entries": audit_page.entries(page.object_list, request.actor, request.strategy),
        "chain": AuditHead.objects.filter(pk=1).first(),
        "last": AuditLink.objects.order_by("-position").first(),
        "kept": next(reversed(head.kept()), None),
    }
    return render(request, "strategy/audit/audit.html", context)


def exported(request, rows):
    """What the filter shows as a csv; nothing in it is a formula."""
    if request.GET["export"] != "csv":
        raise Http404
    out = io.StringIO(newline="")
    out.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    table = csv.writer(out, delimiter=";" if get_format("DECIMAL_SEPARATOR") == "," else ",")
    table.writerow([_("When"), _("Who"), _("In place of"), _("What"), _("About")])
    for entry in audit_page.entries(rows[:MOST_EXPORTED], request.actor, request.strategy):
        words = [entry.who or "", entry.in_place_of or "", entry.what, entry.about]
        moment = timezone.localtime(entry.at).isoformat(timespec="seconds")
        table.writerow([moment, *(guarded(str(word)) for word in words)])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer
