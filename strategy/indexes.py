"""An index for a table that people are using."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations.operations import AddIndex


class AddIndexBesideWork(AddIndexConcurrently):
    """Others go on writing meanwhile; its migration says ``atomic = False``. SQLite builds it like any other."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.on(schema_editor).database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        self.on(schema_editor).database_backwards(self, app_label, schema_editor, from_state, to_state)

    def on(self, schema_editor):
        return AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
