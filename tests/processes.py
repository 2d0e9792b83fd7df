"""The portal's processes beside a test: workers, clocks, web servers, on the test's own database and queue."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit, urlunsplit

import redis
from django.db import connection

from tests.services import free_port, wait_for

LIMIT = 120  # seconds against hanging, not a measure of speed


def environment(**more):
    """What a process needs to join this test."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    joined = {
        "DATABASE_URL": urlunsplit(database),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_RUN": str(os.getpid()),
    }
    return {**os.environ, **joined, **{name: str(value) for name, value in more.items()}}


@contextmanager
def running(*command, log=None, **more):
    """A program of ours; at the end it is told to stop, and killed where it does not listen."""
    with ExitStack() as stack:
        told = log and stack.enter_context(log.open("wb"))
        options = {"env": environment(**more), "stdout": told, "stderr": told}
        program = stack.enter_context(subprocess.Popen([sys.executable, "-m", *command], **options))
        try:
            yield program
        finally:
            if program.poll() is None:
                program.terminate()
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                kill(program)


def worker(*arguments, **more):
    quiet = ("--loglevel", "warning", "--without-gossip", "--without-mingle")
    return running("celery", "-A", "worksttogether", "worker", "--pool", "solo", *quiet, *arguments, **more)


def beat(schedule, **more):
    quiet = ("--loglevel", "warning", "--pidfile", "")
    return running("celery", "-A", "worksttogether", "beat", "--schedule", str(schedule), *quiet, **more)


def kill(program):
    """No good-bye: what it held is as the crash left it."""
    program.send_signal(signal.SIGKILL)
    program.wait()


def wait_until(condition, limit=LIMIT, pause=0.02):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(pause)


class OwnRedis:
    """A Redis of this test alone, to be maltreated."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self):
        place = ["--port", str(self.port), "--dir", str(self.folder), "--logfile", "redis.log"]
        self.program = subprocess.Popen(["redis-server", "--bind", "127.0.0.1", "--save", "", *place])
        wait_for(redis.from_url(self.url).ping, redis.ConnectionError)
        return self

    def __exit__(self, *exception):
        self.program.send_signal(signal.SIGCONT)
        self.program.terminate()
        self.program.wait()

    @contextmanager
    def stopped(self):
        self.__exit__()
        yield
        self.__enter__()

    @contextmanager
    def frozen(self):
        self.program.send_signal(signal.SIGSTOP)
        yield
        self.program.send_signal(signal.SIGCONT)

    @contextmanager
    def emptied(self):
        redis.from_url(self.url).flushall()
        yield
