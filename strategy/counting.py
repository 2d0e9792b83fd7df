"""Several counts in one query."""

from django.db.models import IntegerField
from django.db.models.expressions import Subquery

from strategy.models import Strategy


class NumberOf(Subquery):
    """How many rows a queryset has, as a column; written for the menu of every page, so it asks for nothing else."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows):
        super().__init__(rows.order_by().values("pk"))


def count_all(strategy, querysets):
    """{name: number of rows}, in one query; takes {name: queryset}."""
    if not querysets:
        return {}
    names = list(querysets)
    columns = {f"count_{place}": NumberOf(querysets[name]) for place, name in enumerate(names)}
    counted = Strategy.objects.filter(pk=strategy.pk).values(**columns)[0]
    return {name: counted[f"count_{place}"] or 0 for place, name in enumerate(names)}
