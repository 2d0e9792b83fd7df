"""Promise P6 for programs: with Redis stopped, frozen or emptied they read, write, repeat and are limited as ever."""

import json
from contextlib import closing
from http.client import HTTPConnection
from threading import Thread
from types import SimpleNamespace

import pytest

from measures.models import Measure, StatusUpdate
from strategy.models import ApiToken
from tests.processes import LIMIT, OwnRedis
from tests.test_queue_in_trouble import PATIENCE, TROUBLES, web

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RATE = 50  # requests a minute, more than one of these programs needs


class Program:
    """Asks with a key of that person, on a connection for each request; every answer is one of those promised."""

    def __init__(self, port, user):
        self.port, self.patience = port, PATIENCE
        _token, key = ApiToken.objects.issue(user, name="Test", scope="write", days=30)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method, url, body=None, **headers):
        sent = self.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=self.patience)) as connection:
            connection.request(method, url, body and json.dumps(body), sent)
            answer = connection.getresponse()
            content = answer.read()
        kind = answer.headers["Content-Type"]
        assert answer.status < 500, content
        assert answer.status < 400 or kind == "application/problem+json", content
        return SimpleNamespace(status=answer.status, headers=answer.headers, told=json.loads(content))


@pytest.fixture
def things(cast):
    return SimpleNamespace(
        base=f"/api/v1/strategies/{cast.strategy.slug}",
        draft=cast.measure(Measure.State.DRAFT),
        running=cast.measure(Measure.State.RUNNING),
        light=cast.light("disc").code,
    )


def report(program, things, text):
    """A status under a key of its own."""
    body = {"measure": things.running.code, "light": things.light, "progress": 10, "text": text}
    return program.ask("POST", f"{things.base}/status-updates/", body, Idempotency_Key=text)


def reports_at_once(program, things, text, count=4):
    """A program that is impatient; returns the statuses of its answers."""
    statuses = []
    threads = [Thread(target=lambda: statuses.append(report(program, things, text).status)) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def assert_programs_work(program, things, round_):
    """Each round the same, each deed of it once."""
    one = f"{things.base}/measures/{things.draft.code}/"
    assert program.ask("GET", f"{things.base}/measures/").status == 200
    read = program.ask("GET", one)
    assert program.ask("PATCH", one, {"goal": f"Ziel {round_}"}, If_Match=read.headers["ETag"]).status == 200
    assert program.ask("PATCH", one, {"goal": "Zu spät"}, If_Match=read.headers["ETag"]).status == 412
    assert program.ask("GET", one).told["goal"] == f"Ziel {round_}"

    assert reports_at_once(program, things, round_) == [201] * 4
    again = report(program, things, round_)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert StatusUpdate.objects.filter(text=round_).count() == 1
    assert program.ask("POST", f"{things.base}/status-updates/", {"measure": "?"}).status == 422
    assert program.ask("GET", one, Authorization="Bearer nobody's").status == 401


def ask_until_refused(program, url):
    for _number in range(3 * RATE):
        answer = program.ask("GET", url)
        if answer.status == 429:
            return answer.headers["Retry-After"]
    pytest.fail("nobody counts")


@TROUBLES
def test_with_redis_in_trouble_programs_are_answered_as_ever(cast, things, tmp_path, trouble):
    with OwnRedis(tmp_path) as own, web(own, TEST_LIMIT=RATE) as port:
        program, reader = Program(port, cast.project_group), Program(port, cast.reader)
        warm(program, things)
        report(program, things, "vorher")

        with getattr(own, trouble)():
            assert_programs_work(program, things, "mittendrin")
            assert report(program, things, "vorher").headers["Idempotent-Replayed"] == "true"
            assert int(ask_until_refused(reader, f"{things.base}/measures/")) > 0

        assert_programs_work(program, things, "danach")
        for text in ("vorher", "mittendrin"):
            assert report(program, things, text).headers["Idempotent-Replayed"] == "true"

    found = StatusUpdate.objects.filter(text__in=["vorher", "mittendrin", "danach"])
    assert sorted(found.values_list("text", flat=True)) == ["danach", "mittendrin", "vorher"]


@pytest.mark.parametrize("trouble", ["stopped", "frozen"])
def test_an_interface_that_counted_in_redis_would_be_noticed(cast, things, tmp_path, trouble):
    """The negative control."""
    with OwnRedis(tmp_path) as own, web(own, TEST_CARELESS=1, TEST_LIMIT=RATE) as port:
        program = Program(port, cast.project_group)
        warm(program, things)

        with getattr(own, trouble)(), pytest.raises((AssertionError, TimeoutError)):
            assert_programs_work(program, things, "mittendrin")


def warm(program, things):
    """The first answer of a process that has just started may take long."""
    program.patience = LIMIT
    assert program.ask("GET", f"{things.base}/measures/").status == 200
    program.patience = PATIENCE
