"""The one clock: what reads the time asks it here, so that a demo's time can be moved and nobody else's.

A made-up home may be ahead of the world, or behind it, by what its file of the clock says. A lender's home has the
world's time, whatever lies in its folder.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forbear.interchange.home.lender import Home, HomeError

#: Inside the home: {"ahead": seconds} while the clock runs, {"stands": moment} while the demo is closed.
FILE = Path("data") / "clock.json"


def now(home: Home) -> datetime:
    """The moment where this home is, in UTC."""
    moment = world()
    if not home.is_made_up:
        return moment
    found = _read(home)
    return datetime.fromisoformat(found["stands"]) if "stands" in found else moment + _ahead(found)


def ahead(home: Home) -> timedelta:
    """By how much this home's time is ahead of the world's; nothing where its borrowers are real."""
    return now(home) - world() if home.is_made_up else timedelta(0)


def move(home: Home, moment: datetime) -> None:
    """Let it be `moment` here, and time go on from there; `HomeError` where borrowers are real.

    What happened stays in the past: a move to an earlier moment than now is a mistake of ours.
    """
    _require_made_up(home)
    assert not (home.folder / FILE).exists() or moment >= now(home), "time goes forward only"
    _write(home, {"ahead": (moment - world()).total_seconds()})


def stop(home: Home) -> None:
    """The demo is closed: no time goes by until it is opened again."""
    _require_made_up(home)
    _write(home, {"stands": now(home).isoformat()})


def stand(home: Home, moment: datetime) -> None:
    """Let it be `moment` here, and stay so: a case of a pack is asked at its own moment."""
    _require_made_up(home)
    _write(home, {"stands": moment.isoformat()})


def go_on(home: Home) -> None:
    """Time goes by again from where it was stopped; where it was not, nothing changes."""
    if home.is_made_up and "stands" in (found := _read(home)):
        _write(home, {"ahead": (datetime.fromisoformat(found["stands"]) - world()).total_seconds()})


def world() -> datetime:
    """The world's time, in UTC: for what has no home yet."""
    return datetime.now(UTC)


def _ahead(found: dict) -> timedelta:
    return timedelta(seconds=found.get("ahead", 0.0))


def _require_made_up(home: Home) -> None:
    if not home.is_made_up:
        raise HomeError(
            f"{home.folder}: is a lender's home, whose time is the world's; only a demo's can be moved"
        )


def _read(home: Home) -> dict:
    try:
        return json.loads((home.folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _write(home: Home, found: dict) -> None:
    path = home.folder / FILE
    waiting = path.with_suffix(".new")
    waiting.write_text(json.dumps(found), encoding="utf-8")
    waiting.replace(path)
