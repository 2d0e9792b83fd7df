"""Promise P25: backup under load and restore: same rows, files, hashes, sequences; no old mail is sent again."""

import json
import subprocess
import sys
import threading
from collections import Counter

import psycopg
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from measures.models import Attachment, Measure, Need
from strategy.delivery import deliver
from strategy.models import Channel, MailPreferences, Notification, OutgoingMail, ReminderRules
from strategy.planner import remind
from strategy.tasks import seal_audit
from tests import buckets
from tests.factories import MilestoneFactory, UserFactory
from tests.processes import environment, wait_until
from tests.reporting import reports

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WAITING = 300  # mails in the outbox while the backup is taken
ONE_DAY = "2026-12-01T12:00+01:00"  # a working day after the hour of sending


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(ONE_DAY):
        yield


@pytest.fixture(params=["disk", "bucket"])
def storage(request, settings, tmp_path):
    """Where files lie before; yields the variables with which the restored portal finds its own, empty place."""
    if request.param == "disk":
        on_disk = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
        audit = on_disk | {"OPTIONS": {"location": tmp_path / "audit"}}
        settings.MEDIA_ROOT = tmp_path / "media"
        settings.STORAGES = settings.STORAGES | {"default": on_disk, "audit": audit}
        yield {"TEST_FILES": 1, "VAR_DIR": tmp_path / "restored"}
        return
    with buckets.bucket(settings) as (url, client):
        client.create_bucket(Bucket="restored")
        yield {
            "TEST_FILES": 1,
            "VAR_DIR": tmp_path / "restored",
            "STORAGE_URL": url.replace(buckets.BUCKET, "restored"),
        }


@pytest.fixture
def another():
    """The empty database after the fire."""
    joined, name = environment(), f"{connection.settings_dict['NAME']}_fire"
    with psycopg.connect(joined["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        yield f"{joined['DATABASE_URL'].rpartition('/')[0]}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def filled(cast):
    """Something of everything: a final report, files, reminders due today, mails in the outbox."""
    reports.final(cast)
    measure = cast.measure(Measure.State.RUNNING)
    OutgoingMail.objects.all().delete(), Notification.objects.all().delete()
    for user in (cast.department_head, cast.administrative_head):
        MailPreferences.objects.create(user=user, deadline=Channel.AT_ONCE)
    ReminderRules.objects.create(strategy=cast.strategy, days_before=[], escalate_after=None, overdue_every=None)
    for _number in range(5):
        MilestoneFactory(measure=measure, due_on=timezone.localdate())
    people = [UserFactory() for _number in range(20)]
    for number in range(WAITING):
        OutgoingMail.objects.queue(
            strategy_id=cast.strategy.pk,
            recipient=people[number % 20],
            occasion=f"backup:{number}",
            subject=f"Hinweis {number}",
            body="Bis Freitag.",
        )
    return measure


class AtWork:
    """Reports of status, files that come and go, mails that go out; each again and again, counted in ``done``."""

    def __init__(self, cast, measure, need):
        self.cast, self.measure, self.need = cast, measure, need
        self.ends, self.done, self.faults = threading.Event(), Counter(), []
        acts = (self.report_status, self.attach_and_remove, self.send)
        self.threads = [threading.Thread(target=self.again, args=[act]) for act in acts]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self.ends.set()
        for thread in self.threads:
            thread.join()
        assert self.faults == []

    def again(self, act):
        try:
            while not self.ends.is_set():
                act()
                self.done[act.__name__] += 1
        except Exception as fault:
            self.faults.append(fault)
        finally:
            connection.close()

    def report_status(self):
        measure = Measure.objects.get(pk=self.measure.pk)
        measure.report_status(by=self.cast.actor("project_group"), light=self.cast.light("disc"), progress=1)

    def attach_and_remove(self):
        """Three come, three go; whatever moment the backup sees, some of its files go while it is copying."""
        need, by = Need.objects.get(pk=self.need.pk), self.cast.actor("staff_council")
        for number in range(3):
            content = ContentFile(f"{number} {timezone.now()}".encode() * 1000, name="a.txt")
            Attachment.objects.attach(need, by=by, file=content)
        for attachment in need.attachments.order_by("added_at")[: need.attachments.count() - 3]:
            attachment.remove(by=by)

    def send(self):
        deliver()

    def has_done_more(self, before=None, by=3):
        before = before or Counter()
        return all(self.done[name] >= before[name] + by for name in ("report_status", "attach_and_remove"))


def manage(variables, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_a_backup_under_load_comes_back_whole_and_sends_no_old_mail(cast, mail_server, storage, another, tmp_path):
    measure, need = filled(cast), cast.need(Need.State.DRAFT)
    seal_audit()
    with mail_server() as server:
        with server.trouble("slow"), AtWork(cast, measure, need) as work:
            wait_until(lambda: work.has_done_more() and len(server.taken()) > 10)
            before = work.done.copy()
            call_command("backup", str(tmp_path / "backups"))
            wait_until(lambda: work.has_done_more(before))
        remind(cast.strategy)  # what is due today goes out after the backup, and so does what waited
        while deliver():
            pass
        taken = sent(server)
        assert sum(subject.startswith("Hinweis") for _to, subject in taken) == WAITING
        assert len(taken) > WAITING  # and the reminders

        restored = environment(DATABASE_URL=another, EMAIL_URL=server.url, TEST_NOW=ONE_DAY, **storage)
        (folder,) = (tmp_path / "backups").iterdir()
        manifest = json.loads((folder / "manifest.json").read_text())
        told = manage(restored, "restore", str(folder))
        assert told.returncode == 0, told.stderr
        assert_rows_and_sequences(another, manifest)
        assert_files(another, restored)
        original = environment(EMAIL_URL=server.url, TEST_NOW=ONE_DAY)
        verified = [manage(variables, "verify_reports") for variables in (original, restored)]
        assert verified[0].stderr == verified[1].stderr  # the cast's report has files that nobody rendered
        audit = manage(restored, "verify_audit")
        assert audit.returncode == 0, audit.stdout + audit.stderr
        assert manage(restored, "prepare").returncode == 0

        assert manage(restored, "send_reminders").returncode == 0
        assert sent(server) == taken

        forget_the_restore(another)
        manage(restored, "send_reminders")
        assert sent(server) != taken  # the negative control: without what a restore notes they would go out again


def sent(server):
    return Counter((*mail["to"], mail["subject"]) for mail in server.taken())


def assert_rows_and_sequences(url, manifest):
    with psycopg.connect(url) as there:
        counts = {name: there.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in manifest["tables"]}  # noqa: S608
        wanted = {name: count for name, (count, _digest) in manifest["tables"].items()}
        assert counts == wanted | {"strategy_restoration": 1}
        owned = there.execute(
            "SELECT t.relname, a.attname, s.relname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid"
            " JOIN pg_class t ON t.oid = d.refobjid"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
            " WHERE s.relkind = 'S' AND d.deptype IN ('a', 'i')"
        ).fetchall()
        assert len(owned) > 50
        for table, column, sequence in owned:
            largest = there.execute(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"').fetchone()[0]  # noqa: S608
            assert there.execute(f"SELECT nextval('\"{sequence}\"')").fetchone()[0] > largest


def assert_files(url, variables):
    """Each row's file is there, under its name, with its hash; asked of the restored portal's own storage."""
    script = (
        "import hashlib; from measures.models import Attachment;"
        "[print(row.sha256, hashlib.sha256(row.file.read()).hexdigest()) for row in Attachment.objects.all()]"
    )
    told = manage(variables, "shell", "--no-imports", "-c", script)
    pairs = [line.split() for line in told.stdout.splitlines()]
    assert len(pairs) > 0, told.stderr
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def forget_the_restore(url):
    with psycopg.connect(url) as there:
        there.execute("DELETE FROM strategy_restoration")
        there.execute(
            "UPDATE strategy_outgoingmail SET state = 'waiting', not_before = queued_at WHERE state = 'failed'"
        )
