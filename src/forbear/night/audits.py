"""Audits: queries that return bad rows. A blocking one keeps a night from being published; some a person may accept."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from forbear.engine.columnar import Connection, one_row, parquet, quote, statements
from forbear.interchange.book.book import Book
from forbear.night.inputs import NightInputs, book_terms
from forbear.night.partition import RESULTS
from forbear.night.sql_text import fill, sql_day
from forbear.night.terms import make_product_terms

#: A night's files of so few bytes are read once and asked about by one statement; larger ones are read where they lie.
_SMALL = 16_000_000
#: About that many loans a night are counted again: that takes less time than the night itself.
_RECOUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What one audit found: `rows` bad rows, one of them as `example`."""

    name: str
    blocking: bool
    meaning: str
    rows: int
    example: str
    acceptable: bool = False  # a person may answer for it


#: A lender of this size is paid something every day, and this number of cases opened is no chance.
_LEAST_LOANS, _LEAST_OPENED = 100, 20
#: After a longer time without a night many cases open by themselves.
_LONGEST_BREAK = timedelta(days=7)


def run_audits(connection: Connection, inputs: NightInputs, book: Book, night: Path) -> list[Finding]:
    """All audits, in the order of their file, then the recount of one partition."""
    files = [file for name in RESULTS for file in (night / name).glob("part-*.parquet")]
    small = sum(file.stat().st_size for file in files) <= _SMALL
    results = {name: parquet(night / name, "part-*.parquet") for name in RESULTS}
    newest = book.manifest["newest_payment"]
    values = {
        "as_of": sql_day(inputs.as_of),
        "has_previous": str(bool(inputs.previous)).lower(),
        "loans": book.rows("loans"),
        "newest_payment": f"date {quote(newest)}" if newest else "null::date",
    }
    queries = [(name, kind, meaning, fill(query, values)) for name, kind, meaning, query in audits()]
    if small:
        findings = _all_at_once(connection, results, queries)
    else:
        for name, rows in results.items():
            connection.execute(f"create or replace temp view {name} as select * from {rows}")
        findings = [_finding(connection, *query) for query in queries]
    findings.append(_recount(connection, inputs, book, night))
    kinds = {name: kind for name, kind, _, _ in audits()}
    return [
        replace(finding, blocking=_stops(finding, inputs, book), acceptable=True)
        if kinds.get(finding.name) == "unless_accepted"
        else finding
        for finding in findings
    ]


def _stops(finding: Finding, inputs: NightInputs, book: Book) -> bool:
    """Whether a person has to answer for this one: not in a lender so small that chance does it."""
    if book.manifest["rows"]["loans"] < _LEAST_LOANS:
        return False
    if finding.name != "many_opened":
        return True
    since = inputs.as_of - date.fromisoformat(Path(inputs.previous).name) if inputs.previous else None
    return since is not None and since <= _LONGEST_BREAK and finding.rows >= _LEAST_OPENED


def audits() -> list[tuple[str, str, str, str]]:
    """Name, kind, meaning and query of each audit in `sql/audits.sql`."""
    text = statements("forbear.night", "audits.sql")
    return re.findall(
        r"^-- audit (\w+) (blocking|warning|unless_accepted): (.*)\n([^;]+);", text, re.MULTILINE
    )


def _finding(connection: Connection, name: str, kind: str, meaning: str, query: str) -> Finding:
    rows, example = one_row(connection.execute(f"select count(*), min(example) from ({query})"))
    return Finding(name, kind == "blocking", meaning, rows, example or "")


def _all_at_once(
    connection: Connection, results: dict[str, str], queries: list[tuple[str, str, str, str]]
) -> list[Finding]:
    """The same of several, by one statement: for a small book each statement costs more than its rows."""
    texts = [
        f"select {place} as place, count(*) as rows, min(example) as example from ({query})"
        for place, (*_, query) in enumerate(queries)
    ]
    read = ", ".join(f"{name} as materialized (from {rows})" for name, rows in results.items())
    combined = f"select * from ({' union all '.join(texts)}) order by place"
    rows = connection.execute(f"with {read} {combined}").fetchall()
    return [
        Finding(name, kind == "blocking", meaning, number, example or "")
        for (name, kind, meaning, _), (_, number, example) in zip(queries, rows, strict=True)
    ]


def _recount(connection: Connection, inputs: NightInputs, book: Book, night: Path) -> Finding:
    """Other loans each day, in turn, are counted again without any of the book's running totals."""
    turn, number = divmod(inputs.as_of.toordinal(), inputs.partitions)
    shares = max(1, round(book.manifest["rows"]["loans"] / inputs.partitions / _RECOUNTED))
    # a share is taken by the loan's id, which the night's files and the ledger tell alike
    share = f"where hash(loan_id) % {shares} = {turn % shares}" if shares > 1 else ""
    files = {name: parquet(book.part(number), f"{name}.parquet") for name in ("instalments", "payments")}
    arrears = parquet(night / "arrears", f"part-{number:05d}.parquet")
    loans = parquet(book.part(number), "loans.parquet")
    connection.execute(f"create or replace temp view loans as select * from {loans} {share}")
    make_product_terms(connection, book_terms(inputs.book))
    values = {
        "as_of": sql_day(inputs.as_of),
        "of_these": "p.loan_key in (select loan_key from loans)" if share else "true",
        "night_arrears": f"(from {arrears} {share})",
        **files,
    }
    query = fill(statements("forbear.night", "recount.sql"), values)
    return _finding(
        connection, "recount", "blocking", "a loan counted again from the bare ledger differs", query
    )
