"""Doubts that show only once the book is built, laid into it before it counts: nobody is contacted about such a loan.

A payment whose loan is unknown may belong to one that looks unpaid: the one whose id differs in spaces, marks or
zeros, or else each whose oldest instalment wants just that amount. What a comparison found is in doubt too.
"""

from pathlib import Path

from forbear.engine.columnar import (
    Connection,
    connected,
    in_braces,
    insert_rows,
    named_queries,
    one_row,
    parquet,
    quote,
    statements,
)
from forbear.interchange.book.build import DOUBTS, LEDGER_FORM, LOANS_FORM
from forbear.interchange.book.comparison import CHANGED
from forbear.interchange.book.feed_columns import amount_of, date_of, text_of
from forbear.interchange.book.import_run import ImportRun

#: Why a payment of an unknown loan is in the quarantine.
ORPHAN = "no loan with this loan_id was accepted"
#: SQL for an id without what programs add to it or drop from it: spaces, marks, zeros in front, a `.0` behind.
_PLAIN = "ltrim(regexp_replace(upper(regexp_replace({0}, '[.]0+$', '')), '[^0-9A-Z]', '', 'g'), '0')"
_DIGITS = "ltrim(regexp_replace({0}, '[^0-9]', '', 'g'), '0')"


def find_orphans(run: ImportRun, bad: dict[str, int]) -> int:
    """Add to the table `more_doubts` the loans that payments of unknown loans may belong to.

    Returns how many such payments fit no loan at all. `bad` is what `write_quarantine` gave.
    """
    connection, file = run.connection, run.files.get("payments")
    if file is None:
        return 0
    connection.execute(
        "create or replace temp table orphans (row_at bigint, name varchar, loan_id varchar, amount decimal(18, 6), "
        "paid_on date)"
    )
    if bad["payments"] > len(file.misshapen):
        _gather(run)
    tokens = [
        (-1 - row, token.strip())
        for row, _, text in file.misshapen
        for token in text.split(",")
        if len(token.strip()) > 1
    ]
    connection.execute("create or replace temp table tokens (row_at bigint, token varchar)")
    insert_rows(connection, "tokens", ("bigint", "varchar"), tokens)
    if not one_row(connection.execute("select exists (from orphans) or exists (from tokens)"))[0]:
        return 0
    return _match(run)


def _gather(run: ImportRun) -> None:
    file = run.files["payments"]
    loan, name = (text_of(column, file.types[column]) for column in ("loan_id", "payment_id"))
    amount, paid = (
        amount_of("amount", file.types["amount"]),
        date_of("paid_on", file.types["paid_on"]),
    )
    known_bad = (
        "select loan_id from loans_checked where mask <> 0" if run.loans_sent else "select null where false"
    )
    run.connection.execute(
        f"""insert into orphans
        select f.row_at, trim({name}), trim({loan}), abs({amount}), {paid}
        from {file.scan} f join bad_payments b using (row_at)
        where contains(b.reason, {quote(ORPHAN)}) and trim({loan}) not in ({known_bad})"""
    )


def _match(run: ImportRun) -> int:
    connection, book = run.connection, run.work / "book"
    queries = named_queries(statements("forbear.interchange.book", "orphans.sql"))
    parts = range(run.partitions)
    loans = [
        f"select {n} as part, loan_key, loan_id, borrower_id, minor_unit, status, paid_total, due_total "
        f"from {parquet(book / f'part-{n:05d}', 'loans.parquet')}"
        for n in parts
    ]
    plain = ", ".join(
        f"{form.format(column)} as {name}"
        for form, column, name in (
            (_PLAIN, "loan_id", "plain"),
            (_PLAIN, "borrower_id", "plain_borrower"),
            (_DIGITS, "loan_id", "digits"),
        )
    )
    connection.execute(
        f"create or replace temp table known as select *, {plain} from ({' union all '.join(loans)})"
    )
    connection.execute(
        f"""create or replace temp table orphans as
        select *, {_PLAIN.format("loan_id")} as plain, {_DIGITS.format("loan_id")} as digits from orphans"""
    )
    connection.execute(f"create or replace temp table orphans_named as {queries['named']}")
    instalments = [
        f"select {n} as part, loan_key, due_on, due_to_date, settled_on "
        f"from {parquet(book / f'part-{n:05d}', 'instalments.parquet')}"
        for n in parts
    ]
    owing = in_braces(queries["owing"], {"instalments": f"({' union all '.join(instalments)})"})
    connection.execute(f"create or replace temp table owing as {owing}")
    connection.execute(f"create or replace temp table orphans_fitting as {queries['amounts']}")
    connection.execute(
        """insert into more_doubts
        select part, 'payments', loan_id, name from orphans_named
        union select part, 'payments', loan_id, name from orphans_fitting
        union select k.part, 'payments', k.loan_id, '' from tokens t join known k on k.loan_id = t.token"""
    )
    return one_row(
        connection.execute(
            """select count(*) from orphans where row_at not in (select row_at from orphans_named)
            and row_at not in (select row_at from orphans_fitting)"""
        )
    )[0]


def find_old_accounts(run: ImportRun, business_date: str) -> int:
    """Add to the table `more_doubts` the accounts whose snapshot is older than the feed; how many there are.

    The feed's day is its business date, else that of its newest snapshot.
    """
    loans = [
        f"select {n} as part, loan_id, account_on, status from "
        f"{parquet(run.work / 'book' / f'part-{n:05d}', 'loans.parquet')}"
        for n in range(run.partitions)
    ]
    day = f"date '{business_date}'" if business_date else "max(account_on) over ()"
    run.connection.execute(
        f"""create or replace temp table old_accounts as
        select part, loan_id, account_on from (
            select *, {day} as feed_day from ({" union all ".join(loans)}) where account_on is not null)
        where account_on < feed_day and status <> 'closed'"""
    )
    run.connection.execute(
        "insert into more_doubts select part, 'accounts', loan_id, account_on::varchar from old_accounts"
    )
    return one_row(run.connection.execute("select count(*) from old_accounts"))[0]


def lay_doubts(connection: Connection, book: Path, partitions: int, *, compared: bool) -> None:
    """Write the doubts in the table `more_doubts` into the book's files, and empty it.

    `compared`: they are all that a comparison has found, and those of an earlier one go.
    """
    gone = CHANGED if compared else ""
    earlier = " union all ".join(
        f"select {n} as part from {parquet(book / f'part-{n:05d}', 'doubts.parquet')} where file = '{gone}'"
        for n in range(partitions)
    )
    rows = connection.execute(
        f"select distinct part from more_doubts union select part from ({earlier}) order by 1"
    ).fetchall()
    for (part,) in rows:
        found = connection.execute(
            "select distinct file, loan_id, name from more_doubts where part = $part", {"part": part}
        ).fetchall()
        _lay(book / f"part-{part:05d}", found, gone)
    connection.execute("delete from more_doubts")


def _lay(folder: Path, rows: list[tuple[str, str, str]], gone: str) -> None:
    # one thread keeps the order of the rows; a file that stands in the version before too is replaced, never written
    with connected(1) as connection:
        connection.execute(f"create temp table doubts ({DOUBTS})")
        connection.execute(
            f"insert into doubts select * from {parquet(folder, 'doubts.parquet')} where file <> '{gone}'"
        )
        insert_rows(
            connection,
            "doubts",
            ("varchar",) * 4,
            [(file, loan, "", name) for file, loan, name in rows],
        )
        doubt = "loan_id in (select loan_id from doubts) or borrower_id in (select borrower_id from doubts)"
        for name, query, form in (
            ("doubts", "select distinct * from doubts order by all", LEDGER_FORM),
            (
                "loans",
                f"select * replace (({doubt}) as feed_doubt) from {parquet(folder, 'loans.parquet')}",
                LOANS_FORM,
            ),
        ):
            waiting = folder / f"{name}.new"
            connection.execute(f"copy ({query}) to {quote(waiting)} ({form})")
            waiting.replace(folder / f"{name}.parquet")
