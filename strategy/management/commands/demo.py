"""The whole portal on one machine: database, data, web server and worker, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import transaction

from strategy.models import Strategy, User

START_LIMIT = 120  # seconds against hanging, not a measure of speed
STOP_LIMIT = 20
LINES_OF_LOG_SHOWN = 20


class Command(BaseCommand):
    help = "Sets up the demo's database once and serves the portal with a worker beside it."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("The demo makes accounts with a known password: DEMO=true says that this is wanted.")
        if is_taken(settings.BASE_URL):
            raise CommandError(f"{settings.BASE_URL} is taken. Another port: PORT=8001 ./run demo")
        signal.signal(signal.SIGTERM, interrupt)
        signal.signal(signal.SIGHUP, interrupt)
        try:
            self.prepare()
            self.serve()
        except KeyboardInterrupt:
            self.stdout.write("Stopped; the data stays in var/.")

    def prepare(self):
        self.folders()
        self.say("Bringing the database up to date")
        call_command("migrate", verbosity=0)
        if not Strategy.objects.exists():
            self.say("Loading the HR strategy and the demo accounts, once; this takes a minute")
            with transaction.atomic():  # stopped half-way, the next start begins anew
                call_command("load_demo", with_passwords=True)

    def folders(self):
        for name in ("queue/control", "log", "mail", "media"):
            (settings.VAR_DIR / name).mkdir(parents=True, exist_ok=True)

    def serve(self):
        self.say("Starting web server and worker")
        with ExitStack() as stack:
            processes = [stack.enter_context(running(*program)) for program in (web(), worker())]
            wait_until_ready(processes)
            self.welcome()
            while alive(processes):
                time.sleep(0.5)
            raise CommandError(last_words(processes))

    def welcome(self):
        self.stdout.write(f"\nThe portal is ready: {settings.BASE_URL}\n\nAccounts (password: demo)")
        people = User.objects.filter(is_active=True).order_by("pk")
        for user in filter(User.has_usable_password, people):
            self.stdout.write(f"  {user.username:20} {user}")
        self.stdout.write("\nMails are written to var/mail, logs to var/log. Ctrl-C stops everything.\n")
        self.stdout.flush()

    def say(self, sentence):
        self.stdout.write(f"{sentence} …")
        self.stdout.flush()


def interrupt(number, frame):
    raise KeyboardInterrupt


def web():
    address = urlsplit(settings.BASE_URL).netloc
    options = ["--bind", address, "--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "5"]
    return "web", ["gunicorn", "worksttogether.wsgi", *options]


def worker():
    """One worker with the clock inside: SQLite takes one writer at a time."""
    return "worker", ["celery", "-A", "worksttogether", "worker", "-B", "-P", "threads", "-c", "2", "-l", "info"]


@contextmanager
def running(name, command):
    """A process in a session of its own, so that Ctrl-C reaches this command alone, which then stops it gently."""
    log = settings.VAR_DIR / "log" / f"{name}.log"
    environment = {**os.environ, "DEMO": "true"}
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603  our own programs with our own arguments
            [sys.executable, "-m", *command], stdout=file, stderr=file, env=environment, start_new_session=True
        )
    process.log = log
    try:
        yield process
    finally:
        stop(process)


def stop(process):
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_ready(processes):
    limit = time.monotonic() + START_LIMIT
    while not is_ready():
        if not alive(processes) or time.monotonic() > limit:
            raise CommandError(last_words(processes))
        time.sleep(0.2)


def is_ready():
    try:
        with urllib.request.urlopen(f"{settings.BASE_URL}/readyz", timeout=5) as response:  # noqa: S310  our own address
            return response.status == 200
    except OSError:  # not listening yet, or an answer that says what is missing
        return False


def is_taken(url):
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port or 80)) == 0


def alive(processes):
    return all(process.poll() is None for process in processes)


def last_words(processes):
    ended = [process for process in processes if process.poll() is not None] or processes
    lines = [line for process in ended for line in process.log.read_text().splitlines()[-LINES_OF_LOG_SHOWN:]]
    return "\n".join(["Web server or worker ended; their last lines:", *lines])
