"""What would disturb the version that still serves is found, and what would not is let through."""

import shutil
from pathlib import Path

import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterModelTable,
    AlterUniqueTogether,
    CreateModel,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.test.utils import CaptureQueriesContext

from strategy.indexes import AddIndexBesideWork
from tests import checks, migrations


@pytest.fixture(scope="module")
def before():
    """As the version before knows the database; here the one that has this code."""
    return MigrationLoader(None).project_state()


def harms(before, operation):
    return list(migrations.harms(operation, "measures", before))


def unique(*fields, **more):
    return models.UniqueConstraint(*more.pop("expressions", ()), fields=fields, name="unique_of_a_test", **more)


REFUSED = {
    "a column goes": RemoveField("measure", "risks"),
    "a table goes": DeleteModel("Milestone"),
    "a column is called otherwise": RenameField("measure", "risks", "dangers"),
    "a table's model is called otherwise": RenameModel("Milestone", "Stone"),
    "a table is called otherwise": AlterModelTable("milestone", "stones"),
    "a new column that must not be empty": AddField("measure", "new", models.IntegerField(default=0)),
    "a new column with an index": AddField("measure", "new", models.ForeignKey("self", models.PROTECT, null=True)),
    "a column that may be empty no more": AlterField("measure", "starts_on", models.DateField()),
    "a shorter text": AlterField("measure", "title", models.CharField(max_length=3)),
    "another type": AlterField("measure", "progress", models.TextField()),
    "a reference to elsewhere": AlterField("measure", "stage", models.ForeignKey("strategy.Phase", models.PROTECT)),
    "values twice no more": AlterField("measure", "title", models.CharField(max_length=200, unique=True)),
    "an index by the way": AlterField("measure", "title", models.CharField(max_length=200, db_index=True)),
    "an index that locks": AddIndex("measure", models.Index("title", name="index_of_a_test")),
    "two columns together once": AddConstraint("measure", unique("strategy", "title")),
    "a value computed once": AddConstraint("measure", models.UniqueConstraint("title", name="unique_of_a_test")),
    "a rule for what is there": AddConstraint(
        "measure", models.CheckConstraint(condition=models.Q(progress__lt=99), name="check_of_a_test")
    ),
    "once the old way": AlterUniqueTogether("measure", {("strategy", "title")}),
    "a column goes by SQL": RunSQL("ALTER TABLE measures_measure DROP COLUMN risks", RunSQL.noop),
    "a table goes by SQL": RunSQL('DROP TABLE "measures_milestone"', RunSQL.noop),
    "by SQL not empty": RunSQL(["ALTER TABLE measures_measure ALTER COLUMN starts_on SET NOT NULL"], RunSQL.noop),
    "an index by SQL": RunSQL("CREATE INDEX a ON measures_measure (risks)", RunSQL.noop),
    "no way back": RunPython(RunPython.noop),
    "hidden in a pair": SeparateDatabaseAndState([RemoveField("measure", "risks")]),
}

ACCEPTED = {
    "a new table": CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
    "a column that may be empty": AddField("measure", "new", models.IntegerField(null=True)),
    "a column the database fills": AddField("measure", "new", models.IntegerField(db_default=0)),
    "many of another table": AddField("measure", "new", models.ManyToManyField("strategy.Light")),
    "a column of a new table": AddField("new", "new", models.IntegerField(default=0)),
    "a longer text": AlterField("measure", "title", models.CharField(max_length=999)),
    "a text without an end": AlterField("measure", "title", models.TextField()),
    "other words": AlterField("measure", "progress", models.PositiveSmallIntegerField("how far", default=0)),
    "may be empty from now on": AlterField("measure", "progress", models.PositiveSmallIntegerField(null=True)),
    "a new column whose index comes later": AddField(
        "measure", "new", models.ForeignKey("self", models.PROTECT, null=True, db_index=False)
    ),
    "an index beside the work": AddIndexBesideWork("measure", models.Index("title", name="index_of_a_test")),
    "an index of a new table": AddIndex("new", models.Index("title", name="index_of_a_test")),
    "a rule for new columns": AddConstraint("measure", unique("new", condition=models.Q(newer=True))),
    "from the state alone": SeparateDatabaseAndState(state_operations=[RemoveField("measure", "risks")]),
    "what left the state before": RunSQL("ALTER TABLE measures_measure DROP COLUMN forgotten", RunSQL.noop),
    "a table that left the state before": RunSQL("DROP TABLE measures_forgotten", RunSQL.noop),
    "both ways": RunPython(RunPython.noop, RunPython.noop),
}


@pytest.mark.parametrize("operation", REFUSED.values(), ids=REFUSED)
def test_what_disturbs_the_version_before_is_refused(before, operation):
    assert len(harms(before, operation)) == 1


@pytest.mark.parametrize("operation", ACCEPTED.values(), ids=ACCEPTED)
def test_what_leaves_the_version_before_in_peace_is_accepted(before, operation):
    assert harms(before, operation) == []


BAD = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("measures", "{last}")]
    operations = [migrations.RemoveField("measure", "risks")]
"""


def test_a_migration_that_comes_after_the_release_fails_the_check(tmp_path, monkeypatch, settings):
    """The release's own migrations do as they like: nobody runs a version before the first."""
    shutil.copytree("measures/migrations", tmp_path / "measures_later", ignore=shutil.ignore_patterns("__pycache__"))
    last = max(path.stem for path in Path("measures/migrations").glob("[0-9]*.py"))
    (tmp_path / "measures_later" / "9999_bad.py").write_text(BAD.format(last=last))
    monkeypatch.syspath_prepend(tmp_path)
    assert list(migrations.faults()) == []

    settings.MIGRATION_MODULES = {"measures": "measures_later"}

    (fault,) = migrations.faults()
    assert fault.startswith("measures 9999_bad: Remove field risks from measure: the version before still uses it")
    monkeypatch.setitem(migrations.RELEASED, "measures", 9999)
    assert list(migrations.faults()) == []


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_an_index_beside_the_work_is_built_and_taken_back_on_each_database(before):
    operation = AddIndexBesideWork("measure", models.Index("title", name="index_of_a_test"))
    after = before.clone()
    operation.state_forwards("measures", after)

    with CaptureQueriesContext(connection) as asked, connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("measures", editor, before, after)
    assert "index_of_a_test" in names_of_indexes()
    assert any("CONCURRENTLY" in query["sql"] for query in asked) == (connection.vendor == "postgresql")

    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("measures", editor, after, before)
    assert "index_of_a_test" not in names_of_indexes()


def names_of_indexes():
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, "measures_measure").keys()


def test_it_is_among_the_checks():
    assert checks.CHECKS["migrations beside the version before"]() == ""
