"""Evidence bundles as zip files, written in one way only and read with distrust.

A bundle is packed without compression, with fixed dates and in a fixed order, so that equal evidence gives equal
bytes and there is nothing to blow up. Reading takes each file's bytes from where they lie; whatever in the zip
itself is not as we write it is reported as a flaw, down to a single bit.
"""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from forbear.core.evidence.bundle import Part
from forbear.core.evidence.verify import Flaw

CHUNK = 1 << 20
_LIMIT = 0xFFFFFFFF
_MOST_ENTRIES = 0xFFFF
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
#: Version 2.0 (4.5 with large offsets), made on Unix; 1 January 1980; a plain file that all may read.
_VERSION, _VERSION64, _UNIX, _DATE, _MODE = 20, 45, 3 << 8, 0x21, 0o100644 << 16


class BundleError(ValueError):
    """The file can't be read or written as a bundle; the message says why in one line."""


def _local(name: bytes, crc: int, size: int) -> bytes:
    return _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, 0, 0, _DATE, crc, size, size, len(name), 0) + name


def _central(name: bytes, crc: int, size: int, offset: int) -> bytes:
    large = offset >= _LIMIT
    version = _VERSION64 if large else _VERSION
    extra = struct.pack("<2HQ", 1, 8, offset) if large else b""
    head = _CENTRAL.pack(
        *(b"PK\x01\x02", _UNIX | version, version, 0, 0, 0, _DATE, crc, size, size),
        *(len(name), len(extra), 0, 0, 0, _MODE, min(offset, _LIMIT)),
    )
    return head + name + extra


def _directory(entries: Sequence[tuple[bytes, int, int]]) -> tuple[int, bytes]:
    """Where the central directory begins, and it with all that follows. An entry is (name, crc, size)."""
    start, records = 0, []
    for name, crc, size in entries:
        records.append(_central(name, crc, size, start))
        start += _LOCAL.size + len(name) + size
    central, count = b"".join(records), len(entries)
    end = b""
    if start >= _LIMIT or count >= _MOST_ENTRIES:
        end = _END64.pack(
            b"PK\x06\x06", 44, _UNIX | _VERSION64, _VERSION64, 0, 0, count, count, len(central), start
        )
        end += _LOCATOR.pack(b"PK\x06\x07", 0, start + len(central), 1)
    few = min(count, _MOST_ENTRIES)
    end += _END.pack(b"PK\x05\x06", 0, 0, few, few, min(len(central), _LIMIT), min(start, _LIMIT), 0)
    return start, central + end


def pack(path: Path, parts: Sequence[Part]) -> None:
    """Write a bundle to `path`, whole or not at all; `BundleError` when a file is too large for one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("xb") as handle:
            _write(handle, parts)
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _write(handle: BinaryIO, parts: Sequence[Part]) -> None:
    entries = []
    for one in parts:
        if one.size >= _LIMIT:
            raise BundleError(f"{one.name}: has 4 GiB or more, which no bundle can hold")
        name, begin = one.name.encode("ascii"), handle.tell()
        handle.write(_local(name, 0, one.size))
        crc, size = 0, 0
        for chunk in one.chunks():
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            handle.write(chunk)
        assert size == one.size, f"{one.name} has {size} bytes, not {one.size}"
        handle.seek(begin)
        handle.write(_local(name, crc, size))
        handle.seek(0, os.SEEK_END)
        entries.append((name, crc, size))
    handle.write(_directory(entries)[1])


class BundleFile:
    """A bundle on disk, for `forbear.core.evidence.verify`; `BundleError` when it is no zip at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handle = path.open("rb")
        try:
            self.length = os.fstat(self.handle.fileno()).st_size
            self.infos = self._directory_of()
            self.places = self._places()
        except BaseException:
            self.handle.close()
            raise

    def __enter__(self) -> "BundleFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.handle.close()

    def _directory_of(self) -> list[zipfile.ZipInfo]:
        try:
            with zipfile.ZipFile(self.handle) as archive:
                return archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError, EOFError):
            raise BundleError(
                "is no evidence bundle, or was cut or damaged: its zip directory can't be read"
            ) from None

    def _places(self) -> dict[str, tuple[int, int]]:
        """By name, where each file's bytes begin and how many they are."""
        for info in self.infos:
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
                raise BundleError(
                    f"{_shown(info.filename)} is compressed or encrypted; a bundle is neither. It was packed again: "
                    "ask for the original file"
                )
        if sum(info.file_size for info in self.infos) > self.length:
            raise BundleError("claims to hold more than its own size; it was tampered with")
        places: dict[str, tuple[int, int]] = {}
        for info in self.infos:
            name = _shown(info.filename)
            if info.filename in places:
                raise BundleError(f"holds {name} twice; it was tampered with")
            self.handle.seek(max(info.header_offset, 0))
            head = self.handle.read(_LOCAL.size)
            if len(head) < _LOCAL.size or info.header_offset < 0:
                raise BundleError(f"{name} lies outside the file; it was cut or damaged")
            fields = _LOCAL.unpack(head)
            start = info.header_offset + _LOCAL.size + fields[9] + fields[10]
            if start + info.file_size > self.length:
                raise BundleError(f"{name} lies outside the file; it was cut or damaged")
            places[info.filename] = (start, info.file_size)
        return places

    def names(self) -> list[str]:
        """The names of all files in it."""
        return list(self.places)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one, in pieces."""
        start, left = self.places[name]
        while left:
            self.handle.seek(start)
            chunk = self.handle.read(min(CHUNK, left))
            if not chunk:
                return
            start, left = start + len(chunk), left - len(chunk)
            yield chunk

    def flaws(self) -> list[Flaw]:
        """Where the zip around the files is not as we write it, the first place only. Ask when the files are sound."""
        entries = []
        for info in self.infos:
            crc = 0
            for chunk in self.chunks(info.filename):
                crc = zlib.crc32(chunk, crc)
            try:
                name = info.filename.encode("ascii")
            except UnicodeEncodeError:
                return [self._packed_differently(info.header_offset, _shown(info.filename))]
            entries.append((name, crc, info.file_size))
        at = 0
        for name, crc, size in entries:
            if (difference := self._differs(at, _local(name, crc, size))) is not None:
                return [self._packed_differently(difference, f"the head of {_shown(name.decode())}")]
            at += _LOCAL.size + len(name) + size
        start, directory = _directory(entries)
        if (difference := self._differs(start, directory)) is not None:
            return [self._packed_differently(difference, "the zip's directory")]
        if self.length != start + len(directory):
            return [self._packed_differently(start + len(directory), "what follows the zip's directory")]
        return []

    def _differs(self, at: int, expected: bytes) -> int | None:
        self.handle.seek(at)
        chunk = self.handle.read(len(expected))
        if chunk == expected:
            return None
        pairs = zip(chunk, expected, strict=False)
        return at + next((n for n, (one, other) in enumerate(pairs) if one != other), len(chunk))

    def _packed_differently(self, at: int, where: str) -> Flaw:
        what = f"byte {at} ({where}) is not as it was packed; the files inside are as signed"
        return Flaw(self.path.name, 0, what)


def _shown(name: str) -> str:
    """A file's name out of a stranger's zip, safe to print."""
    return ascii(name[:100])[1:-1]
