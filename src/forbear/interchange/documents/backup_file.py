"""A backup of a home as one file: every file with its SHA-256, the database as it was dumped, nothing half-written.

    forbear-backup/manifest.json        the first member: what the others must be
    forbear-backup/manifest.sig         its Ed25519 signature by the home's signing key
    forbear-backup/database             SQLite's file, or what pg_dump wrote
    forbear-backup/home/...             the home's files

The manifest says how much comes, so a reader refuses what wouldn't fit or unpacks to far more before it unpacks any.
The keys may lie in a file of their own. The book's other versions than the one that counts, and what a running process
keeps for itself, are left out: they can be made again.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forbear.core.base.problem import BackupError
from forbear.interchange.book.book import current_version
from forbear.interchange.home.lender import HomeError

FORMAT = 2
TOP = "forbear-backup"
_MANIFEST, _SIGNATURE = "manifest.json", "manifest.sig"
#: What is signed begins with this, so that no other signature of the key is one of a backup.
_SIGNED = b"forbear backup 2\n"
_NOTHING = "use another backup. Nothing was restored"
_BLOCK = 1 << 20
#: A manifest has some 150 bytes for each file; a member has a head beside its content.
_LARGEST_MANIFEST, _OVERHEAD = 256 << 20, 4096
#: What unpacks to more than this multiple of its size is refused, unless it is small anyway.
_MOST_RATIO, _PLAIN_SIZE = 100, 1 << 30
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
    dump: Path | None,
    manifest_of: Callable[[dict[str, tuple[int, str]]], Manifest],
    key: Ed25519PrivateKey,
    progress: Progress = lambda step, done, of: None,
    *,
    keys: str = "with",
) -> Manifest:
    """Write the backup beside `target` and put it there when it is whole; `manifest_of` makes its manifest.

    `keys` is "with", or "without" the private keys, or "only" these.
    """
    if target.exists():
        raise BackupError(f"{target}: exists already; name another file")
    waiting, rest = (target.with_name(target.name + end) for end in (".part", ".rest"))
    wanted = [
        (name, path) for name, path in _wanted(home) if keys == "with" or _is_key(name) == (keys == "only")
    ]
    members = [*([("database", dump)] if dump is not None else []), *wanted]
    files: dict[str, tuple[int, str]] = {}
    try:
        with _private(rest) as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
            for number, (name, path) in enumerate(members):
                progress("keeping", number, len(members))
                added = _add(archive, name, path)
                if added is not None:
                    files[name] = added
        manifest = manifest_of(files)
        with _private(waiting) as raw:
            _write_head(raw, manifest, key)
            with rest.open("rb") as stream:
                shutil.copyfileobj(stream, raw, _BLOCK)
            raw.flush()
            os.fsync(raw.fileno())
        waiting.replace(target)
    finally:
        for path in (waiting, rest):
            path.unlink(missing_ok=True)
    return manifest


def _private(path: Path) -> IO[bytes]:
    """A new file that its owner alone can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _write_head(raw: IO[bytes], manifest: Manifest, key: Ed25519PrivateKey) -> None:
    """The manifest and its signature as the first piece of gzip; the archive goes on in the next one."""
    line = json.dumps(_plain(manifest), ensure_ascii=False, sort_keys=True, indent=1).encode()
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as piece:
        for name, content in ((_MANIFEST, line), (_SIGNATURE, key.sign(_SIGNED + line).hex().encode())):
            head = tarfile.TarInfo(f"{TOP}/{name}")
            head.size, head.mode = len(content), 0o600
            piece.write(head.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % tarfile.BLOCKSIZE))


def _is_key(name: str) -> bool:
    """Whether this is a private key of the home."""
    return (
        name.startswith("home/data/keys/")
        and name.endswith((".key", ".pem"))
        and not name.endswith(".pub.pem")
    )


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


def unpack_backup(
    source: Path,
    folder: Path,
    progress: Progress = lambda step, done, of: None,
    *,
    key: Ed25519PublicKey | None = None,
) -> Manifest:
    """Unpack into `folder` and check every file; BackupError names the first that is not as it was.

    The manifest comes first: with `key` it must be signed by that key. Nothing is unpacked that it doesn't name, nor
    when there isn't room for all of it.
    """
    members: dict[str, tuple[int, str]] = {}
    try:
        with gzip.open(source, "rb") as unpacked:
            bounded = _Bounded(unpacked, _LARGEST_MANIFEST)
            with tarfile.open(fileobj=bounded, mode="r|") as archive:
                manifest = _signed_manifest(source, archive, key)
                total = sum(size for size, _ in manifest.files.values())
                _check_room(source, folder, total)
                bounded.most = bounded.count + total + _OVERHEAD * (len(manifest.files) + 20)
                while (member := archive.next()) is not None:
                    progress("unpacking", len(members), len(manifest.files))
                    name = _name(member)
                    if manifest.files.get(name, (-1, ""))[0] != member.size or name in members:
                        raise BackupError(f"{source}: {name} is not as it was kept; {_NOTHING}")
                    stream = archive.extractfile(member)
                    assert stream is not None, "a file has content"
                    path = folder / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    members[name] = _copy(stream, path, member.mode & 0o700)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise BackupError(
            f"{source}: can't be read to its end ({type(error).__name__}); it is no whole backup"
        ) from None
    for name in sorted(manifest.files.keys() | members.keys()):
        if manifest.files.get(name) != members.get(name):
            raise BackupError(f"{source}: {name} is not as it was kept; {_NOTHING}")
    return manifest


class _Bounded(io.RawIOBase):
    """Reads what is unpacked, and no more than `most` bytes of it: a file may unpack to far more than it is."""

    def __init__(self, stream: io.BufferedIOBase, most: int) -> None:
        self._stream, self.most, self.count = stream, most, 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; BackupError beyond the bound."""
        block = self._stream.read(size)
        self.count += len(block)
        if self.count > self.most:
            raise BackupError(f"unpacks to more than its manifest says; {_NOTHING}")
        return block


def _signed_manifest(source: Path, archive: tarfile.TarFile, key: Ed25519PublicKey | None) -> Manifest:
    """The first two members: the manifest, and its signature, which must be the given key's."""
    found: list[bytes] = []
    for wanted in (_MANIFEST, _SIGNATURE):
        member = archive.next()
        if member is None or not member.isfile() or member.name != f"{TOP}/{wanted}":
            raise BackupError(f"{source}: has no manifest at its beginning; it is no whole backup")
        stream = archive.extractfile(member)
        assert stream is not None, "a file has content"
        found.append(stream.read())
    if key is not None:
        try:
            key.verify(bytes.fromhex(found[1].decode("ascii", "replace")), _SIGNED + found[0])
        except (InvalidSignature, ValueError):
            raise BackupError(f"{source}: was not signed by the given key; {_NOTHING}") from None
    return _manifest(source, found[0])


def _check_room(source: Path, folder: Path, total: int) -> None:
    """Refuse what would not fit, or is many times larger than the file that brings it."""
    if total > max(_PLAIN_SIZE, _MOST_RATIO * source.stat().st_size):
        raise BackupError(f"{source}: unpacks to {total / 1e9:,.1f} GB, too much for its size; {_NOTHING}")
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    if total * 2 > free:
        raise BackupError(
            f"{source}: needs {total * 2 / 1e9:,.1f} GB and {free / 1e9:,.1f} GB are free; make room first"
        )


def _name(member: tarfile.TarInfo) -> str:
    """The member's name inside the backup; never one that leads outside of it."""
    path = PurePosixPath(member.name)
    if not member.isfile() or path.parts[:1] != (TOP,) or ".." in path.parts or path.is_absolute():
        raise BackupError(f"{member.name[:80]!r} is no part of a backup; the file was not made by forbear")
    inner = PurePosixPath(*path.parts[1:])
    if inner.parts[:1] not in (("home",), ("database",)):
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
        raise BackupError(f"{source}: has no manifest at its beginning; it is no whole backup") from None


def made_at(now: datetime) -> str:
    """The moment as the manifest has it."""
    return now.isoformat(timespec="seconds")


def check_target(folder: Path) -> None:
    """Refuse to restore over anything."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HomeError(f"{folder}: is not empty; a backup is restored into a new folder")
