"""One partition of the book: rows beside their neighbours, running totals, and the files.

Runs for many partitions at once, each on a connection of its own; everything it
needs is in its arguments, so that it may run in a thread here or on another machine.
"""

from dataclasses import dataclass
from pathlib import Path

from forbear.core.loans.incoming import REVERSAL_FLAWS
from forbear.engine.columnar import (
    Connection,
    as_written,
    connected,
    identifier,
    in_braces,
    named_queries,
    one_row,
    parquet,
    quote,
    statements,
)
from forbear.interchange.book.book import stand_again

#: Why a row is left out that is another row of the same loan once more: nothing is missing without it.
SAID_AGAIN = "this row stands more than once, each time with the same values; one was kept"
#: What a partition's checked rows are, by file, beside the columns `row_at`, `home` and `mask`.
_COLUMNS = {
    "loans": "loan_key integer, loan_id varchar, borrower_id varchar, product varchar, product_no integer, "
    "currency varchar, minor_unit integer, principal bigint, disbursed_on date, status varchar, "
    "balance bigint, payoff bigint, payoff_on date, payoff_until date, creditor varchar",
    "instalments": "loan_key integer, number integer, due_on date, principal bigint, interest bigint, "
    "fee bigint, penalty bigint",
    "payments": "loan_key integer, payment_id varchar, paid_on date, amount bigint, reverses varchar",
    "accounts": "loan_key integer, as_of date, balance bigint, past_due bigint, past_due_principal bigint, "
    "past_due_interest bigint, past_due_fee bigint, past_due_penalty bigint, oldest_due_on date, "
    "days_past_due integer, statement_on date, minimum_due bigint, minimum_due_on date, "
    "paid_since_statement bigint, last_payment_on date, last_payment_amount bigint, charge_off_on date, "
    "charge_off_amount bigint, first_delinquent_on date, limitation_from date, itemized_on date, "
    "itemized_event varchar, itemized_amount bigint, itemized_interest bigint, itemized_fees bigint, "
    "itemized_paid bigint, itemized_credited bigint",
    "borrowers": "borrower_id varchar, name varchar, phone varchar, email varchar, language varchar, "
    "region varchar, timezone varchar, born_on date, id_number varchar, address varchar, "
    "address_street varchar, address_city varchar, address_state varchar, address_postcode varchar, "
    "address_country varchar, area varchar, latitude varchar, longitude varchar",
    "pauses": "loan_key integer, starts_on date, ends_on date",
}
#: The columns of doubts: the file, and what its rows name.
DOUBTS = "file varchar, loan_id varchar, borrower_id varchar, name varchar"
#: What the importer leaves beside the checked rows: the loans of rows that failed, and the due dates that move.
BAD_LOANS, SHIFTS = "bad_loans.parquet", "shifts.parquet"
_FINAL = {
    "loans": "loans",
    "payments": "payments_good",
    "accounts": "accounts_file",
    "borrowers": "people",
    "pauses": "pauses",
    "doubts": "doubts",
    "instalments": "instalments_file",
}
# the loans are few and read at every turn, so they are packed for speed; the ledger for size. Loans and people
# stand in small groups, since a night decodes only the groups in which somebody can be late. A dictionary of more
# values than that, or harder packing, costs more than it spares
_WRITTEN = "format parquet, parquet_version v2, compression {}, row_group_size {}, dictionary_size_limit 3000"
_SMALL = "zstd, compression_level 1"
LOANS_FORM = _WRITTEN.format("lz4_raw", 20_480)
_PACKED = {"loans": LOANS_FORM, "borrowers": _WRITTEN.format(_SMALL, 20_480)}
LEDGER_FORM = _WRITTEN.format(_SMALL, 122_880)


#: What one build may hold in memory, and so what an import needs for each core.
MEMORY = "1300MB"


@dataclass(frozen=True, slots=True)
class Work:
    """Where one build finds its checked rows and puts its files."""

    checked: Path
    target: Path
    notes: Path
    part: int
    calendars: list[str]  # by product number: that by which its due dates move, "" where they don't
    due_date_counts: list[int]  # the numbers of the products whose due date is the first day past due
    base: Path | None = None  # the same partition of the book a delta is laid over

    def sent(self) -> set[str]:
        """The files of which the feed has a good row in this partition; of a whole feed the loans always are."""
        return {table for table in _COLUMNS if (self.checked / table / f"p={self.part}").is_dir()}

    def before(self, table: str) -> str:
        """SQL for the rows of the book a delta is laid over."""
        assert self.base is not None, "only a delta is laid over a book"
        return parquet(self.base, f"{table}.parquet")


def build_partition(work: Work) -> list[tuple]:
    """Build one partition's files and, if some rows were rejected beside their neighbours, the list of these.

    Returns what the feed brought into the book, for the control totals: by file and currency the number of rows and
    the sums named in COUNTED_SUMS.
    """
    # a build on each core: what does not fit is laid on the disk meanwhile
    with connected(1, MEMORY, work.checked.parent / f"spill-{work.part}") as connection:
        sent = work.sent()
        _make_tables(connection, work, sent)
        doubtful = _derive(connection, work, sent)
        work.target.mkdir(parents=True, exist_ok=True)
        unchanged = _unchanged(work, sent, doubtful)
        accepted = _accepted(connection, sent)
        connection.execute("drop table borrowers")
        for table, source in _FINAL.items():
            path = work.target / f"{table}.parquet"
            if work.base is not None and table in unchanged:
                stand_again(work.base / path.name, path)
                continue
            written = _PACKED.get(table, LEDGER_FORM)
            columns = "*" if table == "doubts" else "* exclude (row_at)"
            # the tables stand in the book's order already, and one thread keeps it
            connection.execute(f"copy (select {columns} from {source}) to {quote(path)} ({written})")
            if table == "payments":
                connection.execute("drop view payments_good; drop table payments_sorted")
        if one_row(connection.execute("select exists (from rejected)"))[0]:
            rejected = quote(work.notes / f"rejected-{work.part:05d}.parquet")
            connection.execute(f"copy rejected to {rejected} (format parquet)")
        return accepted


def _unchanged(work: Work, sent: set[str], doubtful: bool) -> set[str]:
    """The tables that stand as in the book a delta is laid over, to the byte."""
    tables = set()
    if work.base and not doubtful:  # nor was there any doubt before
        tables.add("doubts")
    if work.base and not sent & {"loans", "pauses"}:  # without new loans each has its old key
        tables.add("pauses")
    return tables


def _derive(connection: Connection, work: Work, sent: set[str]) -> bool:
    """Sort, check rows beside their neighbours, and add the running totals; whether any row is in doubt.

    Over a book the checks are run again without the rows they refused, until nothing quarrels: then each
    refused row has left the book's own row in its place.
    """
    again = False
    while True:
        new = {f"new_{table}": _laid_over(work, table, sent, again) for table in _COLUMNS if table != "loans"}
        connection.execute(_filled("partition_sort.sql", new))
        if "borrowers" in sent:
            connection.execute(f"create or replace temp table borrowers as from {new['new_borrowers']}")
            described = connection.execute("describe borrowers").fetchall()
            columns = ", ".join(identifier(name) for name, *_ in described if name != "row_at")
            values = {"columns": columns, "said_again": quote(SAID_AGAIN)}
            connection.execute(_filled("partition_borrowers.sql", values))
        else:  # those of the book: each stands there once
            connection.execute(f"create or replace temp table borrowers as from {new['new_borrowers']}")
        twice, unordered = _suspects(connection, sent)
        if twice:
            connection.execute(_filled("partition_exact.sql", {"said_again": quote(SAID_AGAIN)}))
        if unordered:
            connection.execute(statements("forbear.interchange.book", "partition_order.sql"))
        with as_written(connection):
            connection.execute(_filled("partition_reversals.sql", _REVERSAL_FLAWS))
            _add_accounts(connection, work, new["new_accounts"])
        rejected = one_row(connection.execute("select exists (from rejected)"))[0]
        if not work.base or not rejected:
            break
        before = one_row(connection.execute("select count(*) from refused"))[0]
        connection.execute(_filled("laid_over_blame.sql", _sent_rows(work, sent, again=True)))
        assert one_row(connection.execute("select count(*) from refused"))[0] > before, "some row is to blame"
        again = True
    connection.execute("insert into rejected select * from refused")
    with as_written(connection):
        connection.execute(statements("forbear.interchange.book", "partition_totals.sql"))
    connection.execute(statements("forbear.interchange.book", "partition_tables.sql"))
    missing = f"select exists (from rejected where reason <> {quote(SAID_AGAIN)})"
    doubtful = _make_doubts(connection, work, sent, one_row(connection.execute(missing))[0])
    doubt = "l.loan_id in (select loan_id from doubts) or l.borrower_id in (select borrower_id from doubts)"
    connection.execute(_filled("partition_loans.sql", {"doubt": doubt if doubtful else "false"}))
    return doubtful


def _add_accounts(connection: Connection, work: Work, source: str) -> None:
    """Make the table `accounts_file` of the snapshots, and of the newest of each loan its lines and what it shows."""
    counts = ", ".join(map(str, work.due_date_counts)) or "-1"
    columns = ", ".join(pair.split()[0] for pair in _COLUMNS["accounts"].split(", ")[2:])
    values = {"new_accounts": source, "said_again": quote(SAID_AGAIN), "counts": counts, "columns": columns}
    connection.execute(_filled("partition_accounts.sql", values))
    if one_row(connection.execute("select exists (from accounts_file)"))[0]:
        connection.execute(statements("forbear.interchange.book", "partition_account_lines.sql"))


def _suspects(connection: Connection, sent: set[str]) -> tuple[bool, bool]:
    """Whether some row that was sent may stand twice, and whether instalments run against their dates anywhere."""
    queries = named_queries(statements("forbear.interchange.book", "partition_suspects.sql"))
    twice, unordered = one_row(connection.execute(queries["instalments"]))
    twice = twice and "instalments" in sent
    if not twice and "payments" in sent:
        twice = one_row(connection.execute(queries["payments"]))[0]
    return twice, unordered


def _filled(name: str, values: dict[str, str]) -> str:
    """The text of `sql/NAME` with each value where its name stands in braces."""
    return in_braces(statements("forbear.interchange.book", name), values)


def _sent_rows(work: Work, sent: set[str], *, again: bool) -> dict[str, str]:
    """SQL for the feed's good rows by file: `sent_` all of them, `kept_` those not refused in an earlier turn."""
    sources = {}
    for table, columns in _COLUMNS.items():
        if table in sent:
            source = parquet(work.checked / table / f"p={work.part}", "*.parquet")
            rows = f"(select * exclude (home, mask) from {source})"
        else:
            pairs = [pair.split() for pair in f"row_at bigint, {columns}".split(", ")]
            empty = ", ".join(f"null::{kind} as {name}" for name, kind in pairs)
            rows = f"(select {empty} where false)"
        refused = f"where row_at not in (select row_at from refused where file = '{table}')"
        sources[f"sent_{table}"] = rows
        sources[f"kept_{table}"] = f"(from {rows} {refused})" if again and table in sent else rows
    return sources


_REVERSAL_FLAWS = {code: quote(sentence) for code, sentence in REVERSAL_FLAWS.items()}
#: Columns that a build adds to a borrower.
_ADDED = "borrower_key, owing_from, settled_last, has_phone, has_email"


def _laid_over(work: Work, table: str, sent: set[str], again: bool) -> str:
    """SQL for a table's rows as they shall be: those that were sent, over those of the book in a delta."""
    rows = _sent_rows(work, sent, again=again)
    if not work.base:
        return rows[f"kept_{table}"]
    before = work.before(table)
    if table == "instalments":  # an account's lines are made again of its snapshot
        before = f"(from {before} where loan_key not in (select loan_key from {work.before('accounts')}))"
    if table == "accounts":
        before = f"(from {before} where newest)"
    if table == "borrowers":
        before = f"(select -1 as row_at, * exclude ({_ADDED}) from {before})"
    elif "loans" in sent:  # new loans move the keys of others
        moved = f"select b.* replace (k.loan_key as loan_key) from {before} b"
        before = f"({moved} join book_keys k on k.old_key = b.loan_key)"
    if table in sent:
        return f"({_filled(_LAID_OVER[table], {**rows, 'before': before})})"
    if table == "borrowers":
        return before
    return f"(select -1 as row_at, {_OF_THE_BOOK[table]} from {before})"


#: How the rows of a delta are laid over those of the book, by table.
_LAID_OVER = {
    "accounts": "laid_over_accounts.sql",
    "instalments": "laid_over_instalments.sql",
    "payments": "laid_over_payments.sql",
    "pauses": "laid_over_pauses.sql",
    "borrowers": "laid_over_borrowers.sql",
}
#: What of a row of the book stays, where the delta has none of its table.
_OF_THE_BOOK = {
    "instalments": "loan_key, number, due_on, principal, interest, fee, penalty",
    "payments": "loan_key, payment_id, paid_on, amount, reverses",
    "pauses": "loan_key, starts_on, ends_on",
    "accounts": ", ".join(pair.split()[0] for pair in _COLUMNS["accounts"].split(", ")),
}


def _make_tables(connection: Connection, work: Work, sent: set[str]) -> None:
    """Make the tables a build begins with: `shifts`, `refused`, `loans_keyed`, over a book `book_keys`."""
    shifts = "create temp table shifts "
    if (work.checked / SHIFTS).is_file():
        shifts += f"as from {parquet(work.checked, SHIFTS)}"
    else:
        shifts += "(calendar varchar, due_on date, falls_due_on date)"
    connection.execute(shifts)
    connection.execute(
        "create temp table refused (file varchar, row_at bigint, loan_key integer, field varchar, reason varchar)"
    )
    rows = _sent_rows(work, sent, again=False)["sent_loans"]
    if work.base and "loans" not in sent:
        rows = f"(select -1 as row_at, * from {work.before('loans')})"
    moves = " ".join(
        f"when {number} then {quote(name)}" for number, name in enumerate(work.calendars) if name
    )
    calendar = f"case product_no {moves} else '' end" if moves else "''"
    kept = ", ".join(pair.split()[0] for pair in _COLUMNS["loans"].split(", "))
    connection.execute(
        f"create temp table loans_keyed as select row_at, {kept}, {calendar} as calendar from {rows}"
    )
    if work.base and "loans" in sent:
        connection.execute(_filled("laid_over.sql", {"before": work.before("loans")}))


# what names a row inside its loan, so that a doubt about it can end when the row arrives
_ROW_NAMES = {
    "instalments": "number::varchar",
    "payments": "payment_id",
    "pauses": "starts_on::varchar",
    "accounts": "as_of::varchar",
}


def _make_doubts(connection: Connection, work: Work, sent: set[str], rejected: bool) -> bool:
    """Make the table `doubts`; whether there is any."""
    nothing = "(select '' as file, '' as loan_id, '' as borrower_id, '' as name where false)"
    bad = _bad_rows(work)
    before = work.before("doubts") if work.base else nothing
    seen = bad + [f"from {before}"] * bool(work.base)
    names = " or ".join(f"exists ({rows})" for rows in seen) or "false"
    some = rejected or one_row(connection.execute(f"select {names}"))[0]
    if not some:
        connection.execute(f"create temp table doubts ({DOUBTS})")
        return False
    values = {
        "bad_rows": " union all ".join([*bad, f"from {nothing}"]),
        "base_doubts": before,
        "said_again": quote(SAID_AGAIN),
    }
    connection.execute(_filled("partition_doubts.sql", {**values, **_sent_rows(work, sent, again=False)}))
    return True


def _bad_rows(work: Work) -> list[str]:
    """SQL for the rows of this partition that failed on their own, by what they are about."""
    parts = []
    for table, name in _ROW_NAMES.items():
        folder = work.checked / table / "p=-1"
        if folder.is_dir():
            parts.append(
                f"select '{table}' as file, l.loan_id, '' as borrower_id, coalesce(b.{name}, '') as name "
                f"from {parquet(folder, '*.parquet')} b "
                f"join loans_keyed l on l.loan_key = b.loan_key where b.home = {work.part}"
            )
    folder = work.checked / "borrowers" / "p=-1"
    if folder.is_dir():
        parts.append(
            "select 'borrowers' as file, '' as loan_id, borrower_id, borrower_id as name "
            f"from {parquet(folder, '*.parquet')} where home = {work.part} and borrower_id <> ''"
        )
    if (work.checked / BAD_LOANS).is_file():
        parts.append(
            "select 'loans' as file, loan_id, borrower_id, loan_id as name "
            f"from {parquet(work.checked, BAD_LOANS)} where home = {work.part}"
        )
    return parts


#: What is summed of a file's rows, in the order of the columns that `build_partition` returns.
COUNTED_SUMS = ("principal", "interest", "fee", "penalty", "amount", "balance")
#: By file what is counted of it, from the finished tables: rows of an earlier feed have row_at < 0.
_COUNTED = {
    "loans": "currency, count(*), sum(principal), 0, 0, 0, 0, 0 from loans where row_at >= 0",
    "instalments": "currency, count(*), sum(i.principal), sum(interest), sum(fee), sum(penalty), 0, 0 "
    "from instalments i join loans l using (loan_key) where i.row_at >= 0",
    "payments": "currency, count(*), 0, 0, 0, 0, sum(p.amount), 0 "
    "from payments_good p join loans l using (loan_key) where p.row_at >= 0",
    "accounts": "currency, count(*), 0, 0, 0, 0, 0, sum(a.balance) "
    "from accounts_file a join loans l using (loan_key) where a.row_at >= 0",
    "borrowers": "'' as currency, count(*), 0, 0, 0, 0, 0, 0 from borrowers where row_at >= 0",
    "pauses": "'' as currency, count(*), 0, 0, 0, 0, 0, 0 from pauses where row_at >= 0",
}


def _accepted(connection: Connection, sent: set[str]) -> list[tuple]:
    counted = [f"select '{table}' as file, {_COUNTED[table]} group by currency" for table in sorted(sent)]
    return connection.execute(" union all ".join(counted)).fetchall() if counted else []
