import time
from contextlib import contextmanager

from django.core.management import BaseCommand, CommandError, call_command
from django.db import OperationalError, connection

from strategy import locks

LONGEST_WAIT = "5s"  # for a table somebody works on: whoever asks after us waits as long
ATTEMPTS = 20
PAUSE = 3  # seconds in which the others get their turn


class Command(BaseCommand):
    help = "Bring the database up to date, once: of several that start together the first does it, the others wait."

    def handle(self, **options):
        with locks.held(locks.Lock.PREPARING):
            call_command("createcachetable", verbosity=0)
            self.migrate()
        self.stdout.write("The database is up to date.")

    def migrate(self):
        """Without bringing the portal that is running meanwhile to a stop: rather give way and try again."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with brief_waits():
                    call_command("migrate", interactive=False, stdout=self.stdout)
            except OperationalError as problem:
                if not is_lock_timeout(problem):
                    raise
                self.stderr.write(f"A table is in use, attempt {attempt} of {ATTEMPTS}: {problem}".strip())
                time.sleep(PAUSE)
            else:
                return
        raise CommandError("A table was in use all the time; nothing has been lost, please run it again.")


@contextmanager
def brief_waits():
    """Statements give up soon where somebody else holds a table."""
    set_lock_timeout(LONGEST_WAIT)
    try:
        yield
    finally:
        set_lock_timeout("0")


def set_lock_timeout(wait):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [wait])


def is_lock_timeout(problem):
    return getattr(problem.__cause__, "sqlstate", None) == "55P03"
