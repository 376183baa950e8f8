"""Indexes that no query uses, and that every row written pays for.

A borrower's rows are found by an index that begins with the borrower and goes on, so the one on the borrower alone
is idle. On PostgreSQL each text key also has an index for LIKE, which nothing here asks. Dropping them takes no
time and the version before runs without them; they don't come back when this is undone.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RELATED = {
    "consent": "consents",
    "contact": "contacts",
    "contactpoint": "points",
    "hold": "holds",
    "notice": "notices",
    "treatment": "treatments",
}


def drop_idle(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop them."""
    connection = schema_editor.connection
    idle = []
    with connection.cursor() as cursor:
        for model in RELATED:
            found = connection.introspection.get_constraints(cursor, f"store_{model}")
            idle += [
                name
                for name, each in found.items()
                if each["index"]
                and not each["unique"]
                and not each["primary_key"]
                and each["columns"] == ["borrower_id"]
            ]
        if connection.vendor == "postgresql":
            cursor.execute(
                "select indexname from pg_indexes where schemaname = current_schema() "
                "and tablename like 'store\\_%' and indexname like '%\\_like'"
            )
            idle += [name for (name,) in cursor.fetchall()]
    for name in sorted(set(idle)):
        schema_editor.execute(f"drop index if exists {connection.ops.quote_name(name)}")


class Migration(migrations.Migration):
    dependencies = [("store", "0004_portal")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_idle, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name=model,
                    name="borrower",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=models.PROTECT,
                        related_name=related,
                        to="store.borrower",
                    ),
                )
                for model, related in RELATED.items()
            ],
        )
    ]
