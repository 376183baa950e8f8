"""Counts over the whole book, which take a moment where it is large: kept a little, and told how old.

A book is large when its last night left that many cases open. On a smaller one everything is counted each time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forbear.store.large_book import is_large

SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted, and when; `kept` when it was not counted just now."""

    found: dict[str, Any]
    at: datetime
    kept: bool


#: By name: until when it is good on this process's own clock, what was counted, and when.
_KEPT: dict[str, tuple[float, dict[str, Any], datetime]] = {}


def counted(
    name: str, count: Callable[[], dict[str, Any]], now: datetime, *, seconds: float = SECONDS
) -> Counted:
    """The count of that name, at most so old. `name` has all that the count depends on but the book itself."""
    if not is_large():
        return Counted(count(), now, False)
    until, found, at = _KEPT.get(name, (0.0, {}, now))
    if time.monotonic() < until:
        return Counted(found, at, True)
    found = count()
    for old in [key for key, (until, *_) in _KEPT.items() if until < time.monotonic()]:
        _KEPT.pop(old, None)
    _KEPT[name] = (time.monotonic() + seconds, found, now)
    return Counted(found, now, False)
