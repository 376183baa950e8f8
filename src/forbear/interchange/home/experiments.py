"""Which experiments were ended before their last day, as the desk wrote it into the home for the night.

    data/strategies/stopped.json     [["spaced", "2026-12-20"], ...]

An experiment that was stopped is over from that day for good: its arms count no more and nobody comes in.
"""

import json
from collections.abc import Sequence
from datetime import date

from forbear.interchange.home.lender import Home, HomeError
from forbear.interchange.home.strategies import put


def stopped_on(home: Home, day: date) -> tuple[str, ...]:
    """The experiments that are over on a day because they were stopped, by name."""
    path = home.folder / "data" / "strategies" / "stopped.json"
    if not path.is_file():
        return ()
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return tuple(sorted(str(name) for name, first in rows if date.fromisoformat(first) <= day))
    except (ValueError, TypeError):
        raise HomeError(f"{path}: is damaged; take it away, and `forbear night` writes it again") from None


def write_stopped(home: Home, stopped: Sequence[tuple[str, date]]) -> None:
    """Write every experiment that was stopped, with its first day without it."""
    folder = home.folder / "data" / "strategies"
    if not stopped and not folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    put(folder / "stopped.json", json.dumps([[name, first.isoformat()] for name, first in stopped]))
