"""Start Django for a lender's home; the command line and the workers call this before they touch a table."""

import os
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def start(home: Path) -> None:
    """Make Django ready for this home. Called again for the same home it does nothing."""
    if apps.ready:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forbear.config.settings")
    os.environ["FORBEAR_HOME"] = str(home)
    django.setup()


def ready_database() -> None:
    """Bring the tables up to date; safe to call while another process works with the former version."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
