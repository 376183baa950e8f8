"""A feed taken into the tests' home, and a night of it decided, as `forbear import` and `forbear night` do."""

from datetime import date
from pathlib import Path

from django.conf import settings

from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.night.run import Night, plan_night, run_night
from tests.interchange.book.small_feed import write


def feed_in(folder: Path, **tables: object) -> Book:
    """A feed of these tables becomes the home's book."""
    home = settings.HOME
    import_feed(home.book, write(folder, **tables), quarantine=home.quarantine, threads=1)
    return open_book(home.book)


def decided(day: date) -> tuple[Night, Book]:
    """The night of a day by the home's strategy, and the book it was decided on: what publishing takes."""
    home, book = settings.HOME, open_book(settings.HOME.book)
    plan = plan_night(book, home.nights, day, home.strategy.read_text("utf-8"), home.strategy.name)
    return run_night(plan, book, home.nights, threads=1), book
