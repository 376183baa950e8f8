"""A source's files below the feed: by name or pattern, whatever their capitals, inside archives too."""

import fnmatch
import gzip
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from forbear.interchange.book.control_file import NAMES as CONTROL_FILES
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.feed_hints import nearest

_ROOM_LEFT = 1 << 28  # bytes that unpacking leaves free on the disk


@dataclass(frozen=True, slots=True)
class Found:
    """One file: `label` is what a person calls it, `path` where its plain bytes are."""

    label: str
    path: Path


class Finder:
    """The files of a feed, which is a folder, an archive or a single file; what is packed is unpacked once."""

    def __init__(self, feed: Path, scratch: Path) -> None:
        if not feed.exists():
            raise FeedError(f"{feed}: there is no such file or folder")
        self.feed, self.scratch = feed, scratch
        self._unpacked: dict[tuple[Path, str], Path] = {}
        self._all = self._list()

    @property
    def is_one_file(self) -> bool:
        """Whether the feed is a single table's file, which then needs no name."""
        return self.feed.is_file() and self.feed.suffix.lower() != ".zip"

    def _list(self) -> dict[str, tuple[Path, str]]:
        """By name below the feed: the file, and the member of an archive, or ""."""
        if self.feed.is_file():
            return (
                self._inside(self.feed, "")
                if self.feed.suffix.lower() == ".zip"
                else {self.feed.name: (self.feed, "")}
            )
        found: dict[str, tuple[Path, str]] = {}
        for path in sorted(self.feed.rglob("*")):
            name = path.relative_to(self.feed).as_posix()
            if (
                name in CONTROL_FILES
                or not path.is_file()
                or any(part.startswith((".", "~$")) for part in Path(name).parts)
            ):
                continue
            found[name] = (path, "")
            if path.suffix.lower() == ".zip":
                found |= self._inside(path, name + "/")
        return found

    def _inside(self, archive: Path, before: str) -> dict[str, tuple[Path, str]]:
        try:
            with zipfile.ZipFile(archive) as opened:
                members = [info for info in opened.infolist() if not info.is_dir()]
                if any(info.flag_bits & 1 for info in members):
                    raise FeedError(
                        f"{archive}: is locked by a password; unpack it yourself and name the folder"
                    )
                return {before + info.filename: (archive, info.filename) for info in members}
        except (zipfile.BadZipFile, OSError) as error:
            raise FeedError(f"{archive}: is not a whole zip archive ({error}); send it again") from None

    def find(self, patterns: tuple[str, ...]) -> list[Found]:
        """The files of some names or patterns, in the order of their names, each once."""
        found: dict[str, Found] = {}
        for pattern in patterns:
            wanted = pattern.casefold().removeprefix("./")
            for name, (path, member) in self._all.items():
                plain = name.casefold()
                if fnmatch.fnmatchcase(plain, wanted) or fnmatch.fnmatchcase(
                    plain.removesuffix(".gz"), wanted
                ):
                    found[name] = Found(name, self._plain(name, path, member))
        return [found[name] for name in sorted(found)]

    def only_file(self) -> Found:
        """The single file that the feed is."""
        return Found(self.feed.name, self._plain(self.feed.name, self.feed, ""))

    def missing(self, source: str, patterns: tuple[str, ...]) -> str:
        """The message for a source none of whose files is there."""
        names = [name for name in self._all if not name.endswith(".zip")]
        near = nearest(patterns[0], names)
        held = ", ".join(names[:8]) or "nothing"
        hint = f"; is {near} meant?" if near else ""
        return (
            f"{self.feed}: {source} needs {' or '.join(patterns)}, which is missing (there is {held}){hint}"
        )

    def _plain(self, name: str, path: Path, member: str) -> Path:
        packed = name.lower().endswith(".gz")
        if not member and not packed:
            return path
        if (path, member) not in self._unpacked:
            target = (
                self.scratch
                / f"unpacked-{len(self._unpacked)}{Path(name.lower().removesuffix('.gz')).suffix}"
            )
            try:
                self._unpack(path, member, packed, target)
            except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, OSError) as error:
                raise FeedError(f"{self.feed}: {name} can't be unpacked ({error}); send it again") from None
            self._unpacked[path, member] = target
        return self._unpacked[path, member]

    def _unpack(self, path: Path, member: str, packed: bool, target: Path) -> None:
        if member:
            with zipfile.ZipFile(path) as archive:
                size = archive.getinfo(member).file_size
                if size + _ROOM_LEFT > shutil.disk_usage(self.scratch).free:
                    raise FeedError(
                        f"{path}: {member} needs {size:,} bytes unpacked, more than the disk has free"
                    )
                with archive.open(member) as stream, target.open("wb") as out:
                    _copy(gzip.GzipFile(fileobj=stream) if packed else stream, out, target)
        else:
            with gzip.open(path) as stream, target.open("wb") as out:
                _copy(stream, out, target)


def _copy(stream: object, out: object, target: Path) -> None:
    """Copy to the end, and stop before the disk is full."""
    while block := stream.read(1 << 22):  # type: ignore[attr-defined]  # zip and gzip streams share no type
        if shutil.disk_usage(target.parent).free < _ROOM_LEFT:
            raise FeedError(f"{target.name}: needs more room unpacked than the disk has free")
        out.write(block)  # type: ignore[attr-defined]  # as above
