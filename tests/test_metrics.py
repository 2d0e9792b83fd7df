"""Figures of operation: for whoever has the token, complete over all processes, in a constant number of queries."""

import re
import time
import urllib.request
from datetime import timedelta

import pytest
from django.utils import timezone

from measures.models import ImportRun
from reporting.models import ReportBuild
from strategy.models import OutgoingMail, Reminder
from tests.factories import MembershipFactory
from tests.processes import running
from tests.reporting import reports
from tests.services import free_port, wait_for
from worksttogether.celery import app

TOKEN = "a-token-of-the-tests-that-is-long-enough"
QUERIES = 10


@pytest.fixture
def asked(client, settings, db):
    settings.METRICS_TOKEN = TOKEN
    return lambda: client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})


def figures(text):
    """{name with labels: value}"""
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _space, value in lines}


# Who gets them


@pytest.mark.parametrize(
    "shown", [None, "", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer ä", f"bearer {TOKEN}x"]
)
def test_whoever_has_no_token_finds_nothing(client, settings, shown, db):
    settings.METRICS_TOKEN = TOKEN

    assert client.get("/metrics", headers=(shown is not None and {"Authorization": shown}) or {}).status_code == 404


def test_without_a_token_in_the_settings_nobody_gets_any(client, db):
    for shown in ("Bearer ", "Bearer", ""):
        assert client.get("/metrics", headers={"Authorization": shown}).status_code == 404


def test_the_token_is_enough(asked):
    answer = asked()

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]


# What they tell


def mails(count, **values):
    member = MembershipFactory()
    for number in range(count):
        row = OutgoingMail.objects.queue(
            strategy_id=member.strategy_id,
            recipient=member.user,
            occasion=f"test:{number}",
            subject="Kanarienvogel",
            body="",
        )
        OutgoingMail.objects.filter(pk=row.pk).update(**values)


@pytest.mark.sqlite
def test_they_tell_what_waits_and_for_how_long(asked, cast):
    report = reports.draft(cast)
    OutgoingMail.objects.all().delete()
    mails(3, not_before=timezone.now() - timedelta(hours=1))
    mails(1, state=OutgoingMail.State.FAILED)
    ReportBuild.objects.create(
        strategy=cast.strategy, report=report, number=1, asked_at=timezone.now() - timedelta(minutes=10)
    )

    told = figures(asked().content.decode())

    assert told['portal_mails{state="waiting"}'] == 3
    assert told['portal_mails{state="failed"}'] == 1
    assert 3600 <= told["portal_mails_oldest_seconds"] < 3700
    assert told['portal_report_builds{state="waiting"}'] == 1
    assert 600 <= told["portal_report_builds_oldest_seconds"] < 700
    assert told["portal_reminders_due"] == 0
    assert told["portal_broker_up"] == 1
    assert {f'portal_queue_messages{{queue="{name}"}}' for name in app.amqp.queues} <= told.keys()
    assert {f'portal_reminders{{state="{state}"}}' for state in Reminder.State.values} <= told.keys()
    assert {f'portal_imports{{state="{state}"}}' for state in ImportRun.State.values} <= told.keys()
    assert told['django_http_requests_total_by_method_total{method="GET"}'] >= 1


def test_they_name_nobody_and_nothing(asked, cast):
    mails(2)
    cast.measure("draft", title="Kanarienvogel")

    told = asked().content.decode()

    assert "Kanarienvogel" not in told
    assert cast.strategy.slug not in told


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_does_not_grow(asked, django_assert_num_queries, count):
    mails(count)

    with django_assert_num_queries(QUERIES):
        asked()


def test_messages_of_a_queue_are_counted(asked):
    app.control.purge()
    before = figures(asked().content.decode())['portal_queue_messages{queue="reports"}']
    for _number in range(3):
        app.send_task("reporting.tasks.sweep_builds", queue="reports")

    assert figures(asked().content.decode())['portal_queue_messages{queue="reports"}'] == before + 3
    app.control.purge()


def test_a_broker_that_is_gone_is_a_figure(asked, monkeypatch):
    monkeypatch.setattr(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")

    assert figures(asked().content.decode())["portal_broker_up"] == 0


# Several processes


@pytest.mark.django_db(transaction=True)
def test_requests_are_counted_over_all_processes_of_a_server():
    port, count = free_port(), 40
    options = ["--config", "python:worksttogether.gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with running("gunicorn", *options, METRICS_TOKEN=TOKEN):
        ask = lambda path: urllib.request.urlopen(  # noqa: E731
            urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        ).read()
        wait_for(lambda: ask("/healthz"), OSError)
        time.sleep(1)
        before = served(ask("/metrics").decode())
        for _number in range(count):
            ask("/healthz")
        told = [served(ask("/metrics").decode()) for _time in range(6)]

    assert told == [before + count] * 6


def served(text):
    (value,) = re.findall(
        r'^django_http_requests_total_by_view_transport_method_total\{.*view="healthz".*\} (\S+)$', text, re.MULTILINE
    )
    return float(value)
