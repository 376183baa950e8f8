"""One partition of the book: rows beside their neighbours, running totals, and the files.

Runs for many partitions at once, each on a connection of its own; everything it
needs is in its arguments, so that it may run in a thread here or on another machine.
"""

from dataclasses import dataclass
from pathlib import Path

from forbear.engine.columnar import Connection, as_written, connected, parquet, quote, statements

_CHECKED = "home integer, mask bigint, row_at bigint"
_EMPTY = {
    "loans": f"{_CHECKED}, loan_key integer, loan_id varchar, borrower_id varchar, product varchar, "
    "product_no integer, calendar varchar, currency varchar, minor_unit integer, principal bigint, "
    "disbursed_on date, status varchar",
    "instalments": f"{_CHECKED}, loan_key integer, number integer, due_on date, principal bigint, interest bigint, "
    "fee bigint, penalty bigint",
    "payments": f"{_CHECKED}, loan_key integer, payment_id varchar, paid_on date, amount bigint, reverses varchar",
    "borrowers": f"{_CHECKED}, borrower_id varchar, name varchar, phone varchar, email varchar, language varchar, "
    "region varchar, timezone varchar, born_on date, address varchar, "
    "address_street varchar, address_city varchar, address_state varchar, address_postcode varchar, "
    "address_country varchar, area varchar, latitude varchar, longitude varchar",
    "pauses": f"{_CHECKED}, loan_key integer, starts_on date, ends_on date",
}
_DOUBTS = "file varchar, loan_id varchar, borrower_id varchar, name varchar"
_FINAL = {
    "loans": "loans",
    "instalments": "instalments_file",
    "payments": "payments_good",
    "borrowers": "people",
    "pauses": "pauses",
    "doubts": "doubts",
}
# the loans are few and read at every turn, so they are packed for speed; the ledger for size. Loans and people
# stand in small groups, since a night decodes only the groups in which somebody can be late
_WRITTEN = "format parquet, parquet_version v2, compression {}, row_group_size {}"
_PACKED = {"loans": _WRITTEN.format("lz4_raw", 20_480), "borrowers": _WRITTEN.format("zstd", 20_480)}
_LEDGER = _WRITTEN.format("zstd", 122_880)


@dataclass(frozen=True, slots=True)
class Work:
    """Where one build finds its checked rows and puts its files."""

    checked: Path
    target: Path
    notes: Path
    part: int
    base: Path | None = None  # the same partition of the book a delta is laid over

    def sent(self) -> set[str]:
        """The files of which the feed has a good row in this partition."""
        return {table for table in _EMPTY if (self.checked / table / f"p={self.part}").is_dir()}


def build_partition(work: Work) -> None:
    """Build one partition's five files, its list of rejected rows and its totals."""
    with connected(1) as connection:
        _make_views(connection, work)
        _derive(connection, work.base is not None, work.sent())
        work.target.mkdir(parents=True, exist_ok=True)
        for table, source in _FINAL.items():
            path = quote(work.target / f"{table}.parquet")
            written = _PACKED.get(table, _LEDGER)
            columns = "*" if table == "doubts" else "* exclude (row_at)"
            # the tables stand in the book's order already, and one thread keeps it
            connection.execute(f"copy (select {columns} from {source}) to {path} ({written})")
        for table in ("rejected", "accepted"):
            path = quote(work.notes / f"{table}-{work.part:05d}.parquet")
            connection.execute(f"copy {table} to {path} (format parquet)")


def _derive(connection: Connection, laid_over: bool, sent: set[str]) -> None:
    """Sort, check rows beside their neighbours, and add the running totals.

    Over a book the checks are run again without the rows they refused, until nothing quarrels: then each
    refused row has left the book's own row in its place.
    """
    while True:
        connection.execute(statements("forbear.interchange", "partition_sort.sql"))
        if "borrowers" in sent:
            connection.execute(statements("forbear.interchange", "partition_borrowers.sql"))
        else:  # those of the book: each stands there once
            connection.execute("create or replace temp table borrowers as select * from new_borrowers")
        suspects = connection.execute(statements("forbear.interchange", "partition_suspects.sql")).fetchone()
        if any(suspects):
            connection.execute(statements("forbear.interchange", "partition_exact.sql"))
        with as_written(connection):
            connection.execute(statements("forbear.interchange", "partition_reversals.sql"))
        if not laid_over or not connection.execute("select count(*) from rejected").fetchone()[0]:
            break
        before = connection.execute("select count(*) from refused").fetchone()[0]
        connection.execute(statements("forbear.interchange", "laid_over_blame.sql"))
        assert connection.execute("select count(*) from refused").fetchone()[0] > before, (
            "some row is to blame"
        )
    connection.execute("insert into rejected select * from refused")
    with as_written(connection):
        connection.execute(statements("forbear.interchange", "partition_totals.sql"))
    connection.execute(statements("forbear.interchange", "partition_tables.sql"))
    doubtful = connection.execute(
        "select exists (from bad_rows), exists (from rejected), exists (from base_doubts)"
    ).fetchone()
    if any(doubtful):
        connection.execute(statements("forbear.interchange", "partition_doubts.sql"))
    else:
        connection.execute(f"create or replace temp table doubts ({_DOUBTS})")
    connection.execute(statements("forbear.interchange", "partition_loans.sql"))


def _make_views(connection: Connection, work: Work) -> None:
    for name in ("products", "shifts"):
        rows = parquet(work.checked, f"{name}.parquet")
        connection.execute(f"create temp table {name} as select * from {rows}")
    connection.execute(
        "create temp table refused (file varchar, row_at bigint, loan_key integer, field varchar, reason varchar)"
    )
    sent = work.sent()
    for table, columns in _EMPTY.items():
        if table not in sent:
            columns = columns.removeprefix("home integer, mask bigint, ")
            connection.execute(f"create temp table sent_{table} ({columns})")
            connection.execute(f"create temp view kept_{table} as select * from sent_{table}")
            continue
        source = parquet(work.checked / table / f"p={work.part}", "*.parquet")
        connection.execute(f"create temp view sent_{table} as select * exclude (home, mask) from {source}")
        connection.execute(
            f"create temp view kept_{table} as select * from sent_{table} "
            f"where row_at not in (select row_at from refused where file = '{table}')"
        )
    connection.execute("create temp table loans_keyed as select * from sent_loans")
    _make_bad_rows(connection, work)
    base_doubts = "select '' as file, '' as loan_id, '' as borrower_id, '' as name where false"
    if work.base:
        for table in (*_EMPTY, "doubts"):
            rows = parquet(work.base, f"{table}.parquet")
            connection.execute(f"create temp view base_{table} as select * from {rows}")
        connection.execute(statements("forbear.interchange", "laid_over.sql"))
        for table, laid_over in _LAID_OVER.items():
            over = statements("forbear.interchange", laid_over) if table in sent else _as_before(table)
            connection.execute(over)
        return
    connection.execute(f"create temp view base_doubts as {base_doubts}")
    for table in ("instalments", "payments", "borrowers", "pauses"):
        connection.execute(f"create temp view new_{table} as select * from kept_{table}")


#: How the rows of a delta are laid over those of the book, by table; a table of which it has none stays as it was.
_LAID_OVER = {
    "instalments": "laid_over_instalments.sql",
    "payments": "laid_over_payments.sql",
    "pauses": "laid_over_pauses.sql",
    "borrowers": "laid_over_borrowers.sql",
}
_OF_THE_BOOK = {
    "instalments": "b.number, b.due_on, b.principal, b.interest, b.fee, b.penalty",
    "payments": "b.payment_id, b.paid_on, b.amount, b.reverses",
    "pauses": "b.starts_on, b.ends_on",
}


def _as_before(table: str) -> str:
    """SQL for the view of a table's new rows where the delta has none: those of the book."""
    if table == "borrowers":
        mine = "* exclude (borrower_key, owing_from, settled_last, has_phone, has_email)"
        return f"create temp view new_borrowers as select -1 as row_at, {mine} from base_borrowers"
    return (
        f"create temp view new_{table} as select -1 as row_at, k.loan_key, {_OF_THE_BOOK[table]} "
        f"from base_{table} b join book_keys k on k.old_key = b.loan_key"
    )


# what names a row inside its loan, so that a doubt about it can end when the row arrives
_ROW_NAMES = {"instalments": "number::varchar", "payments": "payment_id", "pauses": "starts_on::varchar"}


def _make_bad_rows(connection: Connection, work: Work) -> None:
    """Make the table `bad_rows`: rows of this partition that failed on their own, by what they are about."""
    parts = ["select null::varchar as file, '' as loan_id, '' as borrower_id, '' as name where false"]
    for table, name in _ROW_NAMES.items():
        folder = work.checked / table / "p=-1"
        if folder.is_dir():
            parts.append(
                f"select '{table}', l.loan_id, '', coalesce(b.{name}, '') from {parquet(folder, '*.parquet')} b "
                f"join loans_keyed l on l.loan_key = b.loan_key where b.home = {work.part}"
            )
    folder = work.checked / "borrowers" / "p=-1"
    if folder.is_dir():
        parts.append(
            f"select 'borrowers', '', borrower_id, borrower_id from {parquet(folder, '*.parquet')} "
            f"where home = {work.part} and borrower_id <> ''"
        )
    bad_loans = parquet(work.checked, "bad_loans.parquet")
    parts.append(f"select 'loans', loan_id, borrower_id, loan_id from {bad_loans} where home = {work.part}")
    connection.execute(f"create temp table bad_rows as {' union all '.join(parts)}")
