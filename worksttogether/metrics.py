"""Figures of operation for Prometheus: what django-prometheus counts of requests, and what waits at that moment.

They tell how much and how old, never who or what. Whoever shows METRICS_TOKEN gets them; nobody, where there is none.
"""

import os

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from measures.models import ImportRun
from reporting.models import ReportBuild
from strategy.models import OutgoingMail, Reminder, ReminderRules, WebhookDelivery

from .celery import app


@require_safe
@never_cache
@login_not_required
def metrics(request):
    shown = request.headers.get("Authorization", "").encode()
    if not settings.METRICS_TOKEN or not constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Http404
    figures = generate_latest(requests()) + generate_latest(waiting())
    return HttpResponse(figures, content_type=CONTENT_TYPE_LATEST)


def requests():
    """What has been counted in this process, or in all of this machine's where gunicorn runs several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


def waiting():
    registry = CollectorRegistry()
    registry.register(Waiting())
    return registry


class Waiting:
    """What waits, and for how long: the same from whichever machine it is asked."""

    def describe(self):
        return []  # else registering would ask the database

    def collect(self):
        now = timezone.now()
        yield from mails(now)
        yield from reminders(now)
        yield from work("report_builds", "Builds of reports", ReportBuild.objects, ReportBuild.State, "asked_at", now)
        yield from work("imports", "Uploaded tables", ImportRun.objects, ImportRun.State, "seen_at", now)
        yield by_state(
            "portal_webhooks", "Events for webhooks", counted(WebhookDelivery.objects, WebhookDelivery.State)
        )
        yield from queues()


def mails(now):
    states = counted(OutgoingMail.objects, OutgoingMail.State)
    yield by_state("portal_mails", "Mails of the outbox", states)
    due = OutgoingMail.objects.waiting().filter(not_before__lte=now)
    yield age("portal_mails_oldest_seconds", "How long the oldest mail waits that may be sent", due, "not_before", now)


def reminders(now):
    today = timezone.localdate(now)
    yield by_state("portal_reminders", "Reminders", counted(Reminder.objects, Reminder.State))
    yield gauge("portal_reminders_due", "Reminders whose day has come", Reminder.objects.due(today).count())
    planned = ReminderRules.objects
    told = "How long ago the planner has last been through the strategy it has waited longest to see"
    yield age("portal_planner_seconds", told, planned, "planned_at", now)


def work(name, told, rows, state, since, now):
    yield by_state(f"portal_{name}", told, counted(rows, state))
    yield age(
        f"portal_{name}_oldest_seconds", f"{told}: how long the oldest waits", rows.filter(state="waiting"), since, now
    )


def queues():
    """How many messages wait for a worker; the broker itself being gone is a figure, too."""
    depth = GaugeMetricFamily("portal_queue_messages", "Messages no worker has taken yet", labels=["queue"])
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            for name, queue in app.amqp.queues.items():
                depth.add_metric([name], queue.bind(connection.default_channel).queue_declare().message_count)
    except OperationalError:
        yield gauge("portal_broker_up", "Whether the broker answers", 0)
        return
    yield gauge("portal_broker_up", "Whether the broker answers", 1)
    yield depth


def counted(rows, state):
    found = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return {value: found.get(value, 0) for value in state.values}


def by_state(name, told, states):
    family = GaugeMetricFamily(name, f"{told}, by state", labels=["state"])
    for state, count in states.items():
        family.add_metric([state], count)
    return family


def age(name, told, rows, since, now):
    oldest = rows.aggregate(oldest=Min(since))["oldest"]
    return gauge(name, told, (now - oldest).total_seconds() if oldest else 0)


def gauge(name, told, value):
    return GaugeMetricFamily(name, told, value=value)
