"""The reading baseline reads what the night reads: no column more, none less.

A column is read when the night goes wrong without its bytes.
"""

import shutil
from datetime import date
from pathlib import Path

import pytest

from forbear.bench.task_night import STRATEGY, strategy_text
from forbear.bench.task_read import NIGHT_COLUMNS, read_part, sums_of
from forbear.engine.columnar import EngineError, connected, quote
from forbear.interchange.book.book import BOOK_TABLES, Book, open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.night.inputs import NightInputs
from forbear.night.partition import decide_partition
from forbear.night.run import plan_night, run_night

DAY, DAY_BEFORE = date(2026, 11, 20), date(2026, 11, 19)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Book:
    folder = tmp_path_factory.mktemp("book")
    generate_feed(folder / "feed", loans=200, seed=1, as_of=DAY)
    import_feed(folder / "book", folder / "feed", quarantine=folder / "quarantine")
    return open_book(folder / "book")


@pytest.fixture(scope="module")
def inputs(book) -> NightInputs:
    nights = book.folder.parent.parent / "nights"
    run_night(plan_night(book, nights, DAY_BEFORE, strategy_text(), STRATEGY), book, nights)
    return plan_night(book, nights, DAY, strategy_text(), STRATEGY)


def columns(path: Path) -> list[str]:
    with connected() as connection:
        found = connection.execute(f"describe select * from read_parquet({quote(path)})").fetchall()
    return [row[0] for row in found]


def spoil(path: Path, column: str) -> None:
    """Overwrite every page of one column, so that nothing can be read from it and all else as before."""
    with connected() as connection:
        chunks = connection.execute(
            f"""select least(coalesce(dictionary_page_offset, data_page_offset), data_page_offset),
                total_compressed_size
            from parquet_metadata({quote(path)}) where path_in_schema = ?""",
            [column],
        ).fetchall()
    with path.open("r+b") as stream:
        for start, length in chunks:
            stream.seek(start)
            stream.write(b"\xff" * length)


def decided(inputs: NightInputs, folder: Path, target: Path) -> dict[str, str] | None:
    """The checksums of the first partition decided from the book in `folder`; None when it can't be read."""
    given = {name: getattr(inputs, name) for name in inputs.__slots__} | {"book": str(folder)}
    try:
        return decide_partition(NightInputs(**given), 0, target)["files"]
    except EngineError:
        return None


def test_the_night_reads_exactly_these_columns(book, inputs, tmp_path):
    part = tmp_path / "book" / "part-00000"
    part.mkdir(parents=True)
    for name in ("manifest.json", "products.yaml"):
        shutil.copyfile(book.folder / name, part.parent / name)
    for table in BOOK_TABLES:
        shutil.copyfile(book.part(0) / f"{table}.parquet", part / f"{table}.parquet")
    whole = decided(inputs, part.parent, tmp_path / "night")
    assert whole is not None
    pairs = [
        (table, column) for table in BOOK_TABLES for column in columns(book.part(0) / f"{table}.parquet")
    ]
    known = [(table, column) for table, names in NIGHT_COLUMNS.items() for column in names]
    for table, column in set(pairs) - set(known):
        spoil(part / f"{table}.parquet", column)
    again = decided(inputs, part.parent, tmp_path / "night")
    assert again == whole, "the night reads a column that NIGHT_COLUMNS in bench/task_read.py lacks"
    unread = []
    for table, column in known:
        spoil(part / f"{table}.parquet", column)
        if decided(inputs, part.parent, tmp_path / "night") == whole:
            unread.append((table, column))
        shutil.copyfile(book.part(0) / f"{table}.parquet", part / f"{table}.parquet")
    assert unread == [], "NIGHT_COLUMNS in bench/task_read.py names what the night does not read"


def test_reading_sums_every_value(book):
    with connected() as connection:
        read = dict(
            zip(NIGHT_COLUMNS, read_part(connection, book, 0, sums_of(book, NIGHT_COLUMNS)), strict=True)
        )
        rows = connection.execute(
            f"select due_to_date from read_parquet({quote(book.part(0) / 'instalments.parquet')})"
        ).fetchall()
    place = NIGHT_COLUMNS["instalments"].index("due_to_date")
    assert read["instalments"][place] == sum(value for (value,) in rows) > 0


def test_the_whole_ledger_is_every_column(book):
    sums = sums_of(book, None)
    assert set(sums) == {"loans", "instalments", "payments", "pauses"}
    for table, wanted in sums.items():
        assert wanted.count("sum(") == len(columns(book.part(0) / f"{table}.parquet"))
