"""A lender's morning: a CSV feed held against the book before it, the night decided, and brought to the desk.

The home has the book, the night and the desk of the day before, as a lender's has. They are made once; each round
works on a copy.
"""

import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from forbear.bench.child import Clock, answer
from forbear.bench.launch import run_task
from forbear.interchange.book.book import open_book
from forbear.interchange.book.comparison import Guard
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.lender import Home, make_home, open_home
from forbear.night.run import plan_night, run_night


def make_yesterday(spec: dict, day: date) -> dict:
    """A home in whose desk the night of `day` is."""
    folder = Path(spec["home"])
    make_home(folder, made_up=True)
    home = open_home(folder)
    _import(home, spec["before"], day, spec["threads"])
    _decide(home, day, spec["threads"])
    _publish(folder, day)
    return {}


def work(spec: dict, clock: Clock) -> dict:
    """One morning, from the feed to the desk, and the seconds of its parts."""
    as_of = date.fromisoformat(spec["as_of"])
    if spec["step"] == "prepare":
        return make_yesterday(spec, as_of - timedelta(days=1))
    parts = {}
    with TemporaryDirectory(dir=spec["scratch"]) as scratch:
        folder = Path(scratch) / "home"
        shutil.copytree(spec["home"], folder)
        home = open_home(folder)
        with clock:
            _import(home, spec["feed"], as_of, spec["threads"])
        parts["import"] = clock.seconds
        with clock:
            _decide(home, as_of, spec["threads"])
        parts["night"] = clock.seconds - parts["import"]
        published = _publish(folder, as_of)
        clock.add(published)
        parts["publish"] = published["seconds"]
        loans = open_book(home.book).manifest["rows"]["loans"]
    return {"loans": loans, "parts": parts}


def _import(home: Home, feed: str, today: date, threads: int) -> None:
    import_feed(
        home.book, Path(feed), quarantine=home.quarantine, threads=threads, guard=Guard(home.feed, today)
    )


def _decide(home: Home, as_of: date, threads: int) -> None:
    book, text = open_book(home.book), home.strategy.read_text(encoding="utf-8")
    inputs = plan_night(book, home.nights, as_of, text, str(home.strategy))
    run_night(inputs, book, home.nights, threads=threads)


def _publish(home: Path, as_of: date) -> dict:
    """Bring the night to the home's desk, in a process that has Django and SQLite."""
    environment = {"FORBEAR_HOME": str(home), "FORBEAR_DATABASE": ""}
    return run_task("task_desk", {"publish": str(as_of)}, environment)


if __name__ == "__main__":
    answer(work)
