"""control.csv or control.json: what the lender's own system says the feed holds, checked before anything counts.

    file,what,value                     {"business_date": "2026-03-31", "complete": true,
    ,business_date,2026-03-31            "files": {"loans": {"rows": 20000, "principal": "84000000.00"}}}
    loans,rows,20000
    loans,principal,84000000.00
    ,complete,yes

The complete mark is written last, so a feed that is still being written, or whose transfer broke, has none.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from forbear.interchange.book.control import Totals
from forbear.interchange.book.feed_columns import TABLES
from forbear.interchange.book.feed_files import FeedError

NAMES = ("control.csv", "control.json")
_YES = ("yes", "true", "1", "y", "t", "是")
_EXAMPLE = "write it as the page docs/feed.md shows"


@dataclass(frozen=True, slots=True)
class ControlFile:
    """`totals` by (file, what): rows, or the sum of an amount column in the currency's unit."""

    path: Path
    business_date: date | None
    totals: Mapping[tuple[str, str], Decimal]


def control_path(folder: Path) -> Path | None:
    """The feed's control file, if it has one; `FeedError` when there are two."""
    both = [path for name in NAMES if (path := folder / name).is_file()]
    if len(both) == 2:
        raise FeedError(f"{folder}: holds both {NAMES[0]} and {NAMES[1]}; keep one of them")
    return both[0] if both else None


def read_control(folder: Path, *, required: bool) -> ControlFile | None:
    """The control file of a feed that is complete; `FeedError` when it says otherwise or is needed and not there."""
    path = control_path(folder)
    if path is None:
        if required:
            raise FeedError(
                f"{folder}: has no control.csv or control.json, which lender.yaml asks for (feed: require_control); "
                "the feed may still be on its way. Import it when the file is there"
            )
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = _of_json(text) if path.suffix == ".json" else _of_csv(text)
    except (ValueError, csv.Error, OSError):
        raise FeedError(f"{path}: can't be read as a control file; {_EXAMPLE}") from None
    business_date, complete, totals = None, False, {}
    columns = {table.name: ("rows", *table.amounts) for table in TABLES}
    for file, what, value in lines:
        if not file and what == "complete":
            complete = value.strip().lower() in _YES
        elif not file and what == "business_date":
            business_date = _day(path, value)
        elif what in columns.get(file, ()):
            totals[file, what] = _number(path, file, what, value)
        else:
            raise FeedError(f"{path}: {file or 'the feed'} has no {what or 'empty name'}; {_EXAMPLE}")
    if not complete:
        raise FeedError(
            f"{path}: has no complete mark, so the feed was still being written or its transfer broke; "
            "wait for the whole feed and import it again"
        )
    return ControlFile(path, business_date, totals)


def _of_csv(text: str) -> list[tuple[str, str, str]]:
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows or [name.strip() for name in rows[0]] != ["file", "what", "value"]:
        raise ValueError("no such header")
    if any(len(row) != 3 for row in rows):
        raise ValueError("a row is cut")
    return [(file.strip(), what.strip(), value.strip()) for file, what, value in rows[1:]]


def _of_json(text: str) -> list[tuple[str, str, str]]:
    given = json.loads(text)
    if not isinstance(given, dict) or not isinstance(given.get("files", {}), dict):
        raise ValueError("no object")
    lines = [("", str(what), str(value)) for what, value in given.items() if what != "files"]
    for file, values in given.get("files", {}).items():
        if not isinstance(values, dict):
            raise ValueError("no object")
        lines += [(str(file), str(what), str(value)) for what, value in values.items()]
    return lines


def _day(path: Path, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise FeedError(f"{path}: business_date {value} is not a date like 2026-03-31") from None


def _number(path: Path, file: str, what: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise FeedError(f"{path}: {file} {what} {value} is not a number like 1234.50")
    return number


def require_agreement(control: ControlFile, totals: Totals) -> None:
    """`FeedError` where the files hold other rows or sums than the control file says."""
    for (file, what), said in control.totals.items():
        read = totals.get(file, {}).get("read", {}).get(what)
        if read is None or Decimal(read) != said:
            held = "is not there" if read is None else f"holds {Decimal(read).normalize():f}"
            raise FeedError(
                f"{control.path}: {file} should have {what} {said:,} but {held}; a file was cut or belongs to "
                "another feed. Nothing was imported: send the whole feed again"
            )


def require_newer(control: ControlFile, before: str) -> None:
    """`FeedError` where the business date lies before that of the book, `before` ("" when it has none)."""
    if control.business_date and before and str(control.business_date) < before:
        raise FeedError(
            f"{control.path}: the business date {control.business_date} is before {before}, that of the book; "
            "this is an older feed. Import the newest, or this one with --accept REASON --by NAME"
        )
