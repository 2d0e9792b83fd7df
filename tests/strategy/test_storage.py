"""Where uploaded files lie: on a disk or in a bucket, seen by whoever may see them, gone when they must go."""

import hashlib
import signal
import subprocess
import sys
from contextlib import closing, suppress
from datetime import timedelta

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from measures.models import Attachment, ImportRun, Need
from strategy import retention, storage
from strategy.locks import Lock
from strategy.models import FileToDelete
from strategy.tasks import sweep_files
from tests import buckets
from tests.pages import browser_of
from tests.processes import environment

CONTENT = b"Hallo\n" * 500_000  # more than is kept in memory


@pytest.fixture
def bucket(settings):
    with buckets.bucket(settings) as (_url, client):
        yield client


def attach(cast, owner=None, content=CONTENT, by="staff_council"):
    owner = owner or cast.need(Need.State.DRAFT)
    return Attachment.objects.attach(owner, by=cast.actor(by), file=ContentFile(content, name="a.txt"))


# In a bucket


@pytest.mark.django_db
def test_an_attached_file_lies_in_the_bucket_and_is_handed_out_whole(cast, bucket):
    attachment = attach(cast)

    answer = browser_of(cast.staff_council).get(attachment.get_absolute_url())
    content = b"".join(answer.streaming_content)

    assert buckets.names(bucket) == {attachment.file.name}
    assert hashlib.sha256(content).hexdigest() == attachment.sha256
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.django_db
def test_the_portal_asks_who_it_is_before_it_asks_the_bucket(cast, bucket, monkeypatch):
    attachment = attach(cast)
    monkeypatch.setattr(storage.Bucket, "_open", lambda *arguments: pytest.fail("asked"))

    for who in (cast.reader, cast.project_group, cast.department_head):
        assert browser_of(who).get(attachment.get_absolute_url()).status_code == 404


@pytest.mark.django_db
def test_nothing_in_the_bucket_is_public_or_has_an_address(cast, bucket):
    attachment = attach(cast)

    with pytest.raises(TypeError):
        attachment.file.url  # noqa: B018
    grants = bucket.get_object_acl(Bucket=buckets.BUCKET, Key=attachment.file.name)["Grants"]
    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


@pytest.mark.django_db
def test_a_file_is_never_overwritten(bucket):
    names = [default_storage.save("attachments/one", ContentFile(text)) for text in (b"first", b"second")]

    assert len(set(names)) == 2
    with default_storage.open(names[0]) as file:
        assert file.read() == b"first"


@pytest.mark.django_db
def test_an_uploaded_table_lies_in_the_bucket_and_can_be_read(cast, bucket):
    run = ImportRun.objects.upload(
        cast.strategy, by=cast.actor("project_group"), file=ContentFile(b"Titel\nA\n", name="a.csv"), language="de"
    )

    assert buckets.names(bucket) == {run.file.name}
    with ImportRun.objects.get(pk=run.pk).file.open() as file:
        assert file.read() == b"Titel\nA\n"


@pytest.mark.django_db(transaction=True)
def test_what_is_removed_is_gone_from_the_bucket(cast, bucket):
    attachment = attach(cast)

    attachment.remove(by=cast.actor("staff_council"))

    assert buckets.names(bucket) == set()


# How files go


@pytest.fixture
def backup_running():
    """Another connection holds what a backup holds while it copies."""
    with closing(psycopg.connect(environment()["DATABASE_URL"], autocommit=True)) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [int(Lock.FILES)])
        yield other


@pytest.mark.django_db(transaction=True)
def test_a_file_stays_if_its_row_stays(cast):
    attachment = attach(cast)
    with transaction.atomic():
        attachment.remove(by=cast.actor("staff_council"))
        transaction.set_rollback(True)

    assert default_storage.exists(attachment.file.name)
    assert not FileToDelete.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_a_backup_copies_files_none_goes_and_after_it_all_do(cast, backup_running):
    attachment = attach(cast)
    name = attachment.file.name

    attachment.remove(by=cast.actor("staff_council"))
    assert sweep_files() == 0
    assert default_storage.exists(name)

    backup_running.execute("SELECT pg_advisory_unlock_all()")  # closing would not wait for the server
    assert sweep_files() == 1
    assert not default_storage.exists(name)
    assert not FileToDelete.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_storage_in_trouble_does_not_stop_the_removal_and_the_sweep_makes_up_for_it(cast, monkeypatch):
    attachment = attach(cast)
    name = attachment.file.name

    def down(self, name):
        raise OSError("no route")

    with monkeypatch.context() as trouble:
        trouble.setattr(InMemoryStorage, "delete", down)
        attachment.remove(by=cast.actor("staff_council"))
        assert not Attachment.objects.exists()

    assert sweep_files() == 1
    assert not default_storage.exists(name)


@pytest.mark.django_db(transaction=True)
def test_whoever_deletes_files_keeps_no_lock(cast):
    attach(cast).remove(by=cast.actor("staff_council"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


# What a crash has left


@pytest.fixture(params=["disk", "bucket"])
def place(request, settings, tmp_path):
    """Files lie on a disk or in a bucket; the environment of a process that shares it."""
    if request.param == "disk":
        disk = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
        settings.STORAGES = settings.STORAGES | {"default": disk}
        settings.MEDIA_ROOT = tmp_path / "media"
        yield {"TEST_FILES": "1", "VAR_DIR": str(tmp_path)}
    else:
        with buckets.bucket(settings) as (url, _client):
            yield {"TEST_FILES": "1", "STORAGE_URL": url}


def forgotten(after):
    """How many files the nightly job deletes when so much time has passed."""
    return retention.sweep(timezone.now() + after)["files"]


A_DAY, NEARLY = timedelta(days=1, minutes=1), timedelta(hours=23)


def broken_off(cast):
    """An upload whose row does not come: the database gives up after the file has been laid down."""
    before = storage.files_there()
    with suppress(DatabaseError), transaction.atomic():
        attach(cast)
        raise DatabaseError("connection lost")
    (name,) = storage.files_there() - before
    return name


@pytest.mark.usefixtures("place")
@pytest.mark.django_db(transaction=True)
def test_what_an_upload_that_broke_off_left_is_gone_after_a_day_and_not_before(cast, log):
    kept = attach(cast).file.name
    stray = broken_off(cast)

    assert forgotten(NEARLY) == 0
    assert storage.files_there() == {kept, stray}

    assert forgotten(A_DAY) == 1
    assert storage.files_there() == {kept}
    assert [line["files"] for line in log.of("retention_swept")] == [0, 1]


KILLED = """
import os, signal, sys, django
django.setup()
from django.core.files.base import ContentFile
from django.db import transaction
from measures.models import Attachment, Need
from strategy.actor import Actor
from strategy.models import User
with transaction.atomic():
    by = Actor.of(User.objects.get(pk=sys.argv[2]))
    Attachment.objects.attach(Need.objects.get(pk=sys.argv[1]), by=by, file=ContentFile(b"Hallo", name="a.txt"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_process_left_is_found(cast, place):
    kept = attach(cast).file.name
    need = cast.need(Need.State.DRAFT)

    command = [sys.executable, "-c", KILLED, str(need.pk), str(cast.staff_council.pk)]
    died = subprocess.run(command, env=environment(**place), check=False)

    assert died.returncode == -signal.SIGKILL
    assert len(storage.files_there()) == 2
    assert forgotten(A_DAY) == 1
    assert storage.files_there() == {kept}


@pytest.mark.django_db(transaction=True)
def test_what_is_not_an_upload_of_ours_is_left_alone(cast, bucket):
    """The heads of the audit trail may lie in the same bucket, without a row that names them."""
    attach(cast)
    for name in ("audit/2026-11-27.txt", "readme.txt", "attachments/deeper/x"):
        default_storage.save(name, ContentFile(b"x"))

    assert forgotten(A_DAY) == 0


@pytest.mark.django_db(transaction=True)
def test_while_a_backup_copies_files_strays_stay_too(cast, place, backup_running):
    attach(cast)
    stray = broken_off(cast)

    assert forgotten(A_DAY) == 0
    assert stray in storage.files_there()

    backup_running.execute("SELECT pg_advisory_unlock_all()")  # closing would not wait for the server
    assert forgotten(A_DAY) == 1


@pytest.mark.usefixtures("place")
@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_yet_to_be_restored_costs_no_files(cast):
    broken_off(cast)

    assert forgotten(A_DAY) == 0


@pytest.mark.django_db(transaction=True)
def test_a_storage_in_trouble_keeps_nothing_else_from_being_forgotten(cast, monkeypatch, log):
    attach(cast)

    def down(self, name):
        raise OSError("no route")

    monkeypatch.setattr(InMemoryStorage, "listdir", down)

    assert forgotten(A_DAY) == 0
    assert [line["because"] for line in log.of("strays_not_deleted")] == ["OSError"]
    assert log.of("retention_swept")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def upload_table(cast):
    file = ContentFile(b"Titel\nA\n", name="a.csv")
    ImportRun.objects.upload(cast.strategy, by=cast.actor("project_group"), file=file, language="de")


def attach_to_a_measure(cast):
    attach(cast, cast.measure(), b"Hallo", "project_group")


def attach_and_remove(cast):
    attach(cast, content=b"Hallo").remove(by=cast.actor("staff_council"))


DEEDS = (attach, attach_to_a_measure, attach_and_remove, upload_table, broken_off)


@pytest.mark.django_db(transaction=True)
@effort(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.sampled_from(DEEDS), max_size=6), after=st.sampled_from([NEARLY, A_DAY]))
def test_whatever_happened_no_file_that_a_row_names_goes(cast, deeds, after):
    for deed in deeds:
        deed(cast)
    there, named = storage.files_there(), storage.files_named()

    storage.delete_strays(timezone.now() + after - timedelta(days=1))

    goes = there - named if after == A_DAY and named else set()
    assert named <= there
    assert storage.files_there() == there - goes
