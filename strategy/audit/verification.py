"""Whether the chain holds: link by link, against the rows, against the heads kept outside."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from django.db import connection, transaction
from django.utils import timezone

from strategy.models import AuditHead, AuditLink, AuditShape, Erasure

from . import head as outside
from .sealing import floor_of
from .sources import commitment, link_digest, sources

BATCH, SAID = 1000, 20

log = structlog.get_logger(__name__)


@dataclass
class Verdict:
    """``broken`` are the findings as (position or None, what is wrong), the first break of the chain first."""

    links: int = 0
    compared: int = 0  # links whose row is as it was sealed
    erased: int = 0  # links whose row has been erased in the way that is allowed
    waiting: int = 0  # rows the sealing job has not come to
    heads: int = 0
    broken: list = field(default_factory=list)

    def breaks(self, position, why):
        self.broken.append((position, why))

    @property
    def holds(self):
        return not self.broken


def verify():
    """Follow the whole chain, as it stands at this moment."""
    heads = outside.kept()  # first: whatever stands there was in the table before
    with one_moment():
        verdict = Verdict(heads=len(heads))
        Walk(verdict, {head.position: head for head in heads if head.digest}).go()
        verdict.broken.sort(key=lambda finding: (finding[0] is None, finding[0] or 0))
        judge_heads(verdict, heads)
        judge_rows_left_out(verdict)
    return verdict


def check():
    """Verify, and keep for the administrator's page when that was and how it went; broken ones go to the log, too."""
    verdict = verify()
    AuditHead.objects.filter(pk=1).update(verified_at=timezone.now(), broken=len(verdict.broken))
    for position, why in verdict.broken[:SAID]:
        log.error("audit_broken", position=position, why=why)
    return verdict


@contextmanager
def one_moment():
    """All questions are answered as of the first, although work goes on."""
    fresh = not connection.in_atomic_block
    with transaction.atomic():
        if fresh and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


class Walk:
    """Along the links from the first to the last."""

    def __init__(self, verdict, heads):
        self.verdict, self.heads = verdict, heads
        self.sources = sources()
        self.shapes = {shape.pk: shape for shape in AuditShape.objects.all()}
        self.erased = {(erasure.source, row) for erasure in Erasure.objects.all() for row in erasure.rows}
        self.position, self.digest = 0, ""

    def go(self):
        while links := list(self.next_links()):
            rows = self.rows_of(links)
            for link in links:
                self.follow(link)
                self.compare(link, rows)

    def next_links(self):
        links = AuditLink.objects.filter(position__gt=self.position).order_by("position")
        return links.select_related("opening")[:BATCH]

    def follow(self, link):
        """The chain itself: place, digest, and the head of that place where one is kept."""
        facts = link.position, link.source, link.row, link.commitment, link.sealed_at
        if link.position != self.position + 1:
            self.verdict.breaks(self.position + 1, "missing")
        elif link.digest != link_digest(self.digest, *facts):
            self.verdict.breaks(link.position, "does not follow from the link before, or was changed")
        elif (head := self.heads.get(link.position)) and head.digest != link.digest:
            self.verdict.breaks(link.position, f"is not what {head.name} has kept: the chain was computed anew")
        self.position, self.digest = link.position, link.digest
        self.verdict.links += 1

    def compare(self, link, rows):
        """The row a link stands for."""
        name = f"{link.source} {link.row}"
        if (link.source, link.row) in self.erased:
            self.verdict.erased += 1
        elif not hasattr(link, "opening"):
            self.verdict.breaks(link.position, f"has lost its salt, and no erasure of {name} is known")
        elif (values := rows.get((link.source, link.row))) is None:
            self.verdict.breaks(link.position, f"{name} is gone")
        elif set(fields := self.shapes[link.opening.shape_id].fields) - values.keys():
            self.verdict.breaks(link.position, f"{name} has lost a field since")
        elif commitment(link.opening.salt, {field: values[field] for field in fields}) != link.commitment:
            self.verdict.breaks(link.position, f"{name} was changed")
        else:
            self.verdict.compared += 1

    def rows_of(self, links):
        """{(source, row): values} of what a batch of links stands for; a question a source."""
        wanted = {}
        for link in links:
            wanted.setdefault(link.source, set()).add(link.row)
        return {
            (name, values[source.model._meta.pk.attname]): values
            for name in wanted.keys() & self.sources.keys()
            for source in [self.sources[name]]
            for values in source.rows.filter(pk__in=wanted[name]).values()
        }


def judge_heads(verdict, heads):
    """What the heads say of the end of the chain."""
    end = AuditHead.objects.filter(pk=1).first() or AuditHead()
    last = AuditLink.objects.order_by("-position").first() or AuditLink(position=0, digest="")
    if (end.position, end.digest) != (last.position, last.digest):
        verdict.breaks(
            last.position, f"is the last link, but the head names {end.position}: the end was cut or changed"
        )
    for head in heads:
        if not head.digest:
            verdict.breaks(None, f"{head.name} is no head of this portal: replaced or damaged")
        elif head.position > last.position:
            verdict.breaks(last.position, f"is the last link, but {head.name} names {head.position}: the end was cut")
    if last.position and not heads:
        verdict.breaks(None, "no head is kept outside")


def judge_rows_left_out(verdict):
    """Rows without a link: new ones wait for the job, but none appears below what was sealed long ago."""
    now = timezone.now()
    for source in sources().values():
        left_out = list(source.not_sealed().order_by("pk").values_list("pk", flat=True))
        floor = floor_of(source, now)
        verdict.waiting += sum(row > floor for row in left_out)
        for row in left_out:
            if row <= floor:
                verdict.breaks(None, f"{source.name} {row} was put in later, beside the chain")
