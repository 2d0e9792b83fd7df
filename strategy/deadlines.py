"""What waits for whom until when: the apps offer it, pages (and later the planner of reminders) ask here."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from strategy.models import CouncilSession

SOON_DAYS = 14  # the first step of the ladder of reminders
DATES_OFFERED = 10


@dataclass(frozen=True)
class Task:
    """Something one person has to do. Without ``due_on`` it waits, but has no deadline."""

    kind: str
    object: object
    title: str
    why: str
    act: str
    url: str
    due_on: date | None = None

    def is_overdue(self, on=None):
        return self.due_on is not None and self.due_on < (on or timezone.localdate())


@dataclass(frozen=True)
class Date:
    """A day ahead that concerns the strategy; ``url`` is empty where there is nothing to open."""

    day: date
    title: str
    url: str
    detail: str = ""


_offers = []
_calendars = []


def offers_tasks(offer):
    """Register a function ``(actor, strategy, on) -> iterable of Task``; it asks a constant number of queries."""
    _offers.append(offer)
    return offer


def tasks_of(actor, strategy, on=None):
    """All tasks of this actor in the strategy: by deadline, overdue first, those without one last."""
    on = on or timezone.localdate()
    tasks = [task for offer in _offers for task in offer(actor, strategy, on)]
    return sorted(tasks, key=lambda task: (task.due_on or date.max, task.title))


def offers_dates(offer):
    """Register a function ``(actor, strategy, on) -> iterable of Date``; it asks a constant number of queries."""
    _calendars.append(offer)
    return offer


def dates_ahead(actor, strategy, on=None):
    """The next days of the strategy that this actor may know of, soonest first."""
    on = on or timezone.localdate()
    dates = [entry for offer in _calendars for entry in offer(actor, strategy, on)]
    return sorted(dates, key=lambda entry: (entry.day, entry.title))


@offers_dates
def council_sessions(actor, strategy, on):
    sessions = CouncilSession.objects.filter(strategy=strategy, held_on__gte=on).select_related("body")
    maintains = actor.has_perm("strategy.change_councilsession", strategy)
    url = reverse("strategy:sessions", args=[strategy.slug]) if maintains else ""
    for session in sessions.order_by("held_on", "pk")[:DATES_OFFERED]:
        publicity = _("public") if session.is_public else _("not public")
        yield Date(session.held_on, session.body.name, url, publicity)
