"""Merely reading the book: the same files, engine, threads and connections as the night, and no work.

Every column is summed (texts by their length), so that each value is really decoded; a count, a smallest
or a largest value could be answered from a Parquet file's statistics.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from forbear.bench.child import Clock, answer
from forbear.engine.columnar import Connection, connect, connected, one_row, quote
from forbear.interchange.book.book import Book, open_book

# The columns whose bytes the benchmark's night decodes; a test spoils each column in turn to see. Payments are
# missing since no value date lies after the night's date, which a file's statistics tell; pauses, since
# there are none.
NIGHT_COLUMNS = {
    "loans": (
        *("loan_key", "loan_id", "borrower_id", "borrower_key", "product_no", "currency"),
        *("minor_unit", "principal", "disbursed_on", "status", "due_total", "paid_total", "first_number"),
        *("feed_doubt", "owing_from"),
    ),
    "instalments": (
        *("loan_key", "number", "falls_due_on", "principal", "interest", "fee", "penalty", "due_to_date"),
        "settled_on",
    ),
    "borrowers": ("borrower_key", "has_email", "owing_from"),
}
LEDGER = ("loans", "instalments", "payments", "pauses")


def sums_of(book: Book, columns: dict[str, tuple[str, ...]] | None) -> dict[str, str]:
    """By table, a select list that decodes `columns`; None stands for every column of the ledger."""
    sums = {}
    with connected(1) as connection:
        for table in columns or LEDGER:
            path = quote(book.part(0) / f"{table}.parquet")
            types = {
                row[0]: row[1]
                for row in connection.execute(f"describe select * from read_parquet({path})").fetchall()
            }
            chosen = columns[table] if columns else tuple(types)
            sums[table] = ", ".join(_sum(name, types[name]) for name in chosen)
    return sums


def _sum(name: str, kind: str) -> str:
    if kind == "VARCHAR":
        return f"sum(strlen({name}))"
    if kind == "DATE":
        return f"sum({name} - date '1970-01-01')"
    return f"sum({name}::integer)" if kind == "BOOLEAN" else f"sum({name})"


def read_part(connection: Connection, book: Book, number: int, sums: dict[str, str]) -> list[tuple]:
    """Read one partition; returns the sums, table by table."""
    return [
        one_row(
            connection.execute(
                f"select {wanted} from read_parquet({quote(book.part(number) / f'{table}.parquet')})"
            )
        )
        for table, wanted in sums.items()
    ]


def work(spec: dict, clock: Clock) -> dict:
    """Read the night's columns, or with `all` every column of the ledger."""
    book = open_book(Path(spec["book"]))
    sums = sums_of(book, None if spec["all"] else NIGHT_COLUMNS)
    own = threading.local()

    def read_one(number: int) -> None:
        if not hasattr(own, "connection"):
            own.connection = connect(1)
        read_part(own.connection, book, number, sums)

    with clock, ThreadPoolExecutor(spec["threads"]) as pool:
        list(pool.map(read_one, range(book.partitions)))
    return {"loans": book.manifest["rows"]["loans"]}


if __name__ == "__main__":
    answer(work)
