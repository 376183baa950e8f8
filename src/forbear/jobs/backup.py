"""Keep a home and its database in one file while everybody goes on working."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from forbear import __version__
from forbear.core.base.problem import BackupError
from forbear.interchange.documents.backup_file import Manifest, made_at, write_backup
from forbear.interchange.documents.sealed_file import encrypt_file
from forbear.interchange.home.keys import signing_key
from forbear.store.dump import dump_database, newest_migration
from forbear.store.models import Event


def make_backup(
    target: Path,
    now: datetime,
    progress: Callable[[str, int, int], None],
    *,
    recipients: tuple[str, ...] = (),
    keys_to: Path | None = None,
) -> Manifest:
    """Write the backup; BackupError when it can't be, and then there is no file.

    With `recipients` it is encrypted to them. With `keys_to` the private keys go into that file and not into the other.
    """
    for path in (target, keys_to):
        if path is not None and path.exists():
            raise BackupError(f"{path}: exists already; name another file")
    events, home, key = Event.objects.count(), settings.HOME.folder, signing_key(settings.HOME)

    def manifest_of(files: dict[str, tuple[int, str]]) -> Manifest:
        return Manifest(made_at(now), __version__, connection.vendor, newest_migration(), events, files)

    with tempfile.TemporaryDirectory(prefix=".forbear-backup-", dir=target.parent) as folder:
        progress("the database", 0, 0)
        dump, main, apart = (Path(folder) / name for name in ("database", "main", "keys"))
        # the database first: what it names (recordings, letters) was written before, and is never taken away
        dump_database(dump)
        held = "with" if keys_to is None else "without"
        manifest = write_backup(main, home, dump, manifest_of, key, progress, keys=held)
        if keys_to is not None:
            write_backup(apart, home, None, manifest_of, key, progress, keys="only")
            _put(apart, keys_to, recipients, Path(folder))
        _put(main, target, recipients, Path(folder))
    return manifest


def _put(made: Path, target: Path, recipients: tuple[str, ...], folder: Path) -> None:
    """Put a file in its place, encrypted where there are recipients; it is whole as soon as it is there."""
    waiting = target.with_name(f".{target.name}.part")
    try:
        if recipients:
            encrypt_file(made, folder / f"{made.name}.age", recipients)
            made = folder / f"{made.name}.age"
        waiting.unlink(missing_ok=True)
        made.rename(waiting) if made.stat().st_dev == target.parent.stat().st_dev else _copy(made, waiting)
        waiting.rename(target)
    finally:
        waiting.unlink(missing_ok=True)


def _copy(made: Path, target: Path) -> None:
    with made.open("rb") as source, target.open("wb") as stream:
        target.chmod(0o600)
        while block := source.read(1 << 20):
            stream.write(block)
