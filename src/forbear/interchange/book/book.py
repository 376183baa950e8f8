"""The book: the accepted feed as Parquet, cut into partitions, one version at a time.

    book/CURRENT              the name of the version that counts
    book/<version>/manifest.json
    book/<version>/products.yaml
    book/<version>/part-00000/{loans,instalments,payments,accounts,borrowers,pauses,doubts}.parquet

All loans of one borrower lie in one partition. A version never changes once
CURRENT names it; a crash at any earlier point leaves the previous one standing.
"""

import errno
import json
import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from forbear.core.loans.products import Products, parse_products
from forbear.engine.columnar import files_in, parquet
from forbear.interchange.book.feed_files import FeedError

# Raise it when the files' columns or their meaning change: a book of another layout must be imported again.
LAYOUT = 7
BOOK_TABLES = ("loans", "instalments", "payments", "accounts", "borrowers", "pauses", "doubts")


@dataclass(frozen=True, slots=True)
class Book:
    """One version of the book, read-only."""

    folder: Path
    manifest: dict

    @property
    def version(self) -> str:
        return self.manifest["version"]

    @property
    def partitions(self) -> int:
        return self.manifest["partitions"]

    def part(self, number: int) -> Path:
        return self.folder / f"part-{number:05d}"

    def files(self, table: str) -> str:
        """A glob over one table's files in all partitions."""
        return files_in(self.folder, f"part-*/{table}.parquet")

    def rows(self, table: str) -> str:
        """SQL for the rows of one table in all partitions."""
        return parquet(self.folder, f"part-*/{table}.parquet")

    def products(self) -> Products:
        return _products(self.folder / "products.yaml")


@lru_cache(maxsize=8)
def _products(path: Path) -> Products:
    """Read once: a version of a book never changes."""
    return parse_products(path.read_text(encoding="utf-8"), str(path))


def open_book(root: Path) -> Book:
    """The current version of the book under `root`; `FeedError` when there is none."""
    current = root / "CURRENT"
    if not current.is_file():
        raise FeedError(f"{root}: holds no book yet; run `forbear import FEED` first")
    folder = root / current.read_text(encoding="utf-8").strip()
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        layout = manifest["layout"]
    except (OSError, ValueError, KeyError, TypeError):
        raise FeedError(
            f"{folder}: the book's manifest is damaged or gone; run `forbear import` with a whole feed again"
        ) from None
    if layout != LAYOUT:
        raise FeedError(
            f"{root}: the book was written by another release (layout {layout}, "
            f"this one reads {LAYOUT}); run `forbear import` with a whole feed again"
        )
    return Book(folder, manifest)


def current_version(root: Path) -> str:
    """The version CURRENT names, or "" when there is no book yet."""
    current = root / "CURRENT"
    return current.read_text(encoding="utf-8").strip() if current.is_file() else ""


def sources_before(root: Path) -> dict:
    """What the book in use was made of, by source, where a mapping made it; else nothing."""
    try:
        return open_book(root).manifest.get("sources", {})
    except FeedError:
        return {}


def publish(root: Path, version: str) -> None:
    """Make `version` the one that counts, in one atomic step that survives a power cut."""
    waiting = root / "CURRENT.new"
    with waiting.open("w", encoding="utf-8") as stream:
        stream.write(version + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    waiting.replace(root / "CURRENT")
    flush_folder(root)


#: What a disk answers that makes no link, or no more of this file.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK)


def stand_again(before: Path, after: Path) -> None:
    """The same file in the next version of the book; a copy where a disk knows no links, as some shared ones don't."""
    try:
        os.link(before, after)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(before, after)


def flush_folder(folder: Path) -> None:
    """Ask the disk to keep the folder's list of names."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Ask the disk to keep every file under `folder`, and the names that lead to it."""
    for path in sorted(folder.rglob("*")):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    flush_folder(folder)
