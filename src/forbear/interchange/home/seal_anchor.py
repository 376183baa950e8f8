"""Seals outside the database: files that only grow, in the home's `data/keys` and on other storage.

`seals.jsonl` has every seal; `heads-DAY.jsonl` every hour the hashes of the events that ended a chain then.
`seal_folders` of lender.yaml names more folders, best on storage that the database's administrators can't write. Each
has the same files. A folder that can't be written stops nothing: it is logged, and caught up with later.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from errno import ENOSPC
from itertools import count
from pathlib import Path

from forbear.core.evidence.anchor import Known, KnownSeal, read_seals, seal_row
from forbear.interchange.home.lender import Home

SEALS = "seals.jsonl"
#: The seal of a day vouches for its events; heads are of use until it is made, and some days more.
_KEPT = timedelta(days=7)
log = logging.getLogger(__name__)


def anchor_folders(home: Home) -> tuple[Path, ...]:
    """Where the files are: the home's own folder of keys first."""
    return (home.folder / "data" / "keys", *home.seal_folders)


def known_outside(home: Home) -> Known:
    """All that these folders know; those that can't be read know nothing. EvidenceError for a line that is no seal."""
    seals: list[KnownSeal] = []
    heads: set[str] = set()
    for folder in anchor_folders(home):
        try:
            if (folder / SEALS).is_file():
                seals += read_seals((folder / SEALS).read_bytes(), str(folder / SEALS))
            for path in sorted(folder.glob("heads-*.jsonl")):
                for line in path.read_text("ascii").splitlines():
                    heads.update(json.loads(line)["heads"])
        except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError) as error:
            log.warning("%s can't be read (%s)", folder, type(error).__name__)
    return Known(tuple(seals), frozenset(heads))


def anchor_seals(home: Home, seals: Iterable[tuple[int, str, str]]) -> None:
    """Write down in each folder the seals (number, line, signature) that it lacks, in their order."""
    wanted = sorted(seals)
    for folder in anchor_folders(home):
        path = folder / SEALS
        try:
            with _growing(path) as handle:
                last = max((seal.number for seal in read_seals(path.read_bytes(), str(path))), default=0)
                rows = [seal_row(line, signature) for number, line, signature in wanted if number > last]
                _add(handle, b"".join(rows))
        except OSError as error:
            log.error("%s: seals can't be written down there (%s)", folder, error.strerror)


def anchor_heads(home: Home, day: date, at: str, heads: Iterable[str]) -> None:
    """Write down in each folder the hashes of the events that end a chain at this moment."""
    row = json.dumps({"at": at, "heads": sorted(heads)}, separators=(",", ":")).encode() + b"\n"
    for folder in anchor_folders(home):
        try:
            with _growing(folder / f"heads-{day}.jsonl") as handle:
                _add(handle, row)
            for path in folder.glob("heads-*.jsonl"):
                if path.name < f"heads-{day - _KEPT}.jsonl":
                    path.unlink()
        except OSError as error:
            log.error("%s: evidence can't be written down there (%s)", folder, error.strerror)


def put_aside(home: Home, day: date) -> list[Path]:
    """Put what is known outside aside under another name, where it stays; the new names. OSError where one can't."""
    moved = []
    for folder in anchor_folders(home):
        for path in (folder / SEALS, *folder.glob("heads-*.jsonl"), *folder.glob("stamps/seal-*")):
            if path.is_file():
                names = (path.with_name(f"before-restore-{day}-{at}-{path.name}") for at in count(1))
                moved.append(path.rename(next(name for name in names if not name.exists())))
    return moved


def _add(handle: int, content: bytes) -> None:
    """Add it whole or not at all: half a line, as on a full disk, would be no seal for ever. OSError where it can't."""
    size = os.fstat(handle).st_size
    try:
        if os.write(handle, content) < len(content):
            raise OSError(ENOSPC, os.strerror(ENOSPC))
    except OSError:
        os.ftruncate(handle, size)
        raise


@contextmanager
def _growing(path: Path) -> Iterator[int]:
    """A file that is only added to, by one at a time, readable by its owner; made where it isn't there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
        os.fsync(handle)
    finally:
        os.close(handle)
