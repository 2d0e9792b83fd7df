"""Several machines start at once: one changes the schema, the others wait, and whoever works is not locked out."""

import subprocess
import sys
import threading
import time

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from strategy.management.commands import prepare
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty_database():
    """A second database beside the test's; yields the variables of processes that use it."""
    joined = environment()
    name = f"{connection.settings_dict['NAME']}_empty"
    server = joined["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        yield {**joined, "DATABASE_URL": f"{server.rpartition('/')[0]}/{name}"}
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_of_three_that_start_together_one_migrates_and_all_succeed(empty_database):
    command = [sys.executable, "manage.py", "prepare"]
    options = {"env": empty_database, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    programs = [subprocess.Popen(command, **options) for _number in range(3)]
    told = [program.communicate(timeout=300)[0] for program in programs]

    assert [program.returncode for program in programs] == [0, 0, 0], told
    assert sum("Applying strategy.0014" in text for text in told) == 1
    assert all("The database is up to date." in text for text in told)
    with psycopg.connect(empty_database["DATABASE_URL"]) as database:
        (count,) = database.execute("SELECT count(*) FROM django_migrations").fetchone()
        assert count == MigrationRecorder.Migration.objects.count()
        assert database.execute("SELECT to_regclass('django_session'), to_regclass('cache')").fetchone()[0]


def test_a_table_in_use_is_waited_for_again_and_again(monkeypatch):
    """Whoever waits for a table keeps all others from it: so the wait is short, and they get their turn in between."""
    monkeypatch.setattr(prepare, "LONGEST_WAIT", "200ms")
    monkeypatch.setattr(prepare, "PAUSE", 0.2)
    call_command("migrate", "strategy", "0013", verbosity=0)
    worker = psycopg.connect(environment()["DATABASE_URL"])
    worker.execute("LOCK TABLE django_content_type IN ACCESS EXCLUSIVE MODE")
    threading.Timer(2, worker.close).start()

    begun = time.monotonic()
    call_command("prepare", verbosity=0)

    assert time.monotonic() - begun > 1
    assert MigrationRecorder.Migration.objects.filter(app="strategy", name__startswith="0014").exists()


def test_who_never_gets_the_table_says_so_and_has_changed_nothing(monkeypatch):
    monkeypatch.setattr(prepare, "LONGEST_WAIT", "50ms")
    monkeypatch.setattr(prepare, "PAUSE", 0)
    monkeypatch.setattr(prepare, "ATTEMPTS", 2)
    with psycopg.connect(environment()["DATABASE_URL"]) as worker:
        worker.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CommandError, match="in use all the time"):
            call_command("prepare", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
