"""Keep a home and its database in one file while everybody goes on working."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from forbear import __version__
from forbear.interchange.documents.backup_file import Manifest, made_at, write_backup
from forbear.store.dump import dump_database, newest_migration
from forbear.store.models import Event


def make_backup(target: Path, now: datetime, progress: Callable[[str, int, int], None]) -> Manifest:
    """Write the backup; BackupError when it can't be, and then there is no file."""
    events = Event.objects.count()

    def manifest_of(files: dict[str, tuple[int, str]]) -> Manifest:
        return Manifest(made_at(now), __version__, connection.vendor, newest_migration(), events, files)

    with tempfile.TemporaryDirectory(prefix="forbear-backup-") as folder:
        progress("the database", 0, 0)
        # the database first: what it names (recordings, letters) was written before, and is never taken away
        dump_database(Path(folder) / "database")
        return write_backup(target, settings.HOME.folder, Path(folder) / "database", manifest_of, progress)
