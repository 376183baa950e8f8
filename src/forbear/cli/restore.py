"""`forbear restore`: a home made again from a backup, and checked."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from forbear.cli.shared import out, progress_bar
from forbear.interchange.documents.backup_file import Manifest, check_target, unpack_backup
from forbear.interchange.home.lender import open_home


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--check/--no-check", default=True, help="Walk the whole evidence log afterwards.")
def command(source: Path, folder: Path, check: bool) -> None:
    """Make a home again from a backup, in a new folder, and check it.

    The database is SQLite's or the one FORBEAR_DATABASE names, which must be empty; it is of the backup's kind.
    """
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".forbear-restore-", dir=folder.parent) as staging:
        with progress_bar() as progress:
            manifest = unpack_backup(source, Path(staging), progress)
        if folder.exists():
            folder.rmdir()
        home = Path(staging) / "home"
        _fill(home, Path(staging) / "database", manifest)
        shutil.move(home, folder)
    out.print(
        f"{folder}: {len(manifest.files):,} files and {manifest.events:,} events of {manifest.made_at}, release "
        f"{manifest.release}, are back."
    )
    if check:
        _check(folder)


def _fill(home: Path, database: Path, manifest: Manifest) -> None:
    """Load the database of a home that is still under its working name, and bring its tables up to date."""
    opened = open_home(home)
    wanted = "postgresql" if os.environ.get("FORBEAR_DATABASE", opened.database) else "sqlite"
    if wanted != manifest.database:
        raise click.UsageError(
            f"the backup is of {manifest.database}, and the home's database would be {wanted}; set FORBEAR_DATABASE"
        )
    starter = importlib.import_module("forbear.config.start")
    starter.start(home)
    dump = importlib.import_module("forbear.store.dump")
    dump.load_database(database)
    starter.ready_database()
    importlib.import_module("django.db").connection.close()


def _check(folder: Path) -> None:
    """The whole evidence log, from where it now lies: a process of its own, for this one knows the working name."""
    done = subprocess.run(
        [sys.executable, "-m", "forbear", "evidence", "check", "--home", str(folder)], check=False
    )
    if done.returncode:
        raise click.exceptions.Exit(done.returncode)
