"""What waits for whom until when: the apps offer it, pages and the planner of reminders ask here."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from strategy.models import CouncilSession

SOON_DAYS = 14  # a task that comes by itself, like the next status update, is shown so many days before
DATES_OFFERED = 10


@dataclass(frozen=True)
class Task:
    """Something one person has to do. Without ``due_on`` it waits, but has no deadline.

    What has a deadline is recalled by the strategy's ladder, see ``strategy.planner``. For it:
    ``due_at`` is the moment, where it is known; ``known_since`` is the day the deadline came into being, steps before
    it are nobody's; ``opens_on`` the day from which it counts as a task; an appointment is recalled but no task and
    never overdue; what ``escalates`` is shown to the steering team at ``about`` when it is long overdue; of what
    ``is_stale`` the project group may remind all; ``quick_url`` lets this one person do it from a mail without signing
    in: nobody else may get it.
    """

    kind: str
    object: object
    title: str
    why: str
    act: str
    url: str
    due_on: date | None = None
    due_at: datetime | None = None
    known_since: date | None = None
    opens_on: date | None = None
    is_appointment: bool = False
    escalates: bool = True
    is_stale: bool = False
    about: str = ""
    quick_url: str = ""

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
_appointments = []
_calendars = []


def offers_tasks(offer):
    """Register a function ``(actor, strategy, on) -> iterable of Task``; it asks a constant number of queries."""
    _offers.append(offer)
    return offer


def tasks_of(actor, strategy, on=None):
    """All tasks of this actor in the strategy: by deadline, overdue first, those without one last."""
    on = on or timezone.localdate()
    tasks = [task for offer in _offers for task in offer(actor, strategy, on)]
    open_by_now = (task for task in tasks if task.opens_on is None or task.opens_on <= on)
    return sorted(open_by_now, key=lambda task: (task.due_on or date.max, task.title))


def offers_appointments(offer):
    """Register a function like those of ``offers_tasks`` for what happens on a day by itself and is no task."""
    _appointments.append(offer)
    return offer


def deadlines_of(actor, strategy, on=None):
    """All that this actor has a day for, tasks still to come and appointments among them."""
    on = on or timezone.localdate()
    offers = (task for offer in (*_offers, *_appointments) for task in offer(actor, strategy, on))
    return [task for task in offers if task.due_on]


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


@offers_appointments
def sessions_to_prepare(actor, strategy, on):
    """For the project group: what the council is to be shown has to be ready by then."""
    if not actor.has_perm("strategy.prepare_councilsession", strategy):
        return
    ahead = CouncilSession.objects.filter(strategy=strategy, held_on__gte=on).select_related("body")
    for session in ahead.order_by("held_on", "pk")[:DATES_OFFERED]:
        yield Task(
            kind="session",
            object=session,
            title=_("Prepare the council session: %(body)s") % {"body": session.body.name},
            why=_("public") if session.is_public else _("not public"),
            act=_("Council sessions"),
            url=reverse("strategy:sessions", args=[strategy.slug]),
            due_on=session.held_on,
            is_appointment=True,
        )
