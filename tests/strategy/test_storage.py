"""Where uploaded files lie: on a disk or in a bucket, seen by whoever may see them, gone when they must go."""

import hashlib
from contextlib import closing

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import connection, transaction

from measures.models import Attachment, ImportRun, Need
from strategy import storage
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
    answer.close()

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

    backup_running.close()
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
