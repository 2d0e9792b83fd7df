"""Where uploaded files lie, and how they go.

Every file has a name of its own that no other ever had and is never changed: a row that is there has its file, whoever
copied it at whatever moment. What must go is noted beside the row that goes and deleted after that; while a backup
copies the files it stays until the backup is done.
"""

from botocore.config import Config
from django.core.files.storage import default_storage
from django.db import transaction
from storages.backends.s3 import S3Storage

from strategy import locks
from strategy.models import FileToDelete

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
