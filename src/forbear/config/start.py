"""Start Django for a lender's home; the command line and the workers call this before they touch a table."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

#: The number of the lock over the tables' shape, among PostgreSQL's advisory locks.
_LOCK = 0x666F7262


def start(home: Path) -> None:
    """Make Django ready for this home. Called again for the same home it does nothing."""
    if apps.ready:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forbear.config.settings")
    os.environ["FORBEAR_HOME"] = str(home)
    django.setup()


def ready_database() -> None:
    """Bring the tables up to date, one process at a time; safe to call while others work with the former version."""
    with _alone():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold what every process takes before it looks at the tables: `serve` and `work` are often started at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
        return
    with (settings.HOME.folder / ".migrate.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
