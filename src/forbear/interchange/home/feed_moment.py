"""How fresh the book is: the moment as of which the lender's own system told us of its loans."""

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

#: As fresh as a book whose newest feed was refused: the lender's ledger has moved on, and we don't know how.
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


def feed_moment(book: Path, imports: Path, timezone: str) -> datetime | None:
    """The end of the book's business date, else when it was imported; UNKNOWN while the last import is a refused one.

    None where nothing is on record: `book` is the folder of the book, `imports` the record of imports.
    """
    try:
        stat = imports.stat()
        current = (book / "CURRENT").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return _read(imports, (stat.st_mtime_ns, stat.st_size), current, timezone)


@lru_cache(maxsize=8)
def _read(path: Path, state: tuple[int, int], current: str, timezone: str) -> datetime | None:
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    if lines and lines[-1].get("verdict") == "refused":
        return UNKNOWN
    made = [line for line in lines if line.get("verdict") == "imported" and line.get("version") == current]
    if not made:
        return None
    moments = [datetime.fromisoformat(made[-1]["at"]).astimezone(UTC)]
    if made[-1].get("business_date"):
        ends = date.fromisoformat(made[-1]["business_date"]) + timedelta(days=1)
        moments.append(datetime.combine(ends, time(), ZoneInfo(timezone)).astimezone(UTC))
    return min(moments)
