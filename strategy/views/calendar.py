"""A person's deadlines in their own calendar program: the secret address, and what is found there."""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from strategy.calendar import write
from strategy.models import CalendarFeed

from .secret_address import address_page, revoke_page


@require_http_methods(["GET", "POST"])
def calendar(request):
    return address_page(
        request,
        CalendarFeed,
        "strategy/calendar/calendar.html",
        lambda key: [(_("Your calendar address"), reverse("strategy:calendar-feed", args=[key]))],
        back_url=reverse("strategy:account"),
        revoke_url=reverse("strategy:calendar-revoke"),
    )


@require_http_methods(["GET", "POST"])
def revoke(request):
    return revoke_page(
        request,
        CalendarFeed,
        "strategy/calendar/revoke.html",
        reverse("strategy:calendar"),
        title=_("Revoke your calendar address?"),
        loss=_("Your calendar program then shows at most what it has fetched before."),
        done=_("The address has been revoked. Calendar programs find nothing there any more."),
    )


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
