"""One partition of the book: rows beside their neighbours, running totals, and the files.

Runs for many partitions at once, each on a connection of its own; everything it
needs is in its arguments, so that it may run in a thread here or on another machine.
"""

from dataclasses import dataclass
from pathlib import Path

from forbear.engine.columnar import Connection, connected, quote, statements

_CHECKED = "home integer, mask bigint, row_at bigint"
_EMPTY = {
    "loans": f"{_CHECKED}, loan_key integer, loan_id varchar, borrower_id varchar, product varchar, "
    "product_no integer, calendar varchar, currency varchar, minor_unit integer, principal bigint, "
    "disbursed_on date, status varchar, feed_doubt boolean",
    "instalments": f"{_CHECKED}, loan_key integer, number integer, due_on date, principal bigint, interest bigint, "
    "fee bigint, penalty bigint",
    "payments": f"{_CHECKED}, loan_key integer, payment_id varchar, paid_on date, amount bigint, reverses varchar",
    "borrowers": f"{_CHECKED}, borrower_id varchar, name varchar, phone varchar, email varchar, language varchar, "
    "region varchar, timezone varchar, born_on date",
    "pauses": f"{_CHECKED}, loan_key integer, starts_on date, ends_on date",
}
_FINAL = {
    "loans": "loans",
    "instalments": "instalments",
    "payments": "payments_good",
    "borrowers": "people",
    "pauses": "pauses",
}
_WRITTEN = "format parquet, parquet_version v2, row_group_size 122880, compression "
# the loans are few and read at every turn, so they are packed for speed; the ledger for size
_PACKED = {"loans": "lz4_raw"}


@dataclass(frozen=True, slots=True)
class Work:
    """Where one build finds its checked rows and puts its files."""

    checked: Path
    target: Path
    notes: Path
    part: int
    base: Path | None = None  # the same partition of the book a delta is laid over


def build_partition(work: Work) -> None:
    """Build one partition's five files, its list of rejected rows and its totals."""
    with connected(1) as connection:
        _make_views(connection, work)
        _derive(connection)
        work.target.mkdir(parents=True, exist_ok=True)
        for table, source in _FINAL.items():
            path = quote(work.target / f"{table}.parquet")
            # the tables stand in the book's order already, and one thread keeps it
            connection.execute(
                f"copy (select * exclude (row_at) from {source}) to {path} ({_WRITTEN} {_PACKED.get(table, 'zstd')})"
            )
        for table in ("rejected", "accepted"):
            path = quote(work.notes / f"{table}-{work.part:05d}.parquet")
            connection.execute(f"copy {table} to {path} (format parquet)")


def _derive(connection: Connection) -> None:
    """Sort, check rows beside their neighbours, and add the running totals."""
    connection.execute(statements("forbear.interchange", "partition_sort.sql"))
    suspects = connection.execute(statements("forbear.interchange", "partition_suspects.sql")).fetchone()
    if any(suspects):
        connection.execute(statements("forbear.interchange", "partition_exact.sql"))
    connection.execute(statements("forbear.interchange", "partition_reversals.sql"))
    connection.execute(statements("forbear.interchange", "partition_totals.sql"))


def _make_views(connection: Connection, work: Work) -> None:
    for name in ("products", "shifts"):
        path = quote(work.checked / f"{name}.parquet")
        connection.execute(f"create temp table {name} as select * from read_parquet({path})")
    for table, columns in _EMPTY.items():
        folder = work.checked / table / f"p={work.part}"
        connection.execute(f"create temp table empty_{table} ({columns})")
        rows = f"read_parquet({quote(folder / '*.parquet')}, hive_partitioning = false)"
        source = rows if folder.is_dir() else f"empty_{table}"
        connection.execute(f"create temp view sent_{table} as select * exclude (home, mask) from {source}")
    _make_doubts(connection, work)
    connection.execute("create temp table loans_keyed as select * from sent_loans")
    if work.base:
        connection.execute(f"set variable base = {quote(work.base)}")
        connection.execute(statements("forbear.interchange", "laid_over.sql"))
        return
    for table in ("instalments", "payments", "borrowers", "pauses"):
        connection.execute(f"create temp view new_{table} as select * from sent_{table}")


def _make_doubts(connection: Connection, work: Work) -> None:
    """Loans and borrowers with a row in quarantine: nobody is contacted on half a ledger."""
    parts = [
        f"select loan_key from read_parquet({quote(folder / '*.parquet')}) where home = {work.part}"
        for table in ("instalments", "payments", "pauses")
        if (folder := work.checked / table / "p=-1").is_dir()
    ]
    doubted = " union ".join(parts) if parts else "select null::integer as loan_key where false"
    connection.execute(f"create temp table doubted_loans as {doubted}")
    folder = work.checked / "borrowers" / "p=-1"
    borrowers = (
        f"select borrower_id from read_parquet({quote(folder / '*.parquet')}) where home = {work.part}"
        if folder.is_dir()
        else "select null::varchar as borrower_id where false"
    )
    connection.execute(f"create temp table doubted_borrowers as {borrowers}")
