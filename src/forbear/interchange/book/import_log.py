"""What became of each import, one line each beside the book: the night and the desk ask the last one.

`imports.jsonl` has the moment, the verdict (`imported`, `unchanged` or `refused`), the version, the business date, the
refusal's sentence, and who answered for what with which reason.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

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
