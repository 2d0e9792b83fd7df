"""The one job that makes the chain longer."""

import secrets
from datetime import timedelta
from itertools import islice

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from strategy.models import AuditHead, AuditLink, AuditOpening, AuditShape

from . import head as outside
from .sources import commitment, link_digest, sources

BATCH = 1000
SETTLED = timedelta(hours=1)  # no transaction takes so long: below what was sealed then, nothing new appears

log = structlog.get_logger(__name__)


def seal():
    """Add every row that is in no link yet, the oldest first, and keep the head outside. Returns how many.

    What is written meanwhile waits for the next time, or among busy people there would be no end.
    """
    count = added = seal_batch()
    while added == BATCH:
        count += (added := seal_batch())
    end = AuditHead.objects.filter(pk=1).first()
    if end and end.position:
        outside.keep(end)
    if count:
        log.info("audit_sealed", count=count, position=end.position, digest=end.digest)
    return count


@transaction.atomic
def seal_batch():
    """One batch. Of several sealers one works and the others wait for it: they lock the head."""
    head = locked_head()
    now = timezone.now()
    links, openings = [], []
    for source, values in islice(unsealed(now), BATCH):
        salt, shape = secrets.token_hex(16), shape_of(source)
        committed = commitment(salt, {name: values[name] for name in shape.fields})
        head.position += 1
        facts = head.position, source.name, values[source.model._meta.pk.attname], committed, now
        head.digest = link_digest(head.digest, *facts)
        names = "position", "source", "row", "commitment", "sealed_at"
        links.append(AuditLink(digest=head.digest, **dict(zip(names, facts, strict=True))))
        openings.append(AuditOpening(link_id=head.position, shape=shape, salt=salt))
    AuditLink.objects.bulk_create(links)
    AuditOpening.objects.bulk_create(openings)
    head.save(update_fields=["position", "digest"])
    return len(links)


def locked_head():
    """The end of the chain, ours until the transaction ends."""
    AuditHead.objects.get_or_create(pk=1)
    return AuditHead.objects.select_for_update().get(pk=1)


def unsealed(now):
    """(source, values) of what is in no link, by their moment; at most a batch of each source is read."""
    found = [(source, values) for source in sources().values() for values in rows_of(source, now)]
    yield from sorted(found, key=lambda pair: (pair[1]["happened_at"], pair[0].name))


def rows_of(source, now):
    sealed = AuditLink.objects.filter(source=source.name, row=OuterRef("pk"))
    rows = source.rows.filter(~Exists(sealed), pk__gt=floor_of(source, now))
    return rows.order_by(source.moment, "pk").values(*source.fields, happened_at=F(source.moment))[:BATCH]


def floor_of(source, now):
    """The highest row that was sealed long ago, so that a minute's work does not look at years of rows."""
    links = AuditLink.objects.filter(source=source.name, sealed_at__lt=now - SETTLED)
    return links.order_by("-row").values_list("row", flat=True).first() or 0


def shape_of(source):
    return AuditShape.objects.get_or_create(source=source.name, fields=source.fields)[0]
