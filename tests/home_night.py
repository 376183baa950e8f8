"""A feed taken into the tests' home, and a night of it decided, as `forbear import` and `forbear night` do.

Both hang on nothing but what they are given (tests/interchange/book/test_publish.py, tests/night/test_run.py). So each
is done once in a run and copied afterwards, also by its other processes.
"""

import json
import os
import shutil
from atexit import register
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings

from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.country import country_of
from forbear.night.inputs import NightInputs
from forbear.night.run import Night, open_night, plan_night, run_night
from tests.interchange.book.small_feed import write


@cache
def _folder() -> Path:
    """Where the copies lie: for as long as the run, or this process where it is alone."""
    if "FORBEAR_TEST_COPIES" in os.environ:
        return Path(os.environ["FORBEAR_TEST_COPIES"])
    folder = Path(mkdtemp(prefix="forbear-home-night-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _copy_of(*key: object) -> Path:
    return _folder() / sha256(json.dumps(key, sort_keys=True, default=str).encode()).hexdigest()


def _copied(copy: Path, target: Path) -> bool:
    """Put what was made of this before in place of what is at `target`; False when it wasn't made yet."""
    if not copy.is_dir():
        return False
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(copy, target)
    return True


def _keep_copy(copy: Path, made: Path) -> None:
    """Keep it whole or not at all: another process may look for it."""
    making = Path(mkdtemp(dir=_folder()))
    shutil.copytree(made, making, dirs_exist_ok=True)
    try:
        making.rename(copy)
    except OSError:  # another process was quicker
        shutil.rmtree(making)


def feed_in(folder: Path, **tables: object) -> Book:
    """A feed of these tables becomes the home's book."""
    home = settings.HOME
    country = country_of(home)
    copy = _copy_of("book", country, tables)
    if not _copied(copy, home.book):
        feed = write(folder, **tables)
        report = import_feed(home.book, feed, quarantine=home.quarantine, threads=1, country=country)
        if not report.quarantined_rows:
            _keep_copy(copy, home.book)
    return open_book(home.book)


def decided(day: date) -> tuple[Night, Book]:
    """The night of a day by the home's strategy, and the book it was decided on: what publishing takes."""
    home, book = settings.HOME, open_book(settings.HOME.book)
    plan = plan_night(book, home.nights, day, home.strategy.read_text("utf-8"), home.strategy.name)
    return night_of(plan, book), book


def night_of(plan: NightInputs, book: Book) -> Night:
    """The night of these inputs, decided or copied: inputs of one version give the same bytes."""
    nights, target = settings.HOME.nights, settings.HOME.nights / str(plan.as_of)
    copy = _copy_of("night", plan.version, plan.strategy_origin, plan.partitions, plan.previous_partitions)
    if not target.exists() and _copied(copy, target):
        made = open_night(nights, plan.as_of)
        assert made is not None
        return made
    night = run_night(plan, book, nights, threads=1)
    _keep_copy(copy, night.folder)
    return night
