"""Many rows into a table at once, by the quickest way of either database."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import connection

from forbear.store.sql_value import SqlValue

_BATCH = 20_000
#: Keys that go into one statement.
_KEYS = 500
Key = TypeVar("Key")


def in_batches(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """The keys some hundred at a time, as many as one statement takes."""
    rest = iter(keys)
    while batch := list(islice(rest, _KEYS)):
        yield batch


def fill(table: str, columns: Sequence[str], rows: Iterable[Sequence[SqlValue]]) -> int:
    """Put rows into a table: COPY on PostgreSQL, many statements in one transaction on SQLite; how many.

    The caller is in a transaction and has made every value one that the database knows (JSON is text, moments
    are aware on PostgreSQL and text on SQLite).
    """
    names = ", ".join(columns)
    total = 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"copy {table} ({names}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
                    total += 1
            return total
        marks = ", ".join(["%s"] * len(columns))
        waiting = iter(rows)
        while batch := list(islice(waiting, _BATCH)):
            cursor.executemany(f"insert into {table} ({names}) values ({marks})", batch)
            total += len(batch)
    return total
