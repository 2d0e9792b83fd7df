"""The one way in which sealed rows may change or go, for the sake of the people in them."""

from django.db import transaction

from strategy.models import AuditOpening, Erasure

from .sealing import locked_head
from .sources import sources

BATCH = 1000


def erase(rows, *, reason, by=None, values=None):
    """Delete these rows of one source, or with ``values`` overwrite those fields of them. Returns how many.

    Their salts go with them, so that nothing can be worked out from their links; that they went is a sealed row
    itself. Rows in no link yet are treated alike.
    """
    source = sources()[rows.model._meta.label_lower]
    count = 0
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        count += erase_batch(source, ids[start : start + BATCH], reason, by, values)
    return count


@transaction.atomic
def erase_batch(source, ids, reason, by, values):
    locked_head()  # nobody seals a row while it goes
    Erasure.objects.create(source=source.name, rows=ids, reason=reason, user=by)
    AuditOpening.objects.filter(link__source=source.name, link__row__in=ids).delete()
    rows = source.rows.filter(pk__in=ids)
    return rows.update(**values) if values else rows.delete()[0]
