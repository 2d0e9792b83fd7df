"""The queue's clock, which may run on several machines: one ticks, the others wait until it is gone.

Who ticks holds a lock of the database; it ends with the connection, so a clock that was killed needs no tidying up.
Nothing is kept on disk: what is due stands in the database, a clock that starts anew wakes everybody within a minute.
"""

import structlog
from celery.beat import Scheduler
from django.db import DatabaseError, connection

from strategy import locks

from .celery import sign_of_life

log = structlog.get_logger(__name__)

WAITING = 2  # seconds until a waiting clock asks again
# A machine that lost its power says no good-bye: the database finds out within half a minute.
NOTICE_THE_DEAD = """
    SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false)
"""


class ElectedScheduler(Scheduler):
    elected = False

    def tick(self, *args, **kwargs):
        sign_of_life()
        if not self.is_elected():
            return WAITING
        return min(super().tick(*args, **kwargs), WAITING)  # asks often enough whether it still is

    def is_elected(self):
        """Whether this clock holds the lock; one that has lost its connection has lost the lock, too."""
        before, self.elected = self.elected, self.holds_lock()
        if self.elected != before:
            log.info("clock_elected" if self.elected else "clock_lost")
        return self.elected

    def holds_lock(self):
        try:
            if self.elected and connection.connection:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                return True
            return self.take_lock()
        except DatabaseError:
            connection.close()
            return False

    def take_lock(self):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(NOTICE_THE_DEAD)
        return locks.take(locks.Lock.CLOCK)

    def close(self):
        super().close()
        connection.close()
