"""How the initial migration makes the desk's tables: all at once, with the triggers on the evidence log."""

from typing import ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from forbear.store import guards


class CreateTables(Operation):
    """Every table in one step.

    Django renders the models again after each `CreateModel` that is referred to; here they are rendered once,
    which is eight tenths of the time a new desk takes.
    """

    serialization_expand_args: ClassVar = ["models"]

    def __init__(self, models: list[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add every model to the state; what was rendered before is rendered again when asked for, once."""
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the tables, forbid changes to the evidence, and drop indexes that no query uses."""
        for model in self.models:
            schema_editor.create_model(to_state.apps.get_model(app_label, model.name))
        guards.put_up(schema_editor.connection)
        _drop_like_indexes(schema_editor)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take the triggers down and drop every table."""
        guards.take_down(schema_editor.connection)
        for model in reversed(self.models):
            schema_editor.delete_model(from_state.apps.get_model(app_label, model.name))

    def describe(self) -> str:
        """What `migrate --plan` shows."""
        return f"Create {len(self.models)} tables"


def _drop_like_indexes(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL gets an index for LIKE on each text key; every row written pays for it."""
    connection: BaseDatabaseWrapper = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    schema_editor.deferred_sql[:] = [sql for sql in schema_editor.deferred_sql if "_like" not in str(sql)]
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexname from pg_indexes where schemaname = current_schema() "
            "and tablename like 'store\\_%' and indexname like '%\\_like'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"drop index if exists {connection.ops.quote_name(name)}")
