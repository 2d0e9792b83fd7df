"""Reading the portal as it stood at the end of a past day.

Inside ``standing_on`` every query reads, in the place of certain tables, what ``changes`` tells of their rows up to the
midnight that ended the day: a common table expression of the table's own name goes before the statement. So querysets,
rules of sight, filters and pages need not know which day they are asked about, and ask no query more.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from itertools import chain

from django.apps import apps
from django.db import connection
from django.db.models import F, Q, Value, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

_past: ContextVar["Past | None"] = ContextVar("past", default=None)


def today() -> date:
    """The day it is for whoever reads: the past one inside of ``standing_on``, else the present one."""
    past = _past.get()
    return past.day if past else timezone.localdate()


def past_day() -> date | None:
    """The day inside of ``standing_on``, else None."""
    past = _past.get()
    return past and past.day


def end_of(day) -> datetime:
    """The first moment after a day: its midnight in Berlin."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


@dataclass(frozen=True)
class Kind:
    """A model whose rows are read from ``changes``; ``only`` narrows them. What its history leaves out is empty."""

    model: type
    only: Q = field(default_factory=Q)


class Past:
    """The rows of these kinds in one strategy at the end of a day, as tables."""

    def __init__(self, strategy, day, kinds):
        self.strategy, self.day, self.before = strategy, day, end_of(day)
        self.kinds, self._made = kinds, {}

    def __call__(self, execute, sql, params, many, context):
        """An execute wrapper of Django's: put the tables that a statement reads before it."""
        named = [name for name in self._makers if f'"{name}"' in sql] if _past.get() is self else []
        if not named:
            return execute(sql, params, many, context)
        if not sql.lstrip("( ").startswith("SELECT"):
            raise RuntimeError(f"A past day is only read: {sql[:60]}")
        tables, before = zip(*map(self._table, named), strict=True)
        return execute(f"WITH {', '.join(tables)} {sql}", (*chain(*before), *(params or ())), many, context)

    def _table(self, name):
        """(common table expression, its parameters)"""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    @cached_property
    def _makers(self):
        """{table: how it is made}"""
        makers = {}
        for kind in self.kinds:
            makers[kind.model._meta.db_table] = partial(self._rows, kind)
            for column in getattr(kind.model.changes.model, "_history_m2m_fields", ()):
                makers[column.remote_field.through._meta.db_table] = partial(self._links, kind, column)
        return makers

    def _rows(self, kind):
        return expression(kind.model, rows_in(kind.model, self._newest(kind)))

    def _links(self, kind, column):
        return expression(column.remote_field.through, links_in(kind.model, column.name, self._newest(kind)))

    def _newest(self, kind):
        """The last row of history of each object that had not been deleted by then."""
        whose = Q(id=self.strategy.pk) if isinstance(self.strategy, kind.model) else Q(strategy=self.strategy)
        rows = kind.model.changes.filter(whose, kind.only, history_date__lt=self.before).order_by()
        latest_first = [F("history_date").desc(), F("history_id").desc()]
        place = Window(RowNumber(), partition_by=F("id"), order_by=latest_first)
        gone = rows.filter(history_type="-").values("id")
        return rows.exclude(id__in=gone).annotate(place=place).filter(place=1).values("history_id")


def rows_in(model, newest):
    """What stood in the columns of the table."""
    told = model.changes.model._meta
    kept = {column.name for column in told.concrete_fields}
    left_out = {
        f"empty_{column.name}": Value(column.get_default(), column)
        for column in model._meta.concrete_fields
        if column.name not in kept
    }
    names = [
        column.attname if column.name in kept else f"empty_{column.name}" for column in model._meta.concrete_fields
    ]
    return model.changes.filter(history_id__in=newest).annotate(**left_out).order_by().values_list(*names)


def links_in(model, name, newest):
    """The same of a table between this model and another."""
    through = model._meta.get_field(name).remote_field.through
    told = apps.get_model(model._meta.app_label, f"Historical{model.__name__}_{name}")
    columns = [column.attname for column in through._meta.concrete_fields]
    return told.objects.filter(history__in=newest).order_by().values_list(*columns)


def expression(model, rows):
    """Materialized, or PostgreSQL would work it out anew for each row of what it is compared with."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column.column) for column in model._meta.concrete_fields)
    sql, params = rows.query.get_compiler(connection=connection, elide_empty=False).as_sql()
    return f"{quote(model._meta.db_table)} ({columns}) AS MATERIALIZED ({sql})", params


@contextmanager
def standing_on(strategy, day, kinds):
    """Read the rows of these ``Kind``s as they stood in the strategy at the end of that day; writing them fails."""
    past = Past(strategy, day, kinds)
    token = _past.set(past)
    try:
        with connection.execute_wrapper(past):
            yield past
    finally:
        _past.reset(token)


@contextmanager
def present():
    """Read what is true now, within ``standing_on`` too: rights, and the frame of a page. Also a decorator."""
    token = _past.set(None)
    try:
        yield
    finally:
        _past.reset(token)
