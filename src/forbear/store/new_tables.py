"""The tables of a new desk, made at once as the models have them instead of by each migration in turn.

The migrations rebuild every table they touch, over and over; on a database with nothing in it that is seconds of
work for nothing. What comes out is the same, and a test compares the two to the last index.
"""

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from forbear.store import guards


def make_tables(connection: BaseDatabaseWrapper) -> bool:
    """Make all of them in one transaction; whether it did: only a new SQLite database is made so.

    Every migration is written down as applied, so that the next release begins where this one ends.
    """
    if connection.vendor != "sqlite" or connection.introspection.table_names():
        return False
    executor = MigrationExecutor(connection)
    applied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.schema_editor() as editor:
        for model in (*apps.get_models(), executor.recorder.Migration):
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
        guards.put_up(connection)
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into django_migrations (app, name, applied) values (%s, %s, current_timestamp)",
                [(each.app_label, each.name) for each, _ in applied],
            )
    return True
