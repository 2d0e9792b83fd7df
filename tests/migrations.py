"""Migrations run while the version before still serves people: none may take away, forbid or lock what it uses.

Compares each migration after the last release with what that release knows of the database. What RunPython does
inside is for the eyes of a review. Prints what is wrong; run by ./run check.
"""

import os
import re
import sys
from functools import cached_property, singledispatch

import django
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

# The number of each app's last migration in the newest release, raised with each release. Until there is a first one:
# what belongs to it, for nobody runs a version before it.
RELEASED = {"strategy": 19, "measures": 15, "reporting": 5}

LOCKS = "it locks out writers while it looks through the table: see strategy.indexes"
STILL_READ = "the version before still uses it: take it from the state alone, and from the database one release later"
STILL_WRITTEN = "the version before may still write what this forbids"
UNSAFE_SQL = re.compile(r"\b(DROP TABLE|RENAME|SET NOT NULL|TYPE|INDEX(?! CONCURRENTLY))\b", re.IGNORECASE)
DROPPED_COLUMN = re.compile(r'ALTER TABLE "?(\w+)"? DROP COLUMN (?:IF EXISTS )?"?(\w+)"?', re.IGNORECASE)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    found = list(faults())
    print(*found, sep="\n")
    return 1 if found else 0


def faults():
    """A sentence for each operation that would disturb the version before."""
    loader = MigrationLoader(None)
    graph, before = loader.graph, loader.project_state(last_released(loader.graph))
    for app, name in sorted(graph.nodes):
        if app in RELEASED and number(name) > RELEASED[app]:
            for operation in graph.nodes[app, name].operations:
                yield from (f"{app} {name}: {operation.describe()}: {why}" for why in harms(operation, app, before))


def last_released(graph):
    found = [key for key in graph.nodes if RELEASED.get(key[0]) == number(key[1])]
    if len(found) != len(RELEASED):
        raise ValueError("RELEASED names a migration that is not there.")
    return found


def number(name):
    """Of the last migration it stands for, where several were squashed into it."""
    return int(re.match(r"(?:\d+_squashed_)?(\d+)", name)[1])


def harms(operation, app, before):
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for one in operation.database_operations:
            yield from harms(one, app, before)
        return
    if not operation.reversible:
        yield "it cannot be taken back"
    if why := harm(operation, Known(app, before)):
        yield why


class Known:
    """What the version before knows of one app's tables."""

    def __init__(self, app, state):
        self.tables = {name: model for (label, name), model in state.models.items() if label == app}
        self.apps, self.app = state.apps, app

    def fields(self, model):
        """{name: field}; none of a table that is new."""
        found = self.tables.get(model.lower())
        return found.fields if found else {}

    @cached_property
    def columns(self):
        """{table: names of its columns}"""
        found = self.apps.get_app_config(self.app).get_models(include_auto_created=True)
        return {model._meta.db_table: {field.column for field in model._meta.local_fields} for model in found}


@singledispatch
def harm(operation, known):
    """Why an operation disturbs the version before; nothing where it does not."""


@harm.register
def _(operation: operations.DeleteModel, known):
    return STILL_READ if known.fields(operation.name) else None


@harm.register
def _(operation: operations.RenameModel, known):
    return STILL_READ if known.fields(operation.old_name) else None


@harm.register
def _(operation: operations.AlterModelTable, known):
    return STILL_READ if known.fields(operation.name) else None


@harm.register
def _(operation: operations.RenameField, known):
    return STILL_READ if operation.old_name in known.fields(operation.model_name) else None


@harm.register
def _(operation: operations.RemoveField, known):
    return STILL_READ if operation.name in known.fields(operation.model_name) else None


@harm.register
def _(operation: operations.AddField, known):
    field = operation.field
    if not known.fields(operation.model_name) or field.many_to_many:
        return None
    if not (field.null or field.generated or field.db_default is not NOT_PROVIDED):
        return "the version before leaves it empty: give it a db_default, or let it be null"
    return LOCKS if field.db_index or field.unique else None


@harm.register
def _(operation: operations.AlterField, known):
    before, after = known.fields(operation.model_name).get(operation.name), operation.field
    if before is None:
        return None
    if (before.null and not after.null) or (after.unique and not before.unique):
        return STILL_WRITTEN
    if after.db_index and not before.db_index:
        return LOCKS
    if before.db_column != after.db_column:
        return STILL_READ
    return None if holds_all_of(before, after) else "the version before reads and writes another type"


def holds_all_of(before, after):
    """Whether a column takes whatever it took; a longer text is no other type."""
    if before.is_relation or after.is_relation:
        return before.related_model == after.related_model
    if isinstance(before, models.CharField) and isinstance(after, models.CharField | models.TextField):
        return after.max_length is None or (before.max_length is not None and before.max_length <= after.max_length)
    return type(before) is type(after) and before.db_parameters(connection) == after.db_parameters(connection)


@harm.register
def _(operation: operations.AddIndex, known):
    return LOCKS if known.fields(operation.model_name) else None


@harm.register
def _(operation: AddIndexConcurrently, known):
    return None


@harm.register
def _(operation: operations.AddConstraint, known):
    before = known.fields(operation.model_name)
    return STILL_WRITTEN if before and not rests_on_new_columns(operation.constraint, before) else None


def rests_on_new_columns(constraint, before):
    """The version before leaves these as their default is."""
    named = set(getattr(constraint, "fields", ()))
    if constraint.condition is not None:
        named |= constraint.condition.referenced_base_fields
    return bool(named) and not getattr(constraint, "expressions", ()) and not named & before.keys()


@harm.register
def _(operation: operations.AlterUniqueTogether, known):
    return STILL_WRITTEN if operation.unique_together and known.fields(operation.name) else None


@harm.register
def _(operation: operations.RunSQL, known):
    text = operation.sql if isinstance(operation.sql, str) else " ".join(map(str, operation.sql))
    if any(column in known.columns.get(table, ()) for table, column in DROPPED_COLUMN.findall(text)):
        return STILL_READ
    if UNSAFE_SQL.search(text) and known.columns.keys() & re.findall(r"\w+", text):
        return "it may take away, forbid or lock what the version before uses"


if __name__ == "__main__":
    sys.exit(main())
