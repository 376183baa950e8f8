"""The rule packs of a home, read and merged; read again only when a file has changed."""

from functools import lru_cache
from pathlib import Path

from forbear.core.permits.pack import parse_pack, written_rule
from forbear.core.permits.rules import Rulebook, merge
from forbear.interchange.home.lender import Home, read_text


def rulebook(home: Home) -> Rulebook:
    """The merged rules of the home. PackError or HomeError when a pack can't be used: then nothing is allowed."""
    return _merged(tuple((path, _changed(path)) for path in home.packs))


def written(home: Home, rule_id: str) -> str:
    """A rule of the home as its pack's file has it; empty when no pack has one of that id."""
    texts = (written_rule(read_text(path), rule_id) for path in home.packs)
    return next((text for text in texts if text), "")


def _changed(path: Path) -> tuple[int, int]:
    """What changes when the file does; zeros when it isn't there, so that reading it says so."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=8)
def _merged(stamped: tuple[tuple[Path, tuple[int, int]], ...]) -> Rulebook:
    return merge([parse_pack(read_text(path), str(path)) for path, _ in stamped])
