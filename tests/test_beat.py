"""Of several clocks one ticks; when it is killed another one takes over, with nobody's help."""

from contextlib import closing

import psycopg
import pytest
from django.db import connection

from strategy.locks import Lock
from tests.processes import environment, kill, running, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

TICKING = ["celery", "-A", "worksttogether", "beat", "--loglevel", "warning", "--pidfile", ""]


def holders():
    """The processes of the database that hold the clock's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE locktype = 'advisory' AND d.datname = current_database() AND granted AND objid::bigint = %s",
            [int(Lock.CLOCK)],
        )
        return [pid for (pid,) in cursor.fetchall()]


@pytest.fixture
def clocks(tmp_path):
    """Two clocks, each touching a file of its own at every tick."""
    files = [tmp_path / "first", tmp_path / "second"]
    with running(*TICKING, ALIVE_FILE=files[0]) as first:
        wait_until(holders)
        with running(*TICKING, ALIVE_FILE=files[1]) as second:
            wait_until(files[1].exists)
            yield first, second


def test_the_second_clock_waits_and_takes_over_when_the_first_is_killed(clocks):
    first, second = clocks
    (before,) = holders()

    kill(first)
    wait_until(lambda: holders() and holders() != [before], limit=30)

    assert len(holders()) == 1
    assert second.poll() is None


def test_a_clock_whose_connection_breaks_is_elected_anew(clocks):
    (before,) = holders()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [before])

    wait_until(lambda: holders() and holders() != [before], limit=30)

    assert len(holders()) == 1
    assert all(clock.poll() is None for clock in clocks)


def test_a_clock_that_is_told_to_stop_lets_go(clocks):
    first, _second = clocks
    (before,) = holders()

    first.terminate()
    first.wait(20)
    wait_until(lambda: holders() and holders() != [before], limit=30)

    assert first.returncode == 0


@pytest.mark.django_db(transaction=True)
def test_a_clock_without_the_lock_wakes_nobody(monkeypatch):
    from worksttogether.beat import WAITING, ElectedScheduler
    from worksttogether.celery import app

    woken = []
    monkeypatch.setattr(ElectedScheduler, "apply_entry", lambda self, entry, producer=None: woken.append(entry.name))
    clock = ElectedScheduler(app)
    for entry in clock.schedule.values():
        entry.schedule = entry.schedule.__class__(0)
    with closing(psycopg.connect(environment()["DATABASE_URL"], autocommit=True)) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [int(Lock.CLOCK)])

        assert clock.tick() == WAITING
        assert woken == []

    wait_until(lambda: clock.tick() != WAITING or woken, limit=10)
    clock.close()
    assert woken != []
