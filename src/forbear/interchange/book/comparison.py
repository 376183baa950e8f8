"""A feed compared with the book before it, before it counts: what is gone, moved or changed, and how much of it.

A whole feed that lost half its payments reads like any other. Beside the book before it stands out at once. Beyond a
limit in lender.yaml the import stops, and a named person may answer for it. What stays below the limits and still is
no feed's way, such as a payment that is gone without a reversal, puts the single loan in doubt.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forbear.engine.columnar import (
    Connection,
    in_braces,
    named_queries,
    one_row,
    parquet,
    quote,
    statements,
)
from forbear.interchange.book.book import Book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.home.feed_limits import FeedLimits
from forbear.interchange.home.plain_table import PlainWriter

#: Of loans that were open before: what is counted, in the order of the table, and the words for a person.
MEASURES = {
    "loans_gone": "loans gone",
    "loans_new": "loans new",
    "loans_closed": "loans closed",
    "loans_reopened": "closed loans active again",
    "loans_written_off": "loans written off",
    "loans_moved": "loans of another borrower or currency",
    "instalments_gone": "loans with fewer instalments",
    "due_earlier": "loans with earlier due dates",
    "due_later": "loans with later due dates",
    "amounts_by_factor": "loans with amounts changed by a factor",
    "accounts_gone": "accounts without a snapshot",
    "accounts_older": "accounts with an older snapshot",
    "payments_gone": "loans with fewer or smaller payments",
    "payments_changed": "loans with other payments",
    "overpaid": "loans newly overpaid",
    "cases_opened": "borrowers late who were not",
    "cases_closed": "late borrowers no longer late",
    "phones_changed": "telephone numbers changed",
}
_BY_LOAN = tuple(name for name in MEASURES if name not in ("cases_opened", "cases_closed", "phones_changed"))
#: The file of doubts that a comparison casts; see `comparison.sql`.
CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who answers for what a comparison or an audit stopped, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Guard:
    """What an import is held against: the lender's limits, the lender's date, and who answers for what is beyond."""

    limits: FeedLimits
    today: date
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """How many rows changed in one way, of how many, and the share that is let pass; `example` is one of them."""

    name: str
    rows: int
    of: int
    limit: float
    example: str
    stops: bool

    @property
    def words(self) -> str:
        return MEASURES[self.name]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was compared. `tables` has rows and sums before and now: (table, what, before, now)."""

    changes: tuple[Change, ...]
    tables: tuple[tuple[str, str, int, int], ...]

    @property
    def stopping(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.stops)


class ChangeStopped(FeedError):
    """Too much changed: nothing was imported. `comparison` has what and how much."""

    def __init__(self, message: str, comparison: Comparison) -> None:
        super().__init__(message)
        self.comparison = comparison


def compare(
    connection: Connection, before: Book, book: Path, parts: tuple[list[int], list[int]], guard: Guard
) -> Comparison:
    """Compare the book in the folder `book` with the one before; leaves the tables `compared` and `ledger_now`.

    `parts` are the partitions of each that are read: all of them, or those that a delta wrote.
    """
    queries = named_queries(statements("forbear.interchange.book", "comparison.sql"))
    for name, folder, numbers in (("before", before.folder, parts[0]), ("now", book, parts[1])):
        ledgers = [_ledger(queries["ledger"], folder, number) for number in numbers]
        connection.execute(f"create or replace temp table ledger_{name} as {' union all '.join(ledgers)}")
    newest = max(before.manifest["newest_payment"], before.manifest["newest_account"]) or str(guard.today)
    day = f"date {quote(min(newest, str(guard.today)))}"
    connection.execute(
        f"create or replace temp table compared as {in_braces(queries['compared'], {'day': day})}"
    )
    counted = [*_loans_changed(connection), *_cases_changed(connection)]
    counted.append(_phones(connection, queries["phones"], before.folder, book, parts))
    limits = guard.limits
    changes = []
    for name, rows, of, example in counted:
        limit = getattr(limits, name)
        changes.append(
            Change(name, rows, of, limit, example or "", rows > limits.least and rows > limit * max(1, of))
        )
    return Comparison(tuple(changes), _tables(connection))


def _ledger(query: str, folder: Path, number: int) -> str:
    part = folder / f"part-{number:05d}"
    values = {name: parquet(part, f"{name}.parquet") for name in ("loans", "instalments", "payments")}
    return f"({in_braces(query, values | {'part': str(number)})})"


def _loans_changed(connection: Connection) -> list[tuple[str, int, int, str]]:
    columns = ", ".join(
        f"count(*) filter (where {name}), min(loan_id) filter (where {name})" for name in _BY_LOAN
    )
    open_before, *found = one_row(
        connection.execute(f"select count(*) filter (where was_open), {columns} from compared")
    )
    return [
        (name, found[2 * place], open_before, found[2 * place + 1]) for place, name in enumerate(_BY_LOAN)
    ]


def _cases_changed(connection: Connection) -> list[tuple[str, int, int, str]]:
    """Borrowers who would have been late on the same day by one of the books and not by the other."""
    people, late, opened, first_opened, closed, first_closed = one_row(
        connection.execute(
            """select count(*), count(*) filter (where was_late),
                count(*) filter (where opens), min(borrower_id) filter (where opens),
                count(*) filter (where closes), min(borrower_id) filter (where closes)
            from (select *, now_late and not was_late as opens, was_late and not now_late as closes
            from (
                select borrower_id, coalesce(bool_or(was_late), false) as was_late,
                    coalesce(bool_or(now_late), false) as now_late
                from compared where was_open or loans_reopened group by borrower_id))"""
        )
    )
    return [
        ("cases_opened", opened, people, first_opened),
        ("cases_closed", closed, late, first_closed),
    ]


def _phones(
    connection: Connection, query: str, before: Path, book: Path, parts: tuple[list[int], list[int]]
) -> tuple[str, int, int, str]:
    sources = {}
    for name, folder, numbers in (("people_before", before, parts[0]), ("people_now", book, parts[1])):
        each = [
            f"select borrower_id, phone from {parquet(folder / f'part-{n:05d}', 'borrowers.parquet')}"
            for n in numbers
        ]
        sources[name] = f"({' union all '.join(each)})"
    changed, those, example = one_row(connection.execute(in_braces(query, sources)))
    return ("phones_changed", changed, those, example)


def _tables(connection: Connection) -> tuple[tuple[str, str, int, int], ...]:
    sums = (
        "select count(*), coalesce(sum(instalments), 0)::bigint, coalesce(sum(payments), 0)::bigint, "
        "coalesce(sum(principal // minor_unit), 0)::bigint, coalesce(sum(due_total // minor_unit), 0)::bigint, "
        "coalesce(sum(gross // minor_unit), 0)::bigint from ledger_"
    )
    before, now = (one_row(connection.execute(sums + name)) for name in ("before", "now"))
    names = (
        ("loans", "rows"),
        ("instalments", "rows"),
        ("payments", "rows"),
        ("loans", "principal"),
        ("instalments", "due"),
        ("payments", "amount"),
    )
    rows = [(*names[at], int(before[at]), int(now[at])) for at in range(len(names))]
    return tuple(sorted(rows, key=lambda row: ("loans", "instalments", "payments").index(row[0])))


def doubtful_sql(before: Book) -> str:
    """SQL for the loans in doubt by the tables that `compare` left: part, loan_id and name."""
    queries = named_queries(statements("forbear.interchange.book", "comparison.sql"))
    return in_braces(queries["doubtful"], {"doubts": before.rows("doubts")})


def stopped(comparison: Comparison, report: Path) -> ChangeStopped:
    """The refusal that names what changed most, and how to go on."""
    worst = max(
        comparison.stopping, key=lambda change: change.rows / max(1, change.of) / max(change.limit, 0.001)
    )
    others = len(comparison.stopping) - 1
    more = f" and {others} other changes" if others > 1 else " and another change" if others else ""
    return ChangeStopped(
        f"this feed changes too much: {worst.rows:,} {worst.words} of {worst.of:,}, for example {worst.example}, "
        f"where {worst.limit:.1%} may be{more}; nothing was imported and the book stays as it was. All of it is in "
        f"{report}. Send a whole feed again; if it is right, import it with --accept REASON --by NAME",
        comparison,
    )


def write_report(comparison: Comparison, target: Path, accepted: Acceptance | None) -> None:
    """Write the comparison as CSV: what changed, in how many rows of how many, the limit, and an example."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as stream:
        out = PlainWriter(stream)
        out.writerow(("what", "before or of", "now or changed", "limit", "stops", "example"))
        for table, what, before, now in comparison.tables:
            out.writerow((f"{table} {what}", before, now, "", "", ""))
        for change in comparison.changes:
            out.writerow(
                (
                    change.words,
                    change.of,
                    change.rows,
                    change.limit,
                    "yes" if change.stops else "no",
                    change.example,
                )
            )
        if accepted:
            out.writerow(("accepted", accepted.by, accepted.reason, "", "", ""))
