"""`forbear backup` and `forbear restore`: a home and its database as one file, and back."""

import importlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from forbear import __version__
from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, out, progress_bar
from forbear.interchange.backup_file import (
    Manifest,
    made_at,
    write_backup,
)
from forbear.interchange.home import open_home


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@folder_option()
def command(target: Path, home_folder: Path) -> None:
    """Keep the home and its database in one new file, while others go on working.

    It holds personal data and the signing key: keep it encrypted and away from this machine.
    """
    dump = desk(home_folder, "forbear.store.dump")
    models = importlib.import_module("forbear.store.models")
    home, now = open_home(home_folder), datetime.now(UTC)
    vendor = importlib.import_module("django.db").connection.vendor

    def told(files: dict[str, tuple[int, str]]) -> Manifest:
        return Manifest(made_at(now), __version__, vendor, dump.newest_migration(), events, files)

    with tempfile.TemporaryDirectory(prefix="forbear-backup-") as made, progress_bar() as progress:
        progress("the database", 0, 0)
        # the database first: what it names (recordings, letters) was written before, and is never taken away
        dump.dump_database(Path(made) / "database")
        events = models.Event.objects.count()
        manifest = write_backup(target, home.folder, Path(made) / "database", told, progress)
    size = target.stat().st_size
    out.print(f"{target}: {len(manifest.files):,} files, {events:,} events, {size / 1e6:,.1f} MB.")
    out.print("It holds personal data and the signing key: keep it encrypted and away from this machine.")
