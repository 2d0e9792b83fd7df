"""What one person changed in one object at one moment, from the rows of ``changes``."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby

from django.apps import apps
from django.db.models import CharField, DateField, Value
from django.utils.translation import gettext_lazy as _

from .entries import ONE_DEED, FieldChange
from .names import PRECISE_BY, shown_value
from .told import TOLD

PRECISIONS = {"date_precision", *PRECISE_BY.values()}
ALWAYS = ("id", "history_id", "history_date", "history_type", "history_user_id", "in_place_of_id")


@dataclass
class RawChange:
    """A field's values as stored, with the rows they stand in (a date is as exact as its row says)."""

    name: str
    before: object
    after: object
    rows: tuple

    def shown(self, model, names):
        column = model._meta.get_field(self.name)
        before, after = (
            shown_value(column, value, row, names)
            for value, row in zip((self.before, self.after), self.rows, strict=True)
        )
        return FieldChange(column.verbose_name, before, after, is_text=self.name in TOLD[model].long_texts)


@dataclass
class Deed:
    """Several rows of history where it was saved in pieces; ``before`` is the row until then."""

    model: type
    before: dict | None
    row: dict
    kind: str

    @property
    def told(self):
        return TOLD[self.model]

    @property
    def at(self):
        return self.row["history_date"]

    @property
    def is_by_a_step(self):
        """Whether a step may have made it."""
        return self.kind in ("~", "-") or self.told.begins_with_a_step

    @property
    def user_id(self):
        return self.row["history_user_id"]

    @property
    def in_place_of_id(self):
        return self.row["in_place_of_id"]

    @property
    def root_pk(self):
        return self.row["root"]

    def changes(self):
        """The fields that differ; None where there is nothing to tell."""
        if self.kind == "+":
            return [] if self.told.many else list(self._filled_in())
        if self.kind == "-":
            return []
        changed = changed_fields(self.model, self.before, self.row)
        return [self._change(name) for name in changed] or None

    def _filled_in(self):
        for name in self.told.fields:
            value = self.row[column_of(self.model, name)]
            if name not in (*self.told.naming, *PRECISIONS) and value not in (None, ""):
                yield RawChange(name, None, value, (None, self.row))

    def _change(self, name):
        column = column_of(self.model, name)
        return RawChange(name, self.before[column], self.row[column], (self.before, self.row))

    def references(self, changes):
        """[(model, id)] of everything whose name is needed to tell this."""
        for change in changes:
            column = self.model._meta.get_field(change.name)
            if column.is_relation:
                for value in (change.before, change.after):
                    yield from (
                        (column.related_model, pk) for pk in (value if isinstance(value, frozenset) else [value])
                    )
        yield from self.told.refers_to(self.row)

    def words(self, root_model, root_pk, names):
        if self.model is root_model:
            return {"+": _("Created"), "~": _("Changed"), "-": _("Removed")}[self.kind]
        words = {"+": self.told.added, "~": self.told.changed, "-": self.told.removed}[self.kind]
        return words % {"object": self.told.name(self.row, root_pk, names)}


def deeds_of(model, stories):
    """What was done to these roots' objects of that model, by object and time."""
    for _pk, of_one in groupby(history_rows(model, stories), key=lambda row: row["id"]):
        before = None
        for saved in together(model, list(of_one)):
            first, last = saved[0]["history_type"], saved[-1]["history_type"]
            yield Deed(model, before, saved[-1], "-" if last == "-" else first)
            before = saved[-1]


def history_rows(model, stories):
    """The rows of history as dictionaries, in order of object and time, with the ``root`` they belong to.

    Of what has changed within the stories' time all rows, for a change tells what was before.
    """
    told = TOLD[model]
    columns = [model._meta.get_field(name).attname for name in told.fields if name not in told.many]
    if told.many:
        columns.append("version")
    found = model.changes.filter(told.rows_of(model, stories.model, stories.ids))
    if stories.span:
        touched = found.filter(history_date__gte=stories.span.start, history_date__lt=stories.span.end)
        found = found.filter(id__in=touched.values("id"))
    owners = {f"owner_{place}": owner for place, owner in enumerate(told.owners(model, stories.model))}
    rows = list(found.order_by("id", "history_date", "history_id").values(*ALWAYS, *columns, **owners))
    for row in rows:
        row["root"] = next(pk for name in owners if (pk := row[name]) in stories.roots)
    if told.many and rows:
        add_members(rows, model, told.many)
    return rows


def add_members(rows, model, names):
    """The values of fields of several rows, as sets of ids; one query."""
    ids, members = [row["history_id"] for row in rows], defaultdict(set)
    first, *others = (members_in(model, name, ids) for name in names)
    for row, name, pk in first.union(*others, all=True):
        members[row, name].add(pk)
    for row in rows:
        row |= {name: frozenset(members[row["history_id"], name]) for name in names}


def members_in(model, name, ids):
    through = apps.get_model(model._meta.app_label, f"Historical{model.__name__}_{name}")
    member = model._meta.get_field(name).m2m_reverse_field_name()
    found = through.objects.filter(history__in=ids).order_by()
    return found.values_list("history_id", Value(name, CharField()), f"{member}_id")


def column_of(model, name):
    return name if name in TOLD[model].many else model._meta.get_field(name).attname


def changed_fields(model, before, after):
    """Names of the fields that differ; how exact a date is belongs to the date."""
    fields = TOLD[model].fields
    names = [name for name in fields if before[column_of(model, name)] != after[column_of(model, name)]]
    dates_too = any(isinstance(model._meta.get_field(name), DateField) for name in names)
    return [name for name in names if not (dates_too and name in PRECISIONS)]


def together(model, rows):
    """Rows saved by one deed: units and tags have rows of their own, just before or after the other fields'."""
    pieces = []
    for before, row in zip([None, *rows], rows, strict=False):
        if pieces and TOLD[model].many and is_of_one_deed(model, before, row):
            pieces[-1].append(row)
        else:
            pieces.append([row])
    return pieces


def is_of_one_deed(model, before, row):
    """Whether one of two rows in succession changed nothing but fields of several rows."""
    many = set(TOLD[model].many)
    same = all(before[name] == row[name] for name in ("version", "history_user_id"))
    first, second = before.get("changed", set()), set(changed_fields(model, before, row))
    row["changed"] = second
    alone = first <= many or (second and second <= many)
    soon = row["history_date"] - before["history_date"] <= ONE_DEED
    return same and soon and alone and row["history_type"] == "~"
