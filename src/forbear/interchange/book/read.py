"""From the book back to core's loans, for one borrower or many: what `explain` and the desk work with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from forbear.core.facts.borrower import Borrower
from forbear.core.loans.account import account_loan
from forbear.core.loans.loan import Amounts, Instalment, Loan, Pause, Payment, PayoffQuote, Snapshot
from forbear.engine.columnar import Connection, connected, one_row, parquet
from forbear.interchange.book.book import Book
from forbear.interchange.book.snapshots import SNAPSHOT_COLUMNS, snapshot

_OPEN_END = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class BorrowerRecord:
    """One borrower with all loans, as the book has them."""

    borrower: Borrower
    loans: tuple[Loan, ...]
    feed_doubt: bool
    part: int


def find_borrower(book: Book, name: str) -> BorrowerRecord | None:
    """The borrower with that borrower_id, or the one who has the loan with that loan_id."""
    with connected(2) as connection:
        match = connection.execute(
            """select filename, borrower_id from read_parquet($files, filename = true, hive_partitioning = false)
            where loan_id = $name or borrower_id = $name order by (loan_id = $name) desc limit 1""",
            {"files": book.files("loans"), "name": name},
        ).fetchone()
        if match is None:
            return None
        part = int(match[0].rsplit("part-", 1)[1][:5])
        return read_borrowers(connection, book, part, match[1])[0]


def read_borrowers(
    connection: Connection, book: Book, part: int, borrower_id: str | Sequence[str] | None = None
) -> list[BorrowerRecord]:
    """All borrowers with loans in one partition, or one or some of them, in the order of borrower_id."""
    folder = book.part(part)
    only = [borrower_id] if isinstance(borrower_id, str) else borrower_id
    where = "where borrower_id in (select unnest($who))" if only is not None else ""
    given = {"who": list(only)} if only is not None else {}
    loans = connection.execute(
        f"""select loan_key, loan_id, borrower_id, product, currency, principal, disbursed_on, status, feed_doubt,
            payoff_on, payoff_until, payoff, balance
        from {parquet(folder, "loans.parquet")} {where} order by loan_key""",
        given,
    ).fetchall()
    keys = [row[0] for row in loans]
    rows = {table: _rows_by_loan(connection, folder, table, keys, only is None) for table in _LOAN_ROWS}
    people = _people(connection, folder, where, given)
    records: dict[str, list] = {}
    for key, loan_id, owner, product, currency, principal, disbursed_on, status, doubt, *quoted in loans:
        quote = PayoffQuote(*quoted) if quoted[0] else None
        lines: list[Any] = [tuple(rows[table].get(key, ())) for table in _LOAN_ROWS]
        instalments, payments, pauses, accounts = lines
        loan = Loan(
            loan_id,
            owner,
            product,
            currency,
            principal,
            disbursed_on,
            status,
            instalments,
            payments,
            pauses,
            quote,
        )
        if accounts:
            loan = account_loan(loan, accounts[0])
        records.setdefault(owner, []).append((loan, doubt))
    return [
        BorrowerRecord(
            people.get(owner, Borrower(owner)),
            tuple(loan for loan, _ in owned),
            any(d for _, d in owned),
            part,
        )
        for owner, owned in sorted(records.items())
    ]


def part_of(connection: Connection, book: Book, borrower_id: str) -> int:
    """The number of the one partition in which a borrower's loans lie."""
    query = "select (md5_number_lower($borrower) % $partitions)::integer"
    return one_row(connection.execute(query, {"borrower": borrower_id, "partitions": book.partitions}))[0]


def parts_of(connection: Connection, book: Book, borrowers: Sequence[str]) -> dict[int, list[str]]:
    """Which of these borrowers lie in which partition."""
    query = """select (md5_number_lower(b) % $partitions)::integer, b
        from (select unnest($borrowers) as b) order by all"""
    given = {"partitions": book.partitions, "borrowers": list(borrowers)}
    by_part: dict[int, list[str]] = {}
    for part, borrower in connection.execute(query, given).fetchall():
        by_part.setdefault(part, []).append(borrower)
    return by_part


def borrowers_with_penalty(connection: Connection, book: Book, part: int) -> list[str]:
    """The borrowers of one partition on one of whose loans the lender's lines hold penalty."""
    folder = book.part(part)
    rows = connection.execute(
        f"""select distinct borrower_id from {parquet(folder, "loans.parquet")}
        where account_on is null
            and loan_key in (select loan_key from {parquet(folder, "instalments.parquet")} where penalty > 0)
        order by borrower_id"""
    ).fetchall()
    return [row[0] for row in rows]


_LOAN_ROWS: dict[str, tuple[str, Callable[..., Instalment | Payment | Pause | Snapshot]]] = {
    "instalments": (
        "number, due_on, principal, interest, fee, penalty",
        lambda number, due_on, *amounts: Instalment(number, due_on, Amounts(*amounts)),
    ),
    "payments": ("payment_id, paid_on, amount, reverses", Payment),
    "pauses": (
        "starts_on, ends_on",
        lambda starts_on, ends_on: Pause(starts_on, None if ends_on == _OPEN_END else ends_on),
    ),
    "accounts": (SNAPSHOT_COLUMNS, snapshot),
}


#: Older snapshots are kept in the book, and say nothing of today.
_NEWEST = {"accounts": "and newest"}


def _rows_by_loan(
    connection: Connection, folder: Path, table: str, keys: list[int], whole: bool
) -> dict[int, list]:
    """The rows of these loans; of one borrower they lie together, and of many only theirs are read out."""
    columns, make = _LOAN_ROWS[table]
    by_loan: dict[int, list] = {}
    low, high = (keys[0], keys[-1]) if keys else (0, -1)
    given: dict[str, object] = {"low": low, "high": high}
    condition = ""
    if not whole and high - low >= len(keys):
        condition, given["keys"] = "and loan_key in (select unnest($keys))", keys
    for key, *values in connection.execute(
        f"select loan_key, {columns} from {parquet(folder, f'{table}.parquet')} "
        f"where loan_key between $low and $high {condition} {_NEWEST.get(table, '')} order by all",
        given,
    ).fetchall():
        by_loan.setdefault(key, []).append(make(*values))
    return by_loan


def _people(connection: Connection, folder: Path, where: str, given: dict) -> dict[str, Borrower]:
    rows = connection.execute(
        f"""select borrower_id, coalesce(language, ''), coalesce(region, ''), coalesce(timezone, ''),
            coalesce(phone, '') <> '', coalesce(email, '') <> '', born_on
        from {parquet(folder, "borrowers.parquet")} {where}""",
        given,
    ).fetchall()
    return {row[0]: Borrower(*row) for row in rows}
