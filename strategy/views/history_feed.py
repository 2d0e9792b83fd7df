"""What happens in a strategy, newest first: as a page, and as a feed at a secret address."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from strategy.actor import Actor
from strategy.history import feed_of
from strategy.history.atom import write
from strategy.history.stories import days_until
from strategy.models import HistoryFeed, Strategy
from strategy.second_factor import actor_by_key

from .history import ENTRIES_ON_A_PAGE, chosen
from .secret_address import address_page, revoke_page

PERIODS = {
    7: gettext_lazy("7 days"),
    30: gettext_lazy("30 days"),
    90: gettext_lazy("90 days"),
    365: gettext_lazy("12 months"),
}
USUAL = 30


@dataclass(frozen=True)
class Asked:
    """The days asked for; what cannot be understood asks for the usual ones."""

    days: int
    until: date

    @classmethod
    def of(cls, data, today):
        days = next((days for days in PERIODS if data.get("days") == str(days)), USUAL)
        return cls(days, min(day_of(data.get("until", "")) or today, today))

    @property
    def first(self):
        return self.until - timedelta(days=self.days - 1)

    @property
    def before(self):
        """The last of the days before these."""
        return self.until - timedelta(days=self.days)


def day_of(text):
    """The day, or nothing; so early that nothing lies before it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1900 else None


@require_safe
def history(request, strategy):
    """By period and section. Not by person: nobody is to be watched across a whole strategy."""
    today = timezone.localdate()
    asked = Asked.of(request.GET, today)
    entries = feed_of(request.strategy, request.actor, days_until(asked.until, asked.days))
    counts = Counter(entry.section for entry in entries)
    sections = sorted(((*section, count) for section, count in counts.items()), key=lambda one: str(one[1]))
    section = chosen(request, "section", sections)
    found = [entry for entry in entries if not section or entry.section[0] == section]
    context = {
        "asked": asked,
        "periods": PERIODS,
        "is_now": asked.until == today,
        "sections": sections,
        "section": section,
        "total": len(entries),
        "page": Paginator(found, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "strategy/history/feed.html", context)


@require_http_methods(["GET", "POST"])
def address(request):
    strategies = Strategy.objects.visible_to(Actor.of(request.user))
    return address_page(
        request,
        HistoryFeed,
        "strategy/history/address.html",
        lambda key: [(row, reverse("strategy:history-feed", args=[key, row.slug])) for row in strategies],
        back_url=reverse("strategy:account"),
        revoke_url=reverse("strategy:history-address-revoke"),
    )


@require_http_methods(["GET", "POST"])
def revoke(request):
    return revoke_page(
        request,
        HistoryFeed,
        "strategy/history/address_revoke.html",
        reverse("strategy:history-address"),
        title=_("Revoke your feed address?"),
        loss=_("Your feed reader then shows at most what it has fetched before."),
        done=_("The address has been revoked. Feed readers find nothing there any more."),
    )


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def feed(request, key, slug):
    """The feed itself: the key is all that is asked, so nothing here may set a cookie or ask for a sign-in."""
    found = HistoryFeed.objects.of_key(key).select_related("user").first()
    actor = found and actor_by_key(found.user)
    strategy = found and Strategy.objects.visible_to(actor).filter(slug=slug).first()
    if strategy is None:
        text = _("There is no feed at this address.")
        return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(write(strategy, actor), content_type="application/atom+xml; charset=utf-8")
    found.note_use(timezone.localdate())
    answer["Content-Language"] = found.user.language
    return answer
