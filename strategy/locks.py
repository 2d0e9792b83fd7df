"""Locks that hold between processes and machines: PostgreSQL's advisory ones, which end with their connection.

On SQLite, which serves one machine's trial, nobody else is there to wait for.
"""

import time
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection

PAUSE = 0.5  # seconds between two attempts


class Lock(IntEnum):
    """The numbers stand for the portal's locks and nothing else in its database."""

    CLOCK = 72_030_001  # the one beat that ticks
    PREPARING = 72_030_002  # the one process that changes the schema
    FILES = 72_030_003  # a backup is copying files: nobody deletes any


def take(lock, *, shared=False):
    """Try to hold it until the connection ends or ``let_go`` is called. Never waits."""
    return _ask("pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock", lock)


def let_go(lock, *, shared=False):
    """Whether it was still ours."""
    return _ask("pg_advisory_unlock_shared" if shared else "pg_advisory_unlock", lock)


def wait_for(lock):
    """Asks again and again: a statement that waits would itself be waited for by an index that is being built."""
    while not take(lock):
        time.sleep(PAUSE)


@contextmanager
def held(lock):
    """Alone within the block, after waiting for whoever was there before."""
    wait_for(lock)
    try:
        yield
    finally:
        let_go(lock)


def _ask(function, lock):
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [int(lock)])
        return cursor.fetchone()[0]
