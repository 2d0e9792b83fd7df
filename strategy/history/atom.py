"""What happens in a strategy as an Atom feed (RFC 4287), for one reader, in their language."""

from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import override

from strategy.letters import absolute, one_line

from . import feed_of
from .stories import days_until

DAYS, LONGEST = 30, 100  # of so many days, so many entries at most


def write(strategy, actor) -> bytes:
    with override(actor.user.language):
        page = absolute(reverse("strategy:history", args=[strategy.slug]))
        feed = Atom1Feed(
            title=_("History · %(strategy)s") % {"strategy": strategy},
            link=page,
            description="",
            language=actor.user.language,
            feed_guid=f"tag:{host()},2026:{strategy.slug}/history",
            author_name="worksttogether",
        )
        for entry in feed_of(strategy, actor, days_until(timezone.localdate(), DAYS))[:LONGEST]:
            feed.add_item(**item(entry, strategy, page))
        return feed.writeString("utf-8").encode()


def host():
    return urlsplit(settings.BASE_URL).hostname


def item(entry, strategy, page):
    return {
        "title": one_line(f"{entry.root}: {entry.text}"),
        "link": absolute(entry.url) if entry.url else page,
        "description": render_to_string("strategy/history/_atom.html", {"entry": entry, "strategy": strategy}).strip(),
        "unique_id": f"tag:{host()},2026:{strategy.slug}/history/{key_of(entry)}",
        "pubdate": entry.at,
        "updateddate": entry.at,
        "author_name": str(entry.user) if entry.user else "worksttogether",
        "categories": [str(entry.section[1])],
    }


def key_of(entry):
    """What happened to one object at one moment stays the same entry, whatever is read of it later."""
    return f"{entry.kind._meta.model_name}/{entry.root.pk}/{entry.at.timestamp():.6f}"
