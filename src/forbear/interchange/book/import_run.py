"""An import under way, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forbear.core.loans.products import Products
from forbear.engine.columnar import Connection
from forbear.interchange.book.book import Book
from forbear.interchange.book.comparison import Comparison, Guard
from forbear.interchange.book.control_file import ControlFile
from forbear.interchange.book.feed_columns import Check
from forbear.interchange.book.feed_files import FeedFile
from forbear.interchange.book.origin import MappedFeed

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `totals` by file: read, accepted, quarantined, each rows and sums."""

    version: str
    changed: bool
    totals: dict[str, dict[str, dict[str, Any]]]
    warnings: tuple[str, ...]
    quarantine: Path | None
    quarantined_rows: int
    comparison: Comparison | None = None  # with the book before, where there is one
    business_date: str = ""  # by the control file


@dataclass(slots=True)
class ImportRun:
    """The working state of one import."""

    connection: Connection
    files: dict[str, FeedFile]
    products: Products
    work: Path
    partitions: int
    base: Book | None
    checks: dict[str, list[Check]]
    warnings: list[str]
    codes: list[str]  # of the products in use; a product's number is its place here
    country: str  # of telephone numbers without a country code
    creditors: tuple[str, ...]  # that lender.yaml declares
    accepted: list[tuple]  # what the partitions brought into the book, as `build_partition` tells it
    before: Book | None = None  # the book that counts until now, where the import is held against it
    guard: Guard | None = None
    control: ControlFile | None = None
    mapped: MappedFeed | None = None  # where the feed was made by a mapping

    @property
    def loans_sent(self) -> bool:
        """Whether the loans may be others than the book's: not in a delta of payments alone."""
        return self.base is None or self.files["loans"].has_rows

    @property
    def calendars(self) -> list[str]:
        """By product number the calendar by which due dates move, "" where they don't."""
        products = [self.products.get(code) for code in self.codes]
        return [p.calendar or "" if p.due_date_rule != "none" else "" for p in products]

    @property
    def due_date_counts(self) -> list[int]:
        """The numbers of the products whose due date itself is the first day past due."""
        return [number for number, code in enumerate(self.codes) if self.products.get(code).due_date_counts]
