"""Reading back what an adapter wrote, for the adapters' tests."""

import csv
from decimal import Decimal
from pathlib import Path

from forbear.engine.columnar import connected, quote
from forbear.interchange.book.adapters import LEFT_OUT
from forbear.interchange.book.feed_files import SOURCE_ROW

COLUMNS = {
    "loans": ["loan_id", "borrower_id", "product", "currency", "principal", "disbursed_on", "status"],
    "instalments": ["loan_id", "number", "due_on", "principal", "interest", "fee", "penalty"],
    "payments": ["payment_id", "loan_id", "paid_on", "amount", "reverses"],
    "borrowers": ["borrower_id", "name", "phone", "email", "language", "region", "timezone", "born_on"],
}


def rows(feed: Path, table: str, *columns: str) -> list[tuple]:
    """The rows of a table of the feed in the file's order; only `columns` if any are named."""
    with connected() as connection:
        result = connection.execute(f"from read_parquet({quote(feed / f'{table}.parquet')})")
        names = [column[0] for column in result.description]
        assert [name for name in names if name != SOURCE_ROW] == COLUMNS[table]
        places = [names.index(column) for column in columns or COLUMNS[table]]
        return [tuple(row[place] for place in places) for row in result.fetchall()]


def left_out(feed: Path) -> list[tuple[str, ...]]:
    """The rows the adapter left out: file, row, record, loan_id, amount, reason."""
    with (feed / LEFT_OUT).open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == ["file", "row", "record", "loan_id", "amount", "reason"]
    return [tuple(line) for line in lines]


def total(amounts) -> Decimal:
    """The exact sum of amounts written as text, the unreadable and absent ones aside."""
    return sum((Decimal(amount) for (amount,) in amounts if amount and amount[-1].isdigit()), Decimal(0))


def same_files(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files, byte for byte."""
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)
