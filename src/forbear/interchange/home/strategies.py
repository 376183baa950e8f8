"""Which strategy is in force on a day: the lender's file, or a version that the desk signed from that day on.

The desk writes its signed versions into the home, so that a night needs no database to know its strategy, and a night
of the past is decided again by the strategy of its own day.

    data/strategies/in_force.json     [["2026-11-26", "0f3a9c..."], ...], the oldest first
    data/strategies/0f3a9c....yaml    the text of each version
"""

import json
import os
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from forbear.core.strategy.model import Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.interchange.home.lender import Home, HomeError, read_text


def strategy_on(home: Home, day: date) -> Path:
    """The file of the strategy in force on that day; HomeError when the desk's files are damaged."""
    version = version_on(read_register(home), day)
    if not version:
        return home.strategy
    path = _folder(home) / f"{version}.yaml"
    if not path.is_file():
        raise HomeError(f"{path}: is missing; `forbear night` writes it again from the desk's database")
    return path


def strategy(home: Home, day: date) -> Strategy:
    """The same, read again only when its file has changed; StrategyError or HomeError when it can't be used."""
    path = strategy_on(home, day)
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
    except OSError:
        stamp = (0, 0)
    return _strategy(path, stamp)


@lru_cache(maxsize=4)
def _strategy(path: Path, stamp: tuple[int, int]) -> Strategy:
    return parse_strategy(read_text(path), path.name)


def version_on(register: Sequence[tuple[date, str]], day: date) -> str:
    """The version in force on a day; "" for the lender's own file. Of two from one day the later decided counts."""
    begun = [version for first, version in sorted(register, key=_first) if first <= day]
    return begun[-1] if begun else ""


def read_register(home: Home) -> list[tuple[date, str]]:
    """The versions with their first day, as they were decided."""
    return read_decided(_folder(home) / "in_force.json")


def read_decided(path: Path) -> list[tuple[date, str]]:
    """First days and versions of a register's file; none without one. HomeError when it is damaged."""
    if not path.is_file():
        return []
    try:
        payload = json.loads(path.read_text(encoding="utf-8"))
        return [(date.fromisoformat(first), str(version)) for first, version in payload]
    except (ValueError, TypeError):
        raise HomeError(f"{path}: is damaged; take it away, and `forbear night` writes it again") from None


def write_register(home: Home, signed: Sequence[tuple[date, str, str]]) -> None:
    """Write (first day, version, text) of every signed version, in the order they were decided. The register last."""
    folder = _folder(home)
    if not signed and not folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for _, version, text in signed:
        if not (folder / f"{version}.yaml").is_file():
            put(folder / f"{version}.yaml", text)
    put(folder / "in_force.json", json.dumps([[first.isoformat(), version] for first, version, _ in signed]))


def _first(entry: tuple[date, str]) -> date:
    return entry[0]


def put(path: Path, text: str) -> None:
    """Replace a file whole, so that whatever happens the old text or the new one is there."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(path)


def _folder(home: Home) -> Path:
    return home.folder / "data" / "strategies"
