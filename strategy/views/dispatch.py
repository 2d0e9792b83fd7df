"""What goes out to whom, why, and what has not arrived: for those who answer for it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from strategy.ladder import AFTER, working_day
from strategy.models import Membership, OutgoingMail, Reminder, ReminderRules

DAYS_AHEAD = timedelta(days=7)
REMINDERS_ON_A_PAGE = 100
MAILS_SHOWN = 50


@dataclass(frozen=True)
class Batch:
    """One step of one deadline, and who is told of it: {(functions, in place of): number}, never names."""

    first: Reminder
    recipients: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Day:
    day: date
    batches: list[Batch]
    count: int
    is_next: bool


@require_safe
def dispatch(request, strategy):
    if not request.actor.has_perm("strategy.view_dispatch", request.strategy):
        raise PermissionDenied("strategy.view_dispatch")
    today = timezone.localdate()
    planned = Reminder.objects.filter(strategy=request.strategy).ahead(today + DAYS_AHEAD)
    rows = planned.with_functions(request.strategy)
    page = Paginator(rows, REMINDERS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "days": days_of(page.object_list, planned, today),
        "page": page,
        "today": today,
        "rules": ReminderRules.of(request.strategy),
        "mails": mails_in_trouble(request.strategy),
        "may_resend": request.actor.has_perm("strategy.resend_outgoingmail", request.strategy),
    }
    return render(request, "strategy/dispatch/dispatch.html", context)


def days_of(rows, planned, today):
    """The rows of this page by the day on which they go out; what should have gone out before goes out next."""
    soonest, tomorrow = working_day(today, AFTER), working_day(today + timedelta(days=1), AFTER)
    counts = Counter()
    for day, count in planned.order_by().values_list("send_on").annotate(count=Count("pk")):
        counts[max(day, soonest)] += count
    by_day = groupby(rows, key=lambda row: max(row.send_on, soonest))
    return [Day(day, batches_of(rows), counts[day], day == tomorrow) for day, rows in by_day]


def batches_of(rows):
    groups = groupby(rows, key=lambda row: (row.content_type_id, row.object_id, row.due_on, row.step))
    return [batch_of(list(together)) for _key, together in groups]


def batch_of(rows):
    who = Counter((functions_of(row.recipient), functions_of(row.in_place_of)) for row in rows)
    return Batch(rows[0], dict(who))  # of a Counter a template would ask for its key "items"


def functions_of(person):
    """Under what the portal knows them here: their roles."""
    return "; ".join(map(str, person.functions)) if person else ""


def mails_in_trouble(strategy):
    held = Membership.objects.valid().filter(strategy=strategy).select_related("unit")
    functions = Prefetch("recipient__memberships", held, to_attr="functions")
    mails = OutgoingMail.objects.filter(strategy=strategy).in_trouble().select_related("recipient")
    shown = list(mails.prefetch_related(functions)[:MAILS_SHOWN])
    for mail in shown:
        mail.functions = functions_of(mail.recipient)
        mail.is_failed = mail.state == OutgoingMail.State.FAILED
    return shown


@require_POST
def resend(request, strategy, pk):
    if not request.actor.has_perm("strategy.resend_outgoingmail", request.strategy):
        raise PermissionDenied("strategy.resend_outgoingmail")
    mail = get_object_or_404(OutgoingMail.objects.filter(strategy=request.strategy), pk=pk)
    if mail.resend(by=request.actor):
        messages.success(request, _("The mail waits to be sent again, unless what it tells of has been done."))
    else:
        messages.info(request, _("This mail has not failed, or not any more."))
    return redirect("strategy:dispatch", request.strategy.slug)
