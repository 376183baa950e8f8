"""The ledger lines of a night's cases, staged beside them: only those that differ from the night before.

Most borrowers' lines stay as they are from one night to the next, so each row at the desk has a digest of them.
"""

from collections.abc import Iterator, Mapping

from django.db import connection

from forbear.engine.columnar import Connection
from forbear.interchange.book.book import Book
from forbear.interchange.book.ledger_lines import ledger_digests, ledger_lines
from forbear.store.bulk import fill

_LEDGER = ("borrower_id", "lines", "digest")
#: How many borrowers' lines are made at once: all of a large partition would not fit.
_BATCH = 20_000


def stage_ledgers(engine: Connection, files: Mapping[str, str], book: Book) -> None:
    """Fill the staging table `new_ledger`; `files` has SQL for the rows of the night's `cases`."""
    engine.execute(
        f"""create temp table ledger_borrowers as
        select borrower_id, (md5_number_lower(borrower_id) % {book.partitions})::integer as part
        from {files["cases"]} where change <> 'closed'"""
    )
    with connection.cursor() as cursor:
        cursor.execute("select borrower_id, digest from store_borrowerledger")
        known = dict(cursor.fetchall())
    fill("new_ledger", _LEDGER, _changed(engine, book, known))


def _changed(engine: Connection, book: Book, known: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The borrower, lines and digest of each borrower who has others than the desk knows."""
    parts = engine.execute("select distinct part from ledger_borrowers order by part").fetchall()
    for (part,) in parts:
        digests = ledger_digests(engine, book, part)
        changed = [name for name, digest in digests.items() if known.get(name) != digest]
        for start in range(0, len(changed), _BATCH):
            for name, lines in ledger_lines(engine, book, part, changed[start : start + _BATCH]):
                yield name, lines, digests[name]
