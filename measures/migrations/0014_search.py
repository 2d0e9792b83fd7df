"""Full text is searched by index on PostgreSQL; SQLite, the demo's, needs none."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations

COLUMNS = {
    "measure": (
        "title",
        "goal",
        "description",
        "initial_situation",
        "target_group",
        "risks",
        "experience",
        "origin_note",
        "responsible_function",
        "status_known",
    ),
    "milestone": ("title",),
    "statusupdate": ("text", "next_steps"),
    "indicator": ("name", "definition"),
    "worksagreement": ("title", "note"),
    "survey": ("title", "population", "findings"),
    "reference": ("title",),
    "need": ("title", "text", "reasons", "affected_groups", "answer_text", "objection", "objection_answer"),
    "reviewresponse": ("text", "settlement"),
}


def indexes(apps, editor):
    """[(model, index)], as ``Texts.index`` makes them; nothing on another database."""
    if editor.connection.vendor != "postgresql":
        return []
    return [
        (apps.get_model("measures", name), GinIndex(SearchVector(*columns, config="german"), name=f"{name}_words"))
        for name, columns in COLUMNS.items()
    ]


def add(apps, editor):
    for model, index in indexes(apps, editor):
        editor.add_index(model, index)


def remove(apps, editor):
    for model, index in indexes(apps, editor):
        editor.remove_index(model, index)


class Migration(migrations.Migration):
    dependencies = [("measures", "0013_sheet")]

    operations = [migrations.RunPython(add, remove)]
