"""Several counts in one query."""

from django.db.models import Count, IntegerField
from django.db.models.expressions import Subquery, Value

from strategy.models import Strategy


def number_of(rows):
    """The count of these rows as a subquery."""
    counted = rows.order_by().annotate(everything=Value(1)).values("everything").annotate(number=Count("pk"))
    return Subquery(counted.values("number"), output_field=IntegerField())


def count_all(strategy, querysets):
    """{name: number of rows}, in one query; takes {name: queryset}."""
    if not querysets:
        return {}
    names = list(querysets)
    columns = {f"count_{place}": number_of(querysets[name]) for place, name in enumerate(names)}
    counted = Strategy.objects.filter(pk=strategy.pk).values(**columns)[0]
    return {name: counted[f"count_{place}"] or 0 for place, name in enumerate(names)}
