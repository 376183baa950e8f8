"""The ledger lines of a night's cases, staged beside them: only those that differ from the night before.

Most borrowers' lines stay as they are from one night to the next, so each row at the desk has a digest of them.
"""

from collections.abc import Iterator, Mapping

from django.db import connection

from forbear.engine.columnar import Connection, insert_rows, rows_of
from forbear.interchange.book.book import Book
from forbear.interchange.book.ledger_lines import make_ledger_lines
from forbear.store.bulk import fill

_LEDGER = ("borrower_id", "lines", "digest")


def stage_ledgers(engine: Connection, files: Mapping[str, str], book: Book) -> None:
    """Fill the staging table `new_ledger`; `files` has SQL for the rows of the night's `cases`."""
    engine.execute(
        f"""create temp table ledger_borrowers as
        select borrower_id, (md5_number_lower(borrower_id) % {book.partitions})::integer as part
        from {files["cases"]} where change <> 'closed'"""
    )
    with connection.cursor() as cursor:
        cursor.execute("select borrower_id, digest from store_borrowerledger")
        known = cursor.fetchall()
    engine.execute("create temp table known_ledgers (borrower_id varchar, digest varchar)")
    insert_rows(engine, "known_ledgers", ("varchar", "varchar"), known)
    fill("new_ledger", _LEDGER, _changed(engine, book))


def _changed(engine: Connection, book: Book) -> Iterator[tuple]:
    """The borrower, lines and digest of each borrower who has others than the desk knows."""
    parts = engine.execute("select distinct part from ledger_borrowers order by part").fetchall()
    for (part,) in parts:
        make_ledger_lines(engine, book, part)
        yield from rows_of(
            engine.execute(
                """select borrower_id, lines, digest from ledger_lines
                anti join known_ledgers using (borrower_id, digest) order by borrower_id"""
            )
        )
