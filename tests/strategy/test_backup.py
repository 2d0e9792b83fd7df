"""Promise P25 in small: a backup is whole or not there, comes back as it was, and sends no old mail.

Under load and with all its services: tests/test_backup_under_load.py.
"""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from measures.models import Attachment, Measure, Need
from strategy import backup
from strategy.models import (
    Channel,
    MailPreferences,
    Notification,
    OutgoingMail,
    Reminder,
    ReminderRules,
    Restoration,
)
from strategy.planner import remind
from tests.factories import MilestoneFactory, tell
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def on_disk(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def another(tmp_path):
    """An empty database and an empty disk, as after a fire; yields the variables of programs that use them."""
    joined = environment()
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(joined["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        url = f"{joined['DATABASE_URL'].rpartition('/')[0]}/{name}"
        yield {**joined, "DATABASE_URL": url, "TEST_FILES": "1", "VAR_DIR": str(tmp_path / "restored")}
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(variables, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=variables, capture_output=True, text=True, check=False
    )


def attach(cast, text):
    need = cast.need(Need.State.DRAFT)
    file = ContentFile(text.encode(), name="a.txt")
    return Attachment.objects.attach(need, by=cast.actor("staff_council"), file=file)


def taken(tmp_path):
    call_command("backup", str(tmp_path / "backups"), verbosity=0)
    (found,) = (tmp_path / "backups").iterdir()
    return found


# There


@pytest.mark.usefixtures("on_disk")
def test_a_backup_comes_back_as_it_was(cast, tmp_path, another):
    cast.measure(Measure.State.RUNNING)
    files = [attach(cast, text) for text in ("eins", "zwei", "drei")]
    before = backup.tables()
    folder = taken(tmp_path)

    restored = manage(another, "restore", str(folder))

    assert restored.returncode == 0, restored.stderr
    assert f"{sum(count for count, _digest in before.values())} rows, 3 files" in restored.stdout
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["tables"].keys() == before.keys()
    for file in files:
        assert (tmp_path / "restored/media" / file.file.name).read_bytes() == Path(file.file.path).read_bytes()
    with psycopg.connect(another["DATABASE_URL"]) as there, psycopg.connect(environment()["DATABASE_URL"]) as here:
        sequences = (
            "SELECT sequencename, last_value FROM pg_sequences WHERE sequencename NOT LIKE '%%restoration%%' ORDER BY 1"
        )
        assert there.execute(sequences).fetchall() == here.execute(sequences).fetchall()
        schema = "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
        assert there.execute(schema).fetchall() == here.execute(schema).fetchall()


@pytest.mark.usefixtures("on_disk")
def test_nobody_else_reads_a_backup(cast, tmp_path):
    assert taken(tmp_path).stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("on_disk")
def test_a_file_that_is_missing_is_told_and_leaves_no_half_backup(cast, tmp_path):
    attachment = attach(cast, "eins")
    default_storage.delete(attachment.file.name)

    with pytest.raises(CommandError, match=attachment.file.name):
        call_command("backup", str(tmp_path / "backups"))

    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.usefixtures("on_disk")
def test_sessions_are_not_kept(cast, client, tmp_path, another):
    client.force_login(cast.project_group)

    manage(another, "restore", str(taken(tmp_path)))

    with psycopg.connect(another["DATABASE_URL"]) as there:
        assert there.execute("SELECT count(*) FROM django_session").fetchone() == (0,)


# What is refused


@pytest.mark.usefixtures("on_disk")
def test_a_database_that_is_not_empty_is_left_alone(cast, tmp_path):
    folder = taken(tmp_path)
    before = backup.tables()

    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(folder))

    assert backup.tables() == before


def spoil(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")


@pytest.mark.usefixtures("on_disk")
@pytest.mark.parametrize("what", ["database.dump", "file", "missing", "manifest", "newer"])
def test_a_damaged_backup_is_refused_before_anything_is_written(cast, tmp_path, another, what):
    name = attach(cast, "eins").file.name
    folder = taken(tmp_path)
    if what == "missing":
        (folder / "files" / name).unlink()
    elif what == "manifest":
        (folder / "manifest.json").unlink()
    elif what == "newer":
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["migrations"].append(["strategy", "9999_of_tomorrow"])
        (folder / "manifest.json").write_text(json.dumps(manifest))
    else:
        spoil(folder, "database.dump" if what == "database.dump" else f"files/{name}")

    refused = manage(another, "restore", str(folder))

    assert refused.returncode == 1
    assert "damaged" in refused.stderr or "no backup" in refused.stderr or "9999_of_tomorrow" in refused.stderr
    assert not (tmp_path / "restored/media").exists()
    with psycopg.connect(another["DATABASE_URL"]) as there:
        assert there.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@pytest.mark.usefixtures("on_disk")
def test_a_restore_that_fails_half_way_leaves_the_database_empty_and_can_be_repeated(cast, tmp_path, another):
    folder = taken(tmp_path)
    with psycopg.connect(another["DATABASE_URL"], autocommit=True) as there:
        # of the same name as a table the dump makes among the last
        there.execute("CREATE DOMAIN strategy_strategy AS int")

    failed = manage(another, "restore", str(folder))

    assert failed.returncode == 1
    assert "Nothing was restored" in failed.stderr
    with psycopg.connect(another["DATABASE_URL"], autocommit=True) as there:
        assert there.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        there.execute("DROP DOMAIN strategy_strategy")
    assert manage(another, "restore", str(folder)).returncode == 0


# No old mail


@pytest.mark.usefixtures("on_disk")
def test_mails_that_waited_are_held(cast, tmp_path, another):
    for number in range(3):
        OutgoingMail.objects.queue(
            strategy_id=cast.strategy.pk,
            recipient=cast.reader,
            occasion=f"{number}",
            subject="Frist",
            body="Bis Freitag.",
        )
    waiting = OutgoingMail.objects.waiting().count()
    folder = taken(tmp_path)

    told = manage(another, "restore", str(folder)).stdout

    assert f"{waiting} mails held" in told
    assert waiting >= 3
    with psycopg.connect(another["DATABASE_URL"]) as there:
        states = "SELECT state, count(*) FROM strategy_outgoingmail GROUP BY 1"
        assert dict(there.execute(states).fetchall()) == {"failed": waiting}
        assert there.execute("SELECT count(*) FROM strategy_restoration").fetchone() == (1,)


@pytest.fixture
def due_yesterday_and_tomorrow(cast):
    """Reminders of the day of a restore and of the days after it, to be mailed at once."""
    measure = cast.measure(Measure.State.RUNNING)
    OutgoingMail.objects.all().delete(), Notification.objects.all().delete()
    MailPreferences.objects.create(user=cast.department_head, deadline=Channel.AT_ONCE)
    ReminderRules.objects.create(strategy=cast.strategy, days_before=[], escalate_after=None, overdue_every=None)
    MilestoneFactory(measure=measure, due_on=timezone.localdate(MONDAY), title="Montag")
    MilestoneFactory(measure=measure, due_on=timezone.localdate(MONDAY) + timedelta(days=1), title="Dienstag")


MONDAY = timezone.datetime(2026, 11, 30, 11, tzinfo=timezone.get_default_timezone())


def mails_of(cast, state):
    return list(OutgoingMail.objects.filter(recipient=cast.department_head, state=state).values_list("body", flat=True))


@pytest.mark.usefixtures("due_yesterday_and_tomorrow")
@pytest.mark.parametrize("restored", [True, False])
def test_after_a_restore_what_was_due_before_is_held_and_what_comes_is_sent(cast, restored):
    if restored:
        Restoration.objects.create(backup_at=MONDAY - timedelta(days=2), restored_at=MONDAY - timedelta(hours=1))

    remind(cast.strategy, at=MONDAY)
    remind(cast.strategy, at=MONDAY + timedelta(days=1))

    held, sent = mails_of(cast, "failed"), mails_of(cast, "waiting")
    assert [len(held), len(sent)] == ([1, 1] if restored else [0, 2])
    assert not restored or ("Montag" in held[0] and "Dienstag" in sent[0] and "Montag" not in sent[0])
    assert Reminder.objects.filter(recipient=cast.department_head, state=Reminder.State.SENT).count() == 2


@pytest.mark.usefixtures("due_yesterday_and_tomorrow")
def test_what_is_held_can_be_sent_by_who_answers_for_it(cast):
    Restoration.objects.create(backup_at=MONDAY - timedelta(days=2), restored_at=MONDAY - timedelta(hours=1))
    remind(cast.strategy, at=MONDAY)
    held = OutgoingMail.objects.failed().filter(recipient=cast.department_head)
    told = held.get().problem

    assert held.resend(cast.strategy, by=cast.actor("project_group")) == 1
    assert "Wiederherstellung" in told or "restore" in told


def test_the_daily_mail_after_a_restore_holds_only_what_is_older(cast):
    MailPreferences.objects.create(user=cast.reader, news=Channel.DIGEST, digest_hour=7)
    Notification.objects.all().delete()
    restored = MONDAY - timedelta(hours=8)
    Restoration.objects.create(backup_at=restored - timedelta(days=1), restored_at=restored)
    for title, at in (("Altes", restored - timedelta(hours=1)), ("Neues", restored + timedelta(hours=1))):
        tell(cast.reader, occasion=title, title=title, url="/", strategy=cast.strategy, created_at=at)

    remind(cast.strategy, at=MONDAY)

    told = dict(OutgoingMail.objects.filter(recipient=cast.reader).values_list("state", "body"))
    assert told.keys() == {"failed", "waiting"}
    assert [("Altes" in text, "Neues" in text) for text in (told["failed"], told["waiting"])] == [
        (True, False),
        (False, True),
    ]
