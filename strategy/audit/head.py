"""The head of the chain outside the database: a signed file a day in the storage ``audit``, beside a line of the log.

Whoever can write to the database alone can compute a whole chain anew, but not these files.
"""

from dataclasses import dataclass

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

SALT = "strategy.audit.head"
ENDING = ".head"


@dataclass(frozen=True)
class Kept:
    """``digest`` is empty where the file is none of ours."""

    name: str
    position: int
    digest: str


def keep(head):
    """Write the head into today's file. After the chain, never before it: what stands here must be in the table."""
    storage, name = storages["audit"], f"{timezone.localdate():%Y-%m-%d}{ENDING}"
    if read(storage, name) == Kept(name, head.position, head.digest):
        return
    text = signing.dumps([head.position, head.digest], salt=SALT)
    if storage.exists(name):
        storage.delete(name)
    storage.save(name, ContentFile(text.encode()))


def kept():
    """All heads there are, the earliest day first."""
    storage = storages["audit"]
    try:
        names = storage.listdir("")[1]
    except FileNotFoundError:
        return []
    return [read(storage, name) for name in sorted(names) if name.endswith(ENDING)]


def read(storage, name):
    if not storage.exists(name):
        return None
    with storage.open(name) as file:
        text = file.read().decode(errors="replace")
    try:
        position, digest = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return Kept(name, 0, "")
    return Kept(name, position, digest)
