"""What became of each import, one line each beside the quarantine: the night and the desk ask the last one.

`imports.jsonl` has the moment, the verdict (`imported`, `unchanged` or `refused`), the version, the business date, the
refusal's sentence, and who answered for what with which reason.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from forbear.interchange.home.lender import IMPORTS

_KEPT = 400  # lines


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import; `at` is in UTC."""

    at: str
    verdict: str
    feed: str
    version: str = ""
    business_date: str = ""
    problem: str = ""
    by: str = ""
    reason: str = ""

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at).astimezone(UTC)


def import_lines(root: Path) -> list[ImportLine]:
    """All that is kept, oldest first; a line that was cut off is none."""
    path = root / IMPORTS
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            lines.append(ImportLine(**json.loads(text)))
        except (ValueError, TypeError):
            continue
    return lines


def last_import(root: Path) -> ImportLine | None:
    """What became of the newest import, if any is on record."""
    lines = import_lines(root)
    return lines[-1] if lines else None


def refused_feed(root: Path) -> ImportLine | None:
    """The newest import if it was refused: the book is not the newest then."""
    last = last_import(root)
    return last if last and last.verdict == "refused" else None


def reason_to_wait(
    root: Path, manifest: Mapping[str, Any], as_of: date, limit_days: int, zone: ZoneInfo
) -> str:
    """Why no night of `as_of` should be decided on this book, in a sentence; "" when nothing speaks against it.

    `manifest` is the book's. Its business date counts, else the day of its import where the lender is.
    """
    last = last_import(root)
    if last and last.verdict == "refused":
        return (
            f"the last import, of {last.feed}, was refused ({last.problem.partition('; ')[0]}), so the book is not "
            "the newest: import a whole feed"
        )
    day = manifest.get("business_date") or _imported_on(root, manifest["version"], zone)
    if day and (as_of - date.fromisoformat(day)).days > limit_days:
        return (
            f"the book is of {day}, more than {limit_days} days before {as_of} (feed: oldest_days in lender.yaml): "
            "import the newest feed"
        )
    return ""


def _imported_on(root: Path, version: str, zone: ZoneInfo) -> str:
    made = [line for line in import_lines(root) if (line.verdict, line.version) == ("imported", version)]
    return str(made[-1].moment.astimezone(zone).date()) if made else ""


def log_import(root: Path, line: ImportLine) -> None:
    """Add a line; the file is replaced in one step, so nobody reads half of it."""
    root.mkdir(parents=True, exist_ok=True)
    lines = [*import_lines(root), line][-_KEPT:]
    waiting = root / f"{IMPORTS}.new"
    with waiting.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in lines)
        stream.flush()
        os.fsync(stream.fileno())
    waiting.replace(root / IMPORTS)
