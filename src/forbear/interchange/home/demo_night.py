"""How a demo's pages ask for its next night, and how that night gets on: one small file in the demo's home.

The pages ask, and the process that started the demo runs the night by the same commands as a lender's operator.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from forbear.interchange.home.lender import Home

FILE, LOCK = Path("data") / "next_night.json", Path("data") / ".operator.lock"
#: The steps in their order: the rest of the day, the day's feed, the night itself, and the morning after.
STEPS = ("day", "feed", "night", "morning")
#: In these states nobody may ask for another night.
BUSY = ("asked", "running")


@dataclass(frozen=True, slots=True)
class NextNight:
    """`state` is "idle", "asked", "running", "done" or "failed", `night` the date it is decided for ("" until known).

    `part` is what is being done within the step, by the program's own word, and `note` what went wrong.
    """

    state: str = "idle"
    night: str = ""
    step: str = ""
    part: str = ""
    done: int = 0
    of: int = 0
    note: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether it is asked for or under way."""
        return self.state in BUSY

    @property
    def number(self) -> int:
        """Which step it is at, counted from 1; 0 before the first."""
        return STEPS.index(self.step) + 1 if self.step else 0


def read(home: Home) -> NextNight:
    """How the next night gets on; idle where nobody asked for one."""
    try:
        return NextNight(**json.loads((home.folder / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return NextNight()


def write(home: Home, night: NextNight) -> None:
    """Say how it gets on; readers see the former text or this one, and never half of it."""
    assert home.is_demo, "a lender's nights are run by its operator alone"
    path = home.folder / FILE
    waiting = path.with_suffix(".new")
    waiting.write_text(json.dumps(asdict(night)), encoding="utf-8")
    waiting.replace(path)


def ask(home: Home) -> bool:
    """Ask for the next night; False where one is under way already or nobody is there to run it."""
    if read(home).is_busy or not has_operator(home):
        return False
    write(home, NextNight("asked"))
    return True


@contextmanager
def operator(home: Home) -> Iterator[None]:
    """Be the one process that runs this demo's nights; what a former one left unfinished is forgotten."""
    with (home.folder / LOCK).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        write(home, NextNight())
        yield


def has_operator(home: Home) -> bool:
    """Whether somebody is there to run a night: the pages may also be served alone."""
    try:
        with (home.folder / LOCK).open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
