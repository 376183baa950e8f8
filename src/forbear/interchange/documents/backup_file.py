"""A backup of a home as one file: every file with its SHA-256, the database as it was dumped, nothing half-written.

    forbear-backup/manifest.json        the last member: what the others must be
    forbear-backup/home/...             the home's files
    forbear-backup/database             SQLite's file, or what pg_dump wrote

The book's other versions than the one that counts, and what a running process keeps for itself, are left out: they
can be made again.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from forbear.core.base.problem import BackupError
from forbear.interchange.book.book import current_version
from forbear.interchange.home.lender import HomeError

FORMAT = 1
TOP = "forbear-backup"
_BLOCK = 1 << 20
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `database` is sqlite or postgresql; `migration` the newest one applied."""

    made_at: str
    release: str
    database: str
    migration: str
    events: int
    files: dict[str, tuple[int, str]]


def write_backup(
    target: Path,
    home: Path,
    dump: Path,
    manifest_of: Callable[[dict[str, tuple[int, str]]], Manifest],
    progress: Progress = lambda step, done, of: None,
) -> Manifest:
    """Write the backup beside `target` and put it there when it is whole; `manifest_of` makes its manifest."""
    if target.exists():
        raise BackupError(f"{target}: exists already; name another file")
    waiting = target.with_name(target.name + ".part")
    wanted = list(_wanted(home))
    files: dict[str, tuple[int, str]] = {}
    try:
        with waiting.open("wb") as raw:
            os.chmod(waiting, 0o600)
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
                for number, (name, path) in enumerate([("database", dump), *wanted]):
                    progress("keeping", number, len(wanted) + 1)
                    added = _add(archive, name, path)
                    if added is not None:
                        files[name] = added
                manifest = manifest_of(files)
                line = json.dumps(_plain(manifest), ensure_ascii=False, sort_keys=True, indent=1).encode()
                head = tarfile.TarInfo(f"{TOP}/manifest.json")
                head.size, head.mode = len(line), 0o600
                archive.addfile(head, io.BytesIO(line))
            raw.flush()
            os.fsync(raw.fileno())
        waiting.replace(target)
    finally:
        waiting.unlink(missing_ok=True)
    return manifest


def _wanted(home: Path) -> Iterator[tuple[str, Path]]:
    """(name in the backup, path) of each file of the home that can't be made again."""
    book, version = home / "data" / "book", current_version(home / "data" / "book")
    for path in sorted(home.rglob("*")):
        inner = path.relative_to(home)
        if not path.is_file() or path.is_symlink() or inner.name.startswith((".lock", ".migrate")):
            continue
        if inner.parts[:1] == ("data",) and inner.name.startswith("desk.sqlite3"):
            continue
        if path.is_relative_to(book) and inner.parts[2:3] not in ((version,), ("CURRENT",)):
            continue
        yield f"home/{inner.as_posix()}", path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> tuple[int, str] | None:
    """Add one file; its size and digest, None when it was taken away meanwhile, as a night's own work may be."""
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        if name.startswith("home/data/book/"):
            raise BackupError(f"{path}: a new book was published meanwhile; make the backup again") from None
        return None
    with stream:
        head = archive.gettarinfo(str(path), f"{TOP}/{name}", fileobj=stream)
        head.uid = head.gid = 0
        head.uname = head.gname = ""
        reader = _Summing(stream, head.size)
        archive.addfile(head, reader)
        return head.size, reader.digest.hexdigest()


class _Summing:
    """Reads a file for the archive and sums it up on the way; one that grew meanwhile is cut at its first size."""

    def __init__(self, stream: io.BufferedReader, size: int) -> None:
        self._stream, self._left, self.digest = stream, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        self.digest.update(block)
        return block


def _plain(manifest: Manifest) -> dict[str, object]:
    return {
        "format": FORMAT,
        "made_at": manifest.made_at,
        "release": manifest.release,
        "database": manifest.database,
        "migration": manifest.migration,
        "events": manifest.events,
        "files": {name: list(value) for name, value in manifest.files.items()},
    }


def unpack_backup(source: Path, folder: Path, progress: Progress = lambda step, done, of: None) -> Manifest:
    """Unpack into an empty `folder` and check every file; BackupError names the first that is not as it was."""
    members: dict[str, tuple[int, str]] = {}
    line = b""
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            for number, member in enumerate(archive):
                progress("unpacking", number, 0)
                name = _name(member)
                stream = archive.extractfile(member)
                assert stream is not None, "a file has content"
                if name == "manifest.json":
                    line = stream.read()
                    continue
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                members[name] = _copy(stream, path, member.mode & 0o700)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(
            f"{source}: can't be read to its end ({type(error).__name__}); it is no whole backup"
        ) from None
    manifest = _manifest(source, line)
    for name in sorted(manifest.files.keys() | members.keys()):
        if manifest.files.get(name) != members.get(name):
            raise BackupError(
                f"{source}: {name} is not as it was kept; use another backup. Nothing was restored"
            )
    return manifest


def _name(member: tarfile.TarInfo) -> str:
    """The member's name inside the backup; never one that leads outside of it."""
    path = PurePosixPath(member.name)
    if not member.isfile() or path.parts[:1] != (TOP,) or ".." in path.parts or path.is_absolute():
        raise BackupError(f"{member.name[:80]!r} is no part of a backup; the file was not made by forbear")
    inner = PurePosixPath(*path.parts[1:])
    if inner.parts[:1] not in (("home",), ("database",), ("manifest.json",)):
        raise BackupError(f"{member.name[:80]!r} is no part of a backup; the file was not made by forbear")
    return inner.as_posix()


def _copy(stream: IO[bytes], path: Path, mode: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as target:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += target.write(block)
    path.chmod(mode or 0o600)
    return size, digest.hexdigest()


def _manifest(source: Path, line: bytes) -> Manifest:
    try:
        payload = json.loads(line)
        if payload["format"] != FORMAT:
            raise BackupError(f"{source}: was written by a newer release (format {payload['format']})")
        files = {name: (int(size), str(digest)) for name, (size, digest) in payload["files"].items()}
        return Manifest(
            str(payload["made_at"]),
            str(payload["release"]),
            str(payload["database"]),
            str(payload["migration"]),
            int(payload["events"]),
            files,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BackupError):
            raise
        raise BackupError(f"{source}: has no manifest at its end; it is no whole backup") from None


def made_at(now: datetime) -> str:
    """The moment as the manifest has it."""
    return now.isoformat(timespec="seconds")


def check_target(folder: Path) -> None:
    """Refuse to restore over anything."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HomeError(f"{folder}: is not empty; a backup is restored into a new folder")
