"""The database as a file, as it stood at one moment, and back: SQLite by its own backup, PostgreSQL by its tools."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import connection

from forbear.core.base.problem import BackupError


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
    if connection.introspection.table_names():
        raise BackupError("the database holds tables already; name an empty one")
    if connection.vendor == "sqlite":
        connection.close()
        shutil.copyfile(source, connection.settings_dict["NAME"])
        return
    _run(
        "pg_restore",
        ["--exit-on-error", "--no-owner", "--no-privileges", "--single-transaction", str(source)],
    )


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
