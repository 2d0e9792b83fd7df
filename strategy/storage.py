"""Where uploaded files lie, and how they go.

Every file has a name of its own that no other ever had and is never changed: a row that is there has its file, whoever
copied it at whatever moment. What must go is noted beside the row that goes and deleted after that; while a backup
copies the files it stays until the backup is done. What was laid down for a row that never came, because a crash was
quicker, is looked for at night.
"""

import posixpath
from contextlib import suppress

import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models, transaction
from storages.backends.s3 import S3Storage

from strategy import locks
from strategy.models import FileToDelete

log = structlog.get_logger(__name__)

TROUBLE = (OSError, BotoCoreError, ClientError)  # a storage that is away or does not let us in
PATIENCE = {"connect_timeout": 5, "read_timeout": 20, "retries": {"total_max_attempts": 3, "mode": "standard"}}
# Checksums in headers are the newer half of the protocol, which not every data centre's storage speaks.
COMPATIBLE = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}


class Bucket(S3Storage):
    """S3 or what speaks its language. Nothing in it is public: the portal itself hands out files, after asking who."""

    def get_default_settings(self):
        config = Config(s3={"addressing_style": "path"}, signature_version="s3v4", **PATIENCE, **COMPATIBLE)
        return super().get_default_settings() | {
            "client_config": config,
            "default_acl": None,
            "file_overwrite": False,
            "max_memory_size": 1024**2,
        }

    def url(self, name, *args, **kwargs):
        raise TypeError("Files have no address of their own: whoever has it would be asked for nothing.")


def delete_later(name):
    """Delete the file once the transaction has taken away the row that named it."""
    noted = FileToDelete.objects.create(name=name)
    transaction.on_commit(lambda: delete(noted), robust=True)


def delete(noted):
    """Whether the file is gone; while a backup is copying, it waits for the sweep."""
    if not locks.take(locks.Lock.FILES, shared=True):
        return False
    try:
        default_storage.delete(noted.name)
        noted.delete()
    finally:
        locks.let_go(locks.Lock.FILES, shared=True)
    return True


def sweep():
    """Delete what a backup has kept or a crash has left. Returns how many files are gone."""
    return sum(delete(noted) for noted in FileToDelete.objects.order_by("pk"))


def file_fields():
    return [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]


def files_named():
    """The names of all files that rows of the database name."""
    names = set()
    for field in file_fields():
        rows = field.model._base_manager.exclude(**{field.name: ""})
        names |= set(rows.values_list(field.name, flat=True))
    return names


def files_there():
    """The names of all files where rows lay theirs; what lies elsewhere in a bucket is not ours to judge."""
    folders = {posixpath.dirname(field.generate_filename(None, "file")) for field in file_fields()}
    names = set()
    for folder in folders:
        with suppress(FileNotFoundError):  # nothing was ever laid there
            names |= {posixpath.join(folder, name) for name in default_storage.listdir(folder)[1]}
    return names


def delete_strays(before):
    """Delete the files no row names that were there before that moment. Returns how many are gone.

    Looks at the files first: what is laid down afterwards is none of them. Nobody else deletes any meanwhile, and while
    a backup copies them all stay. ``before`` lies further back than anything that is still under way. A database that
    names no file at all may be one that has yet to be restored.
    """
    if not locks.take(locks.Lock.FILES):
        return 0
    count = 0
    try:
        there, named = files_there(), files_named()
        for name in there - named if named else ():
            if default_storage.get_modified_time(name) < before:
                default_storage.delete(name)
                count += 1
    except TROUBLE as trouble:
        log.error("strays_not_deleted", because=type(trouble).__name__)
    finally:
        locks.let_go(locks.Lock.FILES)
    return count
