"""What one machine bears: the portal as processes with production's settings, and people, programs, builds, mails.

Other than the ratios beside it these figures depend on the machine and on what else it does, so both are printed. The
CPU time of a request depends on neither as much: from it follows how many a process can answer.
"""

import itertools
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from statistics import quantiles
from types import SimpleNamespace

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from benchmarks.mail import sink
from measures.models import Measure
from measures.quick_status import quick_url
from strategy.actor import Actor
from strategy.delivery import LONGEST_RUN
from strategy.models import ApiToken, Membership, OutgoingMail, Role, Strategy, User
from tests.checks import PRODUCTION
from tests.portal import Portal, Visitor
from tests.processes import wait_until
from tests.reporting import reports

SLUG, MEASURES, HEADS = "sizing", 2000, 120
CLIENTS, REQUESTS = (1, 2, 4, 8), 400  # at each number of clients who ask without a pause
REPORTS = (50, 200, 500)  # measures
MAILS = 5000
MIX = {  # how many of a hundred
    "list of measures": 25,
    "one measure": 25,
    "overview": 20,
    "tasks": 10,
    "list for a program": 10,
    "edit": 5,
    "quick status": 5,
}
LONGEST_BUILD = 300  # seconds against hanging
TICKS = os.sysconf("SC_CLK_TCK")


def main(scale="1"):
    """Print everything; a scale of 0.02 is a trial of a minute."""
    scale = float(scale)
    told(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, scale {scale:g}")
    town = Town(scale)
    with (
        sink() as port,
        tempfile.TemporaryDirectory(prefix="portal-") as folder,
        OneServer(folder, **production(folder, port)) as portal,
    ):
        requests(portal, town, scale)
        builds(portal, town)
        mails(portal)
    told(f"load {os.getloadavg()[0]:.1f} at the end")


def told(*words):
    print(*words, sep=" | ", flush=True)


class OneServer(Portal):
    """One web process, so that the figures are those of one; everything else is as it will be."""

    web, beats, processes = ("web1",), ("beat1",), 1

    def prepare(self):
        for command in (["collectstatic", "--no-input", "--verbosity", "0"], ["prepare"]):
            subprocess.run([sys.executable, "manage.py", *command], env=self.variables, check=True, stdout=sys.stderr)


def production(folder, mail_port):
    return {
        **PRODUCTION,
        "DJANGO_SETTINGS_MODULE": "worksttogether.settings",
        "ALLOWED_HOSTS": "127.0.0.1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "VAR_DIR": f"{folder}/var",
    }


class Town:
    """A large strategy with its people, each signed in, and smaller ones with a report each that could be built."""

    def __init__(self, scale):
        call_command(
            "make_load",
            measures=int(MEASURES * scale) or 1,
            heads=int(HEADS * scale) or 1,
            strategy=SLUG,
            stdout=sys.stderr,
        )
        rows = Measure.objects.filter(strategy__slug=SLUG)
        self.codes = list(rows.exclude(state=Measure.State.DRAFT).values_list("code", flat=True))
        heads = list(self.members(SLUG, Role.DEPARTMENT_HEAD))
        self.sessions = [session_of(user) for user in heads]
        self.author = session_of(self.members(SLUG, Role.PROJECT_GROUP).get())
        self.keys = [ApiToken.objects.issue(user, name="Last", scope="read", days=1)[1] for user in heads]
        self.drafts = itertools.cycle(rows.filter(state=Measure.State.DRAFT).values_list("code", flat=True))
        self.links = iter(self.quick_links(rows.filter(state=Measure.State.RUNNING)))
        self.reports = [self.report(int(size * scale) or 1) for size in REPORTS]
        self.queue(heads, int(MAILS * scale))
        self.lock = threading.Lock()

    def members(self, slug, role):
        return User.objects.filter(memberships__strategy__slug=slug, memberships__role=role)

    def quick_links(self, measures):
        """One a measure, for a link is of no use once the status it was made for has been followed by another."""
        today = timezone.localdate()
        heads = Membership.objects.filter(strategy__slug=SLUG, role=Role.DEPARTMENT_HEAD).select_related("user")
        head_of = {member.unit_id: member.user for member in heads}
        return [
            quick_url(head_of[measure.lead_unit_id], measure, measure.status_updates.latest().pk, today, today)
            for measure in measures
        ]

    def report(self, size):
        """(measures, address, session of its author)"""
        slug = f"{SLUG}-{size}"
        call_command("make_load", measures=size, heads=20, strategy=slug, stdout=sys.stderr)
        author = self.members(slug, Role.PROJECT_GROUP).get()
        as_cast = SimpleNamespace(strategy=Strategy.objects.get(slug=slug), actor=lambda _name: Actor.of(author))
        return size, reports.draft(as_cast).get_absolute_url(), session_of(author)

    def queue(self, heads, count):
        """Mails for later."""
        later, strategy = timezone.now() + timedelta(days=1), Strategy.objects.get(slug=SLUG)
        rows = [
            OutgoingMail(
                strategy=strategy,
                recipient=heads[number % len(heads)],
                occasion=f"sizing:{number}",
                subject=f"Hinweis {number}",
                body="Bis Freitag.\n" * 20,
                not_before=later,
            )
            for number in range(count)
        ]
        for row in rows:
            row.write()
        OutgoingMail.objects.bulk_create(rows)

    def next(self, things):
        with self.lock:
            return next(things)


def session_of(user):
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


# Requests


class Watched(Visitor):
    """Notes (kind, seconds, status) of each request."""

    kind = None

    def __init__(self, portal, notes, session=""):
        super().__init__(portal, session)
        self.notes = notes

    def ask(self, *request, **headers):
        begin, outcome = time.monotonic(), None
        try:
            answer = super().ask(*request, **headers)
            outcome = answer.status_code
        except (OSError, HTTPException) as problem:
            outcome = type(problem).__name__
            raise
        finally:
            self.notes.append((self.kind, time.monotonic() - begin, outcome))
        return answer


class Asker(threading.Thread):
    """Asks for one thing after the other, as the mix has them."""

    def __init__(self, portal, town, number, share):
        super().__init__()
        self.town, self.share, self.notes = town, share, []
        self.random = random.Random(number)  # noqa: S311  no secret, and the same every time
        self.person = Watched(portal, self.notes, self.random.choice(town.sessions))
        self.author = Watched(portal, self.notes, town.author)
        self.nobody, self.program = Watched(portal, self.notes), Watched(portal, self.notes)

    def run(self):
        visitors = (self.person, self.author, self.nobody, self.program)
        for kind in self.random.choices(list(MIX), list(MIX.values()), k=self.share):
            for visitor in visitors:
                visitor.kind = kind
            with suppress(OSError, HTTPException, AssertionError):  # it is in the notes; an error page has no form
                getattr(self, kind.replace(" ", "_"))()
        for visitor in visitors:
            visitor.close()

    def read(self, path):
        self.person.ask("GET", f"/{SLUG}/{path}")

    def list_of_measures(self):
        self.read(f"measures/?page={self.random.randint(1, max(1, len(self.town.codes) // 50))}")

    def one_measure(self):
        self.read(f"measures/{self.random.choice(self.town.codes)}/")

    def overview(self):
        self.read("")

    def tasks(self):
        self.read("tasks/")

    def list_for_a_program(self):
        key = self.random.choice(self.town.keys)
        url = f"/api/v1/strategies/{SLUG}/measures/?limit=100"
        self.program.ask("GET", url, Authorization=f"Bearer {key}")

    def edit(self):
        """Two requests, the form and what is typed."""
        draft, goal = self.town.next(self.town.drafts), f"Bis 2028 in {self.random.randint(3, 30)} Ämtern."
        self.author.send(f"/{SLUG}/measures/{draft}/edit/", goal=goal)

    def quick_status(self):
        """Two requests likewise."""
        self.nobody.send(self.town.next(self.town.links), progress=self.random.randint(1, 99))


def requests(portal, town, scale):
    share = max(1, int(REQUESTS * scale))
    ask(portal, town, clients=2, each=max(2, share // 10))  # to warm up
    told("\nclients", "requests/s", "50 % ms", "95 % ms", "web CPU ms a request", "database CPU ms", "share", "failed")
    for clients in CLIENTS:
        before, begin = cpu(portal), time.monotonic()
        notes = ask(portal, town, clients, share // clients or 1)
        seconds = time.monotonic() - begin
        web, database = (
            (after - earlier) * 1000 / len(notes) for after, earlier in zip(cpu(portal), before, strict=True)
        )
        failed = Counter(status for _kind, _seconds, status in notes if status not in (200, 302))
        half, most = percentiles(notes)
        rate, part = len(notes) / seconds, database / (web + database)
        told(
            f"{clients} | {rate:.1f} | {half} | {most} | {web:.0f} | {database:.0f} | {part:.0%} | {dict(failed) or 0}"
        )
    told("\nof the last row", "50 % ms", "95 % ms")
    for kind in MIX:
        if found := [note for note in notes if note[0] == kind]:
            told(kind, *percentiles(found))


def ask(portal, town, clients, each):
    askers = [Asker(portal, town, number, each) for number in range(clients)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return [note for asker in askers for note in asker.notes]


def percentiles(notes):
    """Milliseconds in which half of them and 95 of a hundred were answered."""
    seconds = [seconds for _kind, seconds, _status in notes]
    cuts = quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else seconds * 19
    return round(cuts[9] * 1000), round(cuts[18] * 1000)


def cpu(portal):
    """(seconds the web server has worked so far, seconds the database has)"""
    postmaster = int((portal.database.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    return cpu_of(portal.programs["web1"].pid), cpu_of(postmaster)


def cpu_of(pid):
    """With its children, those that have ended included."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(ticks(pid)) / TICKS + sum(sum(ticks(child)[:2]) for child in children) / TICKS


def ticks(pid):
    """Its own in user and system mode, and those of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return [0]
    return [int(field) for field in fields[11:15]]


# Builds


def builds(portal, town):
    told("\nreport of so many measures", "seconds", "most memory of the worker, MB", "outcome")
    for size, address, session in town.reports:
        renew(portal, "reports")
        with closing(Visitor(portal, session)) as author:
            assert author.send(f"{address}build/").status_code == 302
        wait_until(lambda: last_build(portal)[0] not in ("waiting", "running"), limit=LONGEST_BUILD, pause=0.2)
        state, seconds = last_build(portal)
        told(size, f"{seconds:.1f}", peak(portal), state)


def renew(portal, name):
    """A fresh worker, whose memory is that of the next task alone."""
    before = portal.programs[name]
    portal.kill(name)
    wait_until(lambda: portal.programs[name] is not before and portal.children(name))


def last_build(portal):
    return portal.database.ask(
        "SELECT state, extract(epoch FROM ended_at - started_at) FROM reporting_reportbuild ORDER BY id DESC LIMIT 1"
    )[0]


def peak(portal):
    """Megabytes the worker of reports has had at most, shared ones included."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in portal.children("reports")]
    return max(int(line.split()[1]) for text in statuses for line in text.splitlines() if line[:6] == "VmHWM:") // 1024


# Mails


def mails(portal):
    """By one worker; it sends for so many seconds of each minute, then begins anew."""
    portal.database.do("UPDATE strategy_outgoingmail SET not_before = now() WHERE occasion LIKE 'sizing:%%'")
    wait_until(lambda: not sent(portal)[1], limit=LONGEST_BUILD, pause=0.5)
    count, _rest, seconds = sent(portal)
    told(f"\n{count} mails in {seconds:.1f} s, that is {count / float(seconds or 1) * LONGEST_RUN:.0f} in a minute")


def sent(portal):
    """(how many have gone, how many have not, seconds between the first and the last)"""
    return portal.database.ask(
        "SELECT count(sent_at), count(*) - count(sent_at), extract(epoch FROM max(sent_at) - min(sent_at))"
        " FROM strategy_outgoingmail WHERE occasion LIKE 'sizing:%%'"
    )[0]
