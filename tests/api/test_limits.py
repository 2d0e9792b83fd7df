"""Rate limits: exact with many at once, and without the broker."""

import threading

import pytest
import time_machine
from django.db import connections
from django.test import Client

from strategy.api.limits import Counted
from strategy.models import RequestCount
from tests.world import World

from .conftest import Program

MOMENT = "2026-10-05T10:00:20+02:00"
WITHIN = 40  # seconds until the next minute begins


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(Counted, "THROTTLE_RATES", {"user": "5/min", "anonymous": "3/min"})


@pytest.mark.django_db
@time_machine.travel(MOMENT, tick=False)
def test_a_person_asks_so_often_with_all_keys_together_and_then_waits(few):
    world = World()
    first, second = Program(world, "project_group"), Program(world, "project_group")

    codes = [program.ask("get", "measures/").status_code for program in (first, second) * 3]
    refusal, other = first.ask("get", "measures/"), Program(world, "reader").ask("get", "measures/")

    assert codes == [200] * 5 + [429]
    assert (refusal.status_code, refusal["Content-Type"]) == (429, "application/problem+json")
    assert WITHIN <= int(refusal["Retry-After"]) <= WITHIN + 1
    assert other.status_code == 200
    with time_machine.travel("2026-10-05T10:01:00+02:00", tick=False):
        assert first.ask("get", "measures/").status_code == 200


@pytest.mark.django_db
@time_machine.travel(MOMENT, tick=False)
def test_who_does_not_sign_in_asks_less_often_whatever_they_say_of_their_address(few):
    answers = [Client().get("/oparl/", headers={"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    assert answers[-1].json()["type"] == "https://schema.oparl.org/1.1/Error"
    assert WITHIN <= int(answers[-1]["Retry-After"]) <= WITHIN + 1
    assert Client().get("/oparl/", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert not RequestCount.objects.filter(who__contains="127.0.0.1").exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_none_is_miscounted():
    counts, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        counts.extend(RequestCount.objects.count_one("user:1", 7) for _number in range(25))
        connections.close_all()

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == list(range(1, 201))


@pytest.mark.django_db
def test_the_count_asks_the_database_alone_and_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        RequestCount.objects.count_one("user:1", 7)
    assert RequestCount.objects.count_one("user:1", 8) == 1
