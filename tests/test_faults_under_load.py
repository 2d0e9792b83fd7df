"""All services as processes under mixed requests, and one after the other is killed, restarted or taken away.

No write that was said to be accepted is lost, none has its effect twice, no mail either, and everything recovers with
nobody's help. The figures printed at the end (``-s``) stand in docs/operations.md.
"""

import itertools
import json
import os
import signal
import socket
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from measures.models import Measure
from strategy.models import ApiToken, OutgoingMail
from tests.factories import UserFactory
from tests.portal import QUEUES, WEB, Portal, Visitor, memory
from tests.processes import wait_until
from tests.reporting import reports
from tests.services import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TUESDAY = "2026-12-01T09:00+01:00"
WRITERS, READERS = 3, 3
MAILS, PACE = 400, 0.3  # seconds between two mails falling due
PATIENCE = 30  # seconds after which a write is accepted again, whatever happened
OUTAGE = 60  # seconds without Redis


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(TUESDAY):
        yield


@dataclass
class Ledger:
    """What was asked, and what was said."""

    accepted: list = field(default_factory=list)  # (moment, text)
    unknown: list = field(default_factory=list)  # texts whose answer was lost or an error
    answers: list = field(default_factory=list)  # (moment, kind of request, status or name of the exception)

    def note(self, kind, outcome, text=None):
        moment = time.monotonic()
        self.answers.append((moment, kind, outcome))
        if text and outcome == 201:
            self.accepted.append((moment, text))
        elif text:
            self.unknown.append(text)

    def since(self, begin):
        return Counter((kind, outcome) for moment, kind, outcome in list(self.answers) if moment >= begin)

    def failed_since(self, begin):
        wanted = {"write": 201, "read": 200}
        return {key: count for key, count in self.since(begin).items() if key[1] != wanted[key[0]]}


class Load:
    """People at work: some report the status of a measure each, some read pages."""

    def __init__(self, portal, cast, codes, key, session):
        self.portal, self.slug, self.ledger = portal, cast.strategy.slug, Ledger()
        self.light = cast.light("disc").code
        self.bearer, self.cookie = {"Authorization": f"Bearer {key}"}, {"Cookie": f"sessionid={session}"}
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(number, code)) for number, code in enumerate(codes)]
        self.threads += [threading.Thread(target=self.read) for _number in range(READERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self.ends.set()
        for thread in self.threads:
            thread.join()

    def write(self, writer, code):
        url, number = f"/api/v1/strategies/{self.slug}/status-updates/", 0
        while not self.ends.wait(0.1):
            number += 1
            text = f"Stand {writer}/{number}"
            body = {"measure": code, "light": self.light, "progress": number % 100, "text": text}
            headers = {"Content-Type": "application/json", **self.bearer}
            self.ledger.note("write", self.outcome("POST", url, json.dumps(body), **headers), text)

    def read(self):
        pages = [f"/{self.slug}/", f"/{self.slug}/measures/", f"/{self.slug}/tasks/"]
        while not self.ends.wait(0.1):
            for page in pages:
                self.ledger.note("read", self.outcome("GET", page, **self.cookie))

    def outcome(self, method, url, body=None, **headers):
        try:
            status, content = self.portal.ask(method, url, body, **headers)
        except (OSError, HTTPException) as problem:
            return type(problem).__name__
        assert b"Traceback" not in content
        return status

    @contextmanager
    def during(self, fault, figures):
        """Let a fault happen, and wait until one write of each writer is accepted again."""
        begin = time.monotonic()
        yield
        after = time.monotonic()
        wait_until(lambda: self.all_write(after), limit=PATIENCE)
        moments = [begin, *(moment for moment, _text in self.ledger.accepted if moment > begin)]
        gap = max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0)
        told = self.ledger.since(begin)
        figures[fault] = (round(gap, 1), sum(told.values()), self.ledger.failed_since(begin))

    def all_write(self, since):
        recent = {text.partition("/")[0] for moment, text in self.ledger.accepted if moment > since}
        return len(recent) == WRITERS


def queue_mails(cast):
    """So many mails, each falling due a moment after the one before; returns their Message-IDs."""
    people, now = [UserFactory() for _number in range(20)], timezone.now()
    rows = [
        OutgoingMail(
            strategy=cast.strategy,
            recipient=people[number % 20],
            occasion=f"load:{number}",
            subject=f"Hinweis {number}",
            body="Bis Freitag.",
            not_before=now + timedelta(seconds=number * PACE),
        )
        for number in range(MAILS)
    ]
    for row in rows:
        row.write()
    OutgoingMail.objects.bulk_create(rows)
    return {f"<{row.message_id}@example.org>" for row in rows}


def session_of(user):
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.fixture
def load(request, cast, mail_server):
    """The portal with people at work, its mail server, and the report nobody has built yet.

    Its parameter is what the portal is to do otherwise than it should.
    """
    codes = [cast.measure(Measure.State.RUNNING).code for _number in range(WRITERS)]
    report = reports.draft(cast)
    _row, key = ApiToken.objects.issue(cast.project_group, name="Last", scope="write", days=30)
    session = session_of(cast.project_group)
    OutgoingMail.objects.all().delete()
    wanted = queue_mails(cast)
    with mail_server() as server, tempfile.TemporaryDirectory(prefix="portal-") as folder:
        joined = {"TEST_NOW": TUESDAY, "TEST_BEAT": 1, "EMAIL_URL": server.url, **getattr(request, "param", {})}
        with Portal(folder, **joined) as portal, Load(portal, cast, codes, key, session) as load:
            load.report, load.wanted, load.server, load.session = report, wanted, server, session
            wait_until(lambda: load.all_write(0), limit=120)
            yield load


def stored(database):
    return Counter(
        text for (text,) in database.ask("SELECT text FROM measures_statusupdate WHERE text LIKE 'Stand %%'")
    )


def assert_nothing_lost_nothing_twice(ledger, found):
    accepted = [text for _moment, text in ledger.accepted]
    assert len(accepted) == len(set(accepted))
    assert [text for text in accepted if found[text] != 1] == []
    assert [text for text in ledger.unknown if found[text] > 1] == []
    assert set(found) <= {*accepted, *ledger.unknown}


def leases_end(database):
    """A few minutes later what the dead had in hand is free again."""
    database.do("UPDATE strategy_outgoingmail SET leased_until = '2026-01-01' WHERE state = 'waiting'")


def test_whatever_is_killed_or_taken_away_no_accepted_write_is_lost_and_nothing_happens_twice(load):
    portal, figures, mail_kills = load.portal, {}, 0

    with load.during("nothing (for comparison)", figures):
        time.sleep(10)
    for _time in range(3):
        with load.during("web process killed", figures):
            os.kill(portal.children("web1")[0], signal.SIGKILL)
    with load.during("web server killed", figures):
        portal.kill("web2")
    for _time in range(3):
        with load.during("worker mail killed", figures):
            portal.kill("mail")
            mail_kills += 1
            leases_end(portal.database)
    with load.during("workers reports and maintenance killed", figures):
        portal.kill("reports")
        portal.kill("maintenance")
    with load.during("beat killed", figures):
        before = portal.elected()
        portal.kill(before)
        wait_for(portal.elected, (IndexError, StopIteration))
    with load.during("PostgreSQL restarted", figures):
        portal.database.stop()
        portal.database.start()
        mail_kills += 1
        leases_end(portal.database)
    with load.during(f"Redis stopped for {OUTAGE} s and emptied", figures), portal.broker.stopped():
        time.sleep(OUTAGE)

    wait_until(lambda: load.wanted <= Counter(mail["id"] for mail in load.server.taken()).keys(), pause=0.5)
    load.__exit__()
    assert_nothing_lost_nothing_twice(load.ledger, stored(portal.database))
    taken = Counter(mail["id"] for mail in load.server.taken())
    assert taken.total() - len(taken) <= mail_kills
    assert load.ledger.failed_since(0).keys() <= {
        (kind, outcome)
        for kind in ("write", "read")
        for outcome in (500, 503, "ConnectionRefusedError", "ConnectionResetError", "RemoteDisconnected")
    }
    assert not any(fault.startswith(("nothing", "worker", "beat", "Redis")) and figures[fault][2] for fault in figures)
    tell(figures, load)


def tell(figures, load):
    for fault, (gap, count, failed) in figures.items():
        print(f"{fault}: longest pause between accepted writes {gap} s, {count} requests, {failed or 'none failed'}")
    print(f"{len(load.ledger.accepted)} writes accepted, {len(load.server.taken())} mails")
    portal = load.portal
    for name in (*WEB, *QUEUES):
        print(name, [memory(pid) for pid in (portal.programs[name].pid, *portal.children(name))], "MB")


def test_told_to_stop_a_web_server_breaks_no_request_and_a_worker_loses_no_task(load):
    portal, figures, begin = load.portal, {}, time.monotonic()
    with closing(Visitor(portal, load.session)) as author:
        assert author.send(f"/{load.slug}/reports/{load.report.pk}/build/").status_code == 302
    wait_until(lambda: build_state(portal) == "running", limit=90)
    portal.resting.add("reports")
    portal.programs["reports"].terminate()

    for name in (*WEB, *WEB):
        with load.during(f"{name} told to stop", figures):
            stopping = portal.programs[name]
            stopping.terminate()
            stopping.wait(40)
            wait_until(lambda name=name, old=stopping: portal.programs[name] is not old, limit=30)
            wait_until(lambda name=name: serves(portal, name), limit=60)
    portal.programs["reports"].wait(300)

    assert load.ledger.failed_since(begin) == {}
    assert build_state(portal) == "done"
    load.__exit__()
    assert_nothing_lost_nothing_twice(load.ledger, stored(portal.database))
    print(figures)


def build_state(portal):
    return portal.database.ask("SELECT state FROM reporting_reportbuild ORDER BY id DESC LIMIT 1")[0][0]


def serves(portal, name):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", portal.ports[name])) == 0


# The negative controls: what is counted above can be wrong


ASKS_TWICE = {"proxy_next_upstream error timeout": "proxy_next_upstream error timeout non_idempotent"}


def kill_both_web_servers(load):
    """One after the other, under load; returns what is stored when all has ended that had begun."""
    portal = load.portal
    for name in WEB:
        with load.during("killed", {}):
            portal.kill(name)
    load.__exit__()
    portal.resting.update(WEB)
    for name in WEB:
        portal.programs[name].terminate()
        portal.programs[name].wait(60)
    return stored(portal.database)


@pytest.mark.parametrize("load", [{"TEST_CARELESS_ORDER": "YesFirst"}], indirect=True)
def test_a_portal_that_says_yes_before_it_has_stored_is_seen_to_lose(load):
    found = kill_both_web_servers(load)

    assert [text for _moment, text in load.ledger.accepted if found[text] == 0]
    with pytest.raises(AssertionError):
        assert_nothing_lost_nothing_twice(load.ledger, found)


@pytest.mark.parametrize("load", [{"TEST_CARELESS_ORDER": "LateAnswer", "proxy": ASKS_TWICE}], indirect=True)
def test_a_proxy_that_asks_twice_what_may_be_done_already_is_seen_to_double(load):
    found = kill_both_web_servers(load)

    assert [text for text, count in found.items() if count > 1]
    with pytest.raises(AssertionError):
        assert_nothing_lost_nothing_twice(load.ledger, found)


@pytest.mark.parametrize("load", [{"TEST_CARELESS_ORDER": "LateAnswer"}], indirect=True)
def test_a_late_answer_alone_doubles_nothing(load):
    found = kill_both_web_servers(load)

    assert_nothing_lost_nothing_twice(load.ledger, found)


def test_a_lost_write_and_a_doubled_one_would_be_noticed():
    ledger = Ledger()
    ledger.note("write", 201, "Stand 0/1")
    ledger.note("write", 503, "Stand 0/2")
    assert_nothing_lost_nothing_twice(ledger, Counter({"Stand 0/1": 1, "Stand 0/2": 1}))

    for found in ({}, {"Stand 0/1": 2}, {"Stand 0/1": 1, "Stand 0/2": 2}, {"Stand 0/1": 1, "Stand 9/9": 1}):
        with pytest.raises(AssertionError):
            assert_nothing_lost_nothing_twice(ledger, Counter(found))
