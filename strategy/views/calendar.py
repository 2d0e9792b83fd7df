"""A person's deadlines in their own calendar program: the secret address, and what is found there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from strategy.calendar import write
from strategy.letters import absolute
from strategy.models import CalendarFeed


@require_http_methods(["GET", "POST"])
def calendar(request):
    """The state of one's address. It is made or renewed here and shown this once, so nothing redirects."""
    context = {"back_url": reverse("strategy:account")}
    if request.method == "POST":
        key = CalendarFeed.objects.issue(request.user)
        context["address"] = absolute(reverse("strategy:calendar-feed", args=[key]))
    context["feed"] = CalendarFeed.objects.filter(user=request.user).first()
    return render(request, "strategy/calendar/calendar.html", context)


@require_http_methods(["GET", "POST"])
def revoke(request):
    feed = CalendarFeed.objects.filter(user=request.user).first()
    if feed is None:
        return redirect("strategy:calendar")
    if request.method == "POST":
        feed.delete()
        messages.success(request, _("The address has been revoked. Calendar programs find nothing there any more."))
        return redirect("strategy:calendar")
    return render(request, "strategy/calendar/revoke.html", {"back_url": reverse("strategy:calendar")})


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def feed(request, key):
    """The calendar itself: the key is all that is asked, so nothing here may set a cookie or ask for a sign-in."""
    with transaction.atomic():
        found = CalendarFeed.objects.of_key(key).select_related("user").select_for_update(of=("self",)).first()
        if found is None:
            text = _("There is no calendar at this address.")
            return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
        answer = HttpResponse(write(found), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="worksttogether.ics"'
    answer["Content-Language"] = found.user.language
    return answer
