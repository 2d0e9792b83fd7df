"""A person's deadlines as an iCalendar (RFC 5545, 7986) that calendar programs subscribe to. Their own rights count."""

from datetime import UTC, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Calendar, Event

from strategy.deadlines import deadlines_of
from strategy.letters import absolute, one_line
from strategy.models import CalendarEntry, Strategy
from strategy.second_factor import actor_by_key

FETCH_EVERY = timedelta(hours=4)  # what we ask of calendar programs


def write(feed, at=None) -> bytes:
    """The calendar as it is now, in the person's language; what has changed since the last time is a new version.

    The caller holds the lock on the feed. Queries: a constant number for each strategy.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    actor = actor_by_key(feed.user, today)
    with override(feed.user.language):
        deadlines = {strategy: deadlines_of(actor, strategy, today) for strategy in Strategy.objects.visible_to(actor)}
        told = CalendarEntry.objects.follow(feed, deadlines, at)
        strategies = {strategy.pk: strategy for strategy in deadlines}
        calendar = frame()
        for entry, task in sorted(told, key=lambda pair: (pair[0].due_on, pair[0].title)):
            calendar.add_component(event(entry, task, strategies[entry.strategy_id]))
    feed.note_use(today)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def frame():
    calendar = Calendar()
    name = _("Deadlines · worksttogether")
    calendar.add("prodid", "-//worksttogether//deadlines//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval", FETCH_EVERY, parameters={"VALUE": "DURATION"})
    return calendar


def event(entry, task, strategy):
    """One deadline; of a cancelled one only that it is no more, for its words may not be theirs to read any longer."""
    event = Event()
    event.add("uid", f"{entry.pk}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    for name, value in times(entry).items():
        event.add(name, value)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    event.add("categories", [plain(strategy)])
    if task is None:
        event.add("status", "CANCELLED")
        event.add("summary", _("Done or no longer due"))
        return event
    event.add("status", "CONFIRMED")
    event.add("summary", plain(task.title))
    event.add("description", f"{plain(task.why)}\n{plain(task.act)}: {absolute(task.url)}".strip())
    event.add("url", absolute(task.url))
    return event


def times(entry):
    """The moment where one is known; what ends at 24:00 is a matter of the whole day before."""
    if entry.due_at and timezone.localdate(entry.due_at) == entry.due_on:
        return {"dtstart": timezone.localtime(entry.due_at)}
    return {"dtstart": entry.due_on, "dtend": entry.due_on + timedelta(days=1)}


def plain(words):
    """One line without the control characters that the format forbids."""
    return "".join(letter for letter in one_line(words) if letter.isprintable())
