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
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from strategy.filters import MailFilter
from strategy.forms.dispatch import SeenForm
from strategy.ladder import AFTER, working_day
from strategy.models import Membership, OutgoingMail, Reminder, ReminderRules
from strategy.navigation import page_asked_for

DAYS_AHEAD = timedelta(days=7)
REMINDERS_ON_A_PAGE = 100
MAILS_SHOWN = 5  # above what goes out; all of them have a page of their own
MAILS_ON_A_PAGE = 50
OF_ONE_BATCH = ("content_type_id", "object_id", "due_on", "step", "state", "withdrawn_because", "settled_at")


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
    mails = in_trouble(request.strategy)
    context = {
        "days": days_of(page.object_list, planned, today),
        "page": page,
        "today": today,
        "rules": ReminderRules.of(request.strategy),
        "mails": with_functions(mails[:MAILS_SHOWN], request.strategy),
        "mail_count": mails.count(),
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
    groups = groupby(rows, key=lambda row: [getattr(row, name) for name in OF_ONE_BATCH])
    return [batch_of(list(together)) for _key, together in groups]


def batch_of(rows):
    who = Counter((functions_of(row.recipient), functions_of(row.in_place_of)) for row in rows)
    return Batch(rows[0], dict(who))  # of a Counter a template would ask for its key "items"


def functions_of(person):
    """Under what the portal knows them here: their roles."""
    return "; ".join(map(str, person.functions)) if person else ""


def in_trouble(strategy):
    return OutgoingMail.objects.filter(strategy=strategy).in_trouble()


def with_functions(mails, strategy):
    """The rows of a page, each with the functions of its recipient."""
    held = Membership.objects.valid().filter(strategy=strategy).select_related("unit")
    functions = Prefetch("recipient__memberships", held, to_attr="functions")
    shown = list(mails.select_related("recipient").prefetch_related(functions))
    for mail in shown:
        mail.functions = functions_of(mail.recipient)
        mail.is_failed = mail.state == OutgoingMail.State.FAILED
    return shown


@require_safe
def mails(request, strategy):
    """All that has not arrived, to be looked through and sent again."""
    if not request.actor.has_perm("strategy.view_dispatch", request.strategy):
        raise PermissionDenied("strategy.view_dispatch")
    filters = MailFilter(request.GET, in_trouble(request.strategy), request.strategy)
    page = Paginator(filters.qs, MAILS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "mails": with_functions(page.object_list, request.strategy),
        "failed_count": filters.qs.failed().count(),
        "may_resend": request.actor.has_perm("strategy.resend_outgoingmail", request.strategy),
    }
    return render(request, "strategy/dispatch/mails.html", context)


@require_POST
def resend(request, strategy, pk):
    if not request.actor.has_perm("strategy.resend_outgoingmail", request.strategy):
        raise PermissionDenied("strategy.resend_outgoingmail")
    mail = get_object_or_404(OutgoingMail.objects.filter(strategy=request.strategy), pk=pk)
    if OutgoingMail.objects.filter(pk=mail.pk).resend(request.strategy, by=request.actor):
        messages.success(request, _("The mail waits to be sent again, unless what it tells of has been done."))
    else:
        messages.info(request, _("This mail has not failed, or not any more."))
    return redirect(page_asked_for(request) or reverse("strategy:dispatch", args=[request.strategy.slug]))


@require_http_methods(["GET", "POST"])
def resend_all(request, strategy):
    """The failed ones of a filter, on all its pages: first how many, then as many as were confirmed."""
    if not request.actor.has_perm("strategy.resend_outgoingmail", request.strategy):
        raise PermissionDenied("strategy.resend_outgoingmail")
    back_url = f"{reverse('strategy:mails', args=[request.strategy.slug])}?{request.GET.urlencode()}"
    failed = MailFilter(request.GET, in_trouble(request.strategy), request.strategy).qs.failed()
    count = failed.count()
    if not count:
        messages.info(request, _("None of these mails has failed, or none any more."))
        return redirect(back_url)
    form = SeenForm(request.POST or None, initial={"count": count})
    is_seen = form.is_valid() and form.cleaned_data["count"] == count
    if is_seen:
        messages.success(request, waiting_again(failed.resend(request.strategy, by=request.actor)))
        return redirect(back_url)
    step = resending(count, has_changed=form.is_bound)
    context = {"form": SeenForm(initial={"count": count}), "step": step, "back_url": back_url}
    return render(request, "strategy/dispatch/resend.html", context)


def waiting_again(count):
    return ngettext(
        "%(count)d mail waits to be sent again, unless what it tells of has been done.",
        "%(count)d mails wait to be sent again, unless what they tell of has been done.",
        count,
    ) % {"count": count}


def resending(count, *, has_changed):
    title = ngettext("Send %(count)d mail again", "Send %(count)d mails again", count) % {"count": count}
    consequences = [
        _("They go out as the same mails, so that whoever has got one after all can see that it is a repeat."),
        _("A reminder goes out only where what it asks for has not been done."),
    ]
    if has_changed:
        consequences.insert(0, _("The number has changed since you opened this page. Nothing has been sent yet."))
    return {"title": title, "button": title, "consequences": consequences}
