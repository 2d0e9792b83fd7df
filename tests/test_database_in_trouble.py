"""Promise P7: PostgreSQL restarted under load. A page says so, never a traceback; nothing is half; it mends itself."""

import os
import sqlite3
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from types import SimpleNamespace

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from measures.models import Measure
from reporting import tasks
from reporting.models.build import ReportBuild
from tests.processes import LIMIT, running, wait_until, worker
from tests.reporting import reports
from tests.services import Cluster, initdb
from tests.test_queue_in_trouble import Browser, web

RESTARTS, READERS = 5, 4
RECOVERY = 10  # seconds without hands until every page answers again
AWAY = (0, 8, 0, 0, 0)  # seconds before it comes back: as quick as it can, and once longer than a request waits
MEASURES = 16  # enough for a build to be caught
WORD = " 503."  # in every language

pytestmark = pytest.mark.django_db(transaction=True)
needs_programs = pytest.mark.skipif(
    connection.vendor != "postgresql" or not initdb(), reason="restarts a PostgreSQL whose programs are on this machine"
)


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (psycopg.OperationalError("connection refused"), 503),
        (psycopg.errors.ConnectionFailure(), 503),
        (psycopg.errors.AdminShutdown(), 503),
        (psycopg.errors.CannotConnectNow(), 503),
        (psycopg.errors.DeadlockDetected(), 500),
        (psycopg.errors.QueryCanceled(), 500),
        (sqlite3.OperationalError("database is locked"), 500),
    ],
)
def test_a_database_that_is_away_is_said_and_any_other_fault_stays_one(cast, monkeypatch, cause, status):
    """A deadlock or a statement that took too long is our fault still."""

    def fail(*arguments):
        raise OperationalError from cause

    monkeypatch.setattr("strategy.middleware.ActorMiddleware.__call__", fail)
    client = Client(raise_request_exception=False)
    client.force_login(cast.reader)

    answer = client.get(reverse("reporting:dashboard", args=[cast.strategy.slug]))

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "Traceback" not in answer.content.decode()


class OwnPostgreSQL(Cluster):
    """A server of this test alone, with a copy of its data, to be maltreated."""

    def __enter__(self):
        self.stack = ExitStack()
        self.stack.enter_context(self.serving())
        self.url = f"{self.server}/portal"
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as db:
            db.execute("CREATE DATABASE portal")
        here = connection.settings_dict
        place = [*("-h", here["HOST"] or "127.0.0.1"), *("-p", str(here["PORT"] or 5432)), *("-U", here["USER"])]
        dump = [self.programs / "pg_dump", "--no-owner", *place, here["NAME"]]
        taken = subprocess.run(
            dump, check=True, capture_output=True, env={**os.environ, "PGPASSWORD": here["PASSWORD"]}
        )
        put = [self.programs / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", self.url]
        subprocess.run(put, check=True, input=taken.stdout, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *exception):
        self.stack.close()

    def restart(self, away):
        self.stack.close()
        time.sleep(away)
        self.stack.enter_context(self.serving())

    def ask(self, statement, *values):
        with psycopg.connect(self.url, autocommit=True) as db:
            done = db.execute(statement, values)
            return done.fetchall() if done.description else None


@pytest.fixture
def open_folder():
    """Those of pytest are closed to the unprivileged user that serves."""
    with tempfile.TemporaryDirectory(prefix="wst-postgresql-") as folder:
        yield folder


@contextmanager
def load(browsers, urls):
    """Everyone reads one page after the other; yields the list of (status, content) that grows meanwhile."""
    answers, enough = [], Event()

    def read(browser):
        while not enough.is_set():
            answers.extend(asked(browser, url) for url in urls)

    readers = [Thread(target=read, args=[browser]) for browser in browsers]
    for reader in readers:
        reader.start()
    try:
        yield answers
    finally:
        enough.set()
        for reader in readers:
            reader.join()


def asked(browser, url):
    answer = browser.get(url)
    return answer.status_code, answer.content.decode()


def seconds_until_all_answer(browser, urls, limit=60):
    began = time.monotonic()
    while any(browser.get(url).status_code != 200 for url in urls):
        assert time.monotonic() - began < limit, "it does not mend itself"
    return time.monotonic() - began


@pytest.fixture
def portal(cast):
    """A report to be built and people who read."""
    with transaction.atomic():
        measures = [cast.measure(Measure.State.RUNNING) for _number in range(MEASURES)]
        report = reports.draft(cast)
    slug = cast.strategy.slug
    urls = [f"/{slug}/", f"/{slug}/measures/", f"/{slug}/measures/{measures[0].code}/", f"/{slug}/reports/{report.pk}/"]
    people = (cast.project_group, cast.steering_team, cast.project_group, cast.steering_team)
    return SimpleNamespace(report=report, urls=urls, browsers=[Browser(0, who, LIMIT) for who in people], slug=slug)


@contextmanager
def at_work(own, portal, **more):
    here = SimpleNamespace(url=os.environ["REDIS_URL"])
    joined = {"DATABASE_URL": own.url, "TEST_POOLED": 1, **more}
    with web(here, **joined) as port, worker(**joined):
        for browser in portal.browsers:
            browser.port = port
        yield portal.browsers[0]


def state_of(own, report):
    return own.ask("SELECT state FROM reporting_councilreport WHERE id = %s", report.pk)[0][0]


def ask_for_a_build(own, author, portal):
    if state_of(own, portal.report) == "ready":
        author.send(f"/{portal.slug}/reports/{portal.report.pk}/reopen/")
    author.send(f"/{portal.slug}/reports/{portal.report.pk}/build/")
    wait_until(lambda: state_of(own, portal.report) != "draft")


def let_it_end(own, report):
    """As after the time in which a worker gives a sign of life, then the planner's sweep."""
    own.ask(
        "UPDATE reporting_reportbuild SET seen_at = seen_at - %s WHERE state = 'running'", 2 * ReportBuild.LOST_AFTER
    )
    tasks.sweep_builds.delay()
    wait_until(lambda: state_of(own, report) != "building", pause=0.2)


def half_built(own):
    """Builds with documents but without both projections and all seven files, or that say they are not done."""
    return own.ask(
        "SELECT b.id, b.state, count(DISTINCT d.id), count(DISTINCT p.id) FROM reporting_reportbuild b"
        " LEFT JOIN reporting_reportdocument d ON d.build_id = b.id"
        " LEFT JOIN reporting_projection p ON p.build_id = b.id GROUP BY b.id"
        " HAVING NOT (count(DISTINCT d.id) = 0 AND count(DISTINCT p.id) = 0)"
        " AND NOT (b.state = 'done' AND count(DISTINCT d.id) = 7 AND count(DISTINCT p.id) = 2)"
    )


@needs_programs
@pytest.mark.slow
def test_postgresql_restarted_under_load_is_said_and_mends_itself(portal, open_folder):
    with OwnPostgreSQL(open_folder) as own, at_work(own, portal) as author:
        seen, recovered = [], []
        for away in AWAY[:RESTARTS]:
            ask_for_a_build(own, author, portal)
            with load(portal.browsers[1:], portal.urls) as answers:
                wait_until(lambda answers=answers: len(answers) > READERS)
                own.restart(away)
                recovered.append(seconds_until_all_answer(author, portal.urls))
            seen += answers
            let_it_end(own, portal.report)
            assert half_built(own) == []
        if state_of(own, portal.report) == "draft":
            ask_for_a_build(own, author, portal)
            wait_until(lambda: state_of(own, portal.report) == "ready", pause=0.2)
        with running("django", "verify_reports", DATABASE_URL=own.url) as verifying:
            assert verifying.wait(60) == 0

    statuses = {status for status, _content in seen}
    assert statuses <= {200, 503}
    assert 503 in statuses
    assert all(WORD in content for status, content in seen if status == 503)
    assert not any("Traceback" in content for _status, content in seen)
    assert max(recovered) <= RECOVERY, recovered


@needs_programs
@pytest.mark.slow
def test_a_portal_that_said_nothing_of_it_would_be_noticed(portal, open_folder):
    """The negative control."""
    with (
        OwnPostgreSQL(open_folder) as own,
        at_work(own, portal, TEST_UNGUARDED=1),
        load(portal.browsers[1:], portal.urls) as answers,
    ):
        wait_until(lambda: len(answers) > READERS)
        own.restart(AWAY[1])

    assert 500 in {status for status, _content in answers}
