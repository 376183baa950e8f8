"""Work that is killed at chosen moments, as a power cut would: run as a program of its own.

    python -m tests.interchange.book.killing import ROOT FEED MOMENT...
    python -m tests.interchange.book.killing night ROOT DATE MOMENT...

Each moment is a share of the time that the undisturbed work took. After every kill one line of JSON tells
what a reader of the book and the nights would find. The engine is only ever used in the children.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.night.run import plan_night, run_night


def do_import(root: Path, feed: Path) -> None:
    import_feed(root / "book", feed, quarantine=root / "quarantine", partitions=4)


def do_night(root: Path, day: date) -> None:
    book = open_book(root / "book")
    text = files("forbear").joinpath("strategies", "consumer-cn.yaml").read_text(encoding="utf-8")
    run_night(plan_night(book, root / "nights", day, text, "consumer-cn.yaml"), book, root / "nights")


def digest(folder: Path) -> str:
    """One checksum over the names and bytes of all files under a folder."""
    whole = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder)}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def found(root: Path) -> dict[str, str]:
    """Each thing that a reader would open, with the checksum of its files."""
    book = open_book(root / "book")
    shown = {"book": f"{book.version} {digest(book.folder)}"}
    for night in sorted((root / "nights").glob("[0-9]*")):
        shown[night.name] = digest(night)
    return shown


def in_a_child(work: Callable[[], None], seconds: float | None) -> None:
    """Run `work` in a child; kill it after so many seconds."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main(kind: str, root: str, what: str, *moments: str) -> None:
    """Time the work in a copy beside `root`, then kill it in `root` at each moment."""
    place, trial = Path(root), Path(root).with_name("trial")

    def work(there: Path) -> Callable[[], None]:
        if kind == "import":
            return lambda: do_import(there, Path(what))
        return lambda: do_night(there, date.fromisoformat(what))

    begun = time.monotonic()
    in_a_child(work(trial), None)
    whole = time.monotonic() - begun
    for moment in moments:
        in_a_child(work(place), whole * float(moment))
        print(json.dumps(found(place)))  # noqa: T201  the caller reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
