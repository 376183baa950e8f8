"""A feed taken into the tests' home, and a night of it decided, as `forbear import` and `forbear night` do.

Both hang on nothing but what they are given, so each is done once in a process and copied afterwards.
"""

import json
import shutil
from atexit import register
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings

from forbear.interchange.book.book import Book, current_version, open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.country import country_of
from forbear.night.run import Night, open_night, plan_night, run_night
from tests.interchange.book.small_feed import write

_copies: dict[tuple, Path] = {}


@cache
def _folder() -> Path:
    """Where the copies lie, for as long as the process runs."""
    folder = Path(mkdtemp(prefix="forbear-home-night-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _copied(key: tuple, target: Path) -> bool:
    """Put what was made of this before at `target`; False when it wasn't made yet."""
    if key in _copies:
        shutil.copytree(_copies[key], target, dirs_exist_ok=True)
    return key in _copies


def _keep_copy(key: tuple, made: Path) -> None:
    _copies[key] = _folder() / str(len(_copies))
    shutil.copytree(made, _copies[key])


def feed_in(folder: Path, **tables: object) -> Book:
    """A feed of these tables becomes the home's book."""
    home = settings.HOME
    fresh, key = not current_version(home.book), ("book", json.dumps(tables, sort_keys=True))
    if not (fresh and _copied(key, home.book)):
        report = import_feed(
            home.book,
            write(folder, **tables),
            quarantine=home.quarantine,
            threads=1,
            country=country_of(home),
        )
        if fresh and not report.quarantined_rows:
            _keep_copy(key, home.book)
    return open_book(home.book)


def decided(day: date) -> tuple[Night, Book]:
    """The night of a day by the home's strategy, and the book it was decided on: what publishing takes."""
    home, book = settings.HOME, open_book(settings.HOME.book)
    plan = plan_night(book, home.nights, day, home.strategy.read_text("utf-8"), home.strategy.name)
    key = ("night", book.version, plan.as_of, plan.previous_version, plan.strategy_text)
    target = home.nights / str(day)
    if not target.exists() and _copied(key, target):
        return open_night(home.nights, day), book
    night = run_night(plan, book, home.nights, threads=1)
    if key not in _copies:
        _keep_copy(key, night.folder)
    return night, book
