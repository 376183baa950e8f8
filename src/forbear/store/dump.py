"""The database as a file, as it stood at one moment, and back: SQLite by its own backup, PostgreSQL by its tools."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from forbear.core.base.problem import BackupError
from forbear.store.bulk import fill
from forbear.store.sql_value import SqlValue

#: Filled by the migrations of every database alike.
_MADE_BY_MIGRATIONS = ("contenttypes.ContentType", "auth.Permission")
#: How SQLite's values become those of a database that knows their kinds.
_MADE_OF: dict[str, Callable[[Any], SqlValue]] = {
    "BooleanField": bool,
    "DateTimeField": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
}


def dump_database(target: Path) -> None:
    """Write the whole database to `target` while others go on working."""
    if connection.vendor == "sqlite":
        with connection.cursor():  # the connection is made on first use
            kept = sqlite3.connect(target)
            try:
                connection.connection.backup(kept)
            finally:
                kept.close()
        return
    _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def load_database(source: Path) -> None:
    """Fill the empty database of this home's settings from `source`; BackupError when it holds tables already."""
    check_empty()
    if connection.vendor == "sqlite":
        connection.close()
        shutil.copyfile(source, connection.settings_dict["NAME"])
        return
    _run(
        "pg_restore",
        ["--exit-on-error", "--no-owner", "--no-privileges", "--single-transaction", str(source)],
    )


def check_empty() -> None:
    """BackupError when the database of this home's settings holds tables already."""
    if connection.introspection.table_names():
        raise BackupError("the database holds tables already; name an empty one")


def move_from_sqlite(source: Path) -> int:
    """Fill the desk's tables, which are there and empty, from SQLite's file of the same release; how many rows.

    All of it in one transaction, or nothing. What the migrations themselves filled stays as they left it.
    """
    old = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
    try:
        found = old.execute(
            "select name from django_migrations where app = 'store' order by name desc limit 1"
        ).fetchone()
        if found is None or found[0] != newest_migration():
            raise BackupError(
                "the backup is of another release; restore it with that one, upgrade, and make another"
            )
        moved = 0
        models = [
            model
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy and model._meta.label not in _MADE_BY_MIGRATIONS
        ]
        with transaction.atomic():
            for model in models:
                moved += _move_table(old, model)
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), models):
                    cursor.execute(statement)
        return moved
    finally:
        old.close()


def _move_table(old: sqlite3.Connection, model: type[Model]) -> int:
    """The rows of one table, counted on both sides."""
    fields = model._meta.local_concrete_fields
    columns = [connection.ops.quote_name(str(field.column)) for field in fields]
    table = connection.ops.quote_name(model._meta.db_table)
    makers = [_MADE_OF.get(field.get_internal_type()) for field in fields]
    if connection.vendor == "sqlite":
        makers = [None for _ in fields]
    rows = old.execute(f"select {', '.join(columns)} from {table}")
    moved = fill(
        table,
        columns,
        (
            [
                make(value) if make and value is not None else value
                for make, value in zip(makers, row, strict=True)
            ]
            for row in rows
        ),
    )
    (there,) = old.execute(f"select count(*) from {table}").fetchone()
    assert moved == there == model._default_manager.count(), f"every row of {table} is moved once"
    return moved


def _run(program: str, arguments: list[str]) -> None:
    """One of PostgreSQL's tools against this home's database; the password goes by the environment."""
    pg_bin = os.environ.get("FORBEAR_PG_BIN")
    path = shutil.which(program, path=pg_bin) if pg_bin else shutil.which(program)
    if path is None:
        raise BackupError(
            f"{program} is not installed; it comes with postgresql-client, or set FORBEAR_PG_BIN to its folder"
        )
    database = connection.settings_dict
    environment = {**os.environ, "PGPASSWORD": database["PASSWORD"] or os.environ.get("PGPASSWORD", "")}
    where = {
        "host": database["HOST"],
        "port": database["PORT"],
        "username": database["USER"],
        "dbname": database["NAME"],
    }
    if program == "pg_restore":
        arguments = [*arguments[:-1], f"--dbname={where.pop('dbname')}", arguments[-1]]
    options = [f"--{key}={value}" for key, value in where.items() if value]
    done = subprocess.run(
        [path, "--no-password", *options, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise BackupError(f"{program}: {lines[-1] if lines else f'ended with status {done.returncode}'}")


def newest_migration() -> str:
    """The name of the newest migration applied, "" for none."""
    with connection.cursor() as cursor:
        cursor.execute("select name from django_migrations where app = 'store' order by name desc limit 1")
        row = cursor.fetchone()
    return row[0] if row else ""
