"""The one way in which sealed rows may change or go, for the sake of the people in them."""

from django.db import transaction

from strategy.models import AuditOpening, Erasure

from .sealing import locked_head
from .sources import sources

BATCH = 1000


def erase(rows, *, reason, by=None, strategy=None, values=None):
    """Delete these rows of one source, or with ``values`` overwrite those fields of them. Returns how many.

    Their salts go with them, so that nothing can be worked out from their links; that they went is a sealed row
    itself. Rows in no link yet are treated alike.
    """
    source = sources()[rows.model._meta.label_lower]
    count = 0
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    told = {"source": source.name, "reason": reason, "user": by, "strategy": strategy}
    for start in range(0, len(ids), BATCH):
        count += erase_batch(source, Erasure(rows=ids[start : start + BATCH], **told), values)
    return count


@transaction.atomic
def erase_batch(source, erasure, values):
    locked_head()  # nobody seals a row while it goes
    erasure.save()
    AuditOpening.objects.filter(link__source=source.name, link__row__in=erasure.rows).delete()
    rows = source.rows.filter(pk__in=erasure.rows)
    return rows.update(**values) if values else rows.delete()[0]
