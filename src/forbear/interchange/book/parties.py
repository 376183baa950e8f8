"""Who or what else belongs to a loan: `parties` of the feed, kept whole beside the partitions of the book.

They are few, so they are no table of the partitions: a night never reads them. A row that can't be used goes to the
quarantine like every other, and casts no doubt on the loan, since nothing that is owed hangs on it.
"""

from pathlib import Path

from forbear.engine.columnar import Connection, one_row, parquet, quote
from forbear.interchange.book.book import Book
from forbear.interchange.book.feed_columns import PARTIES

FILE = "parties.parquet"
_COLUMNS = tuple(column.name for column in PARTIES.columns)
_TWICE = "this number stands more than once in the loan; the first was kept"


def build_parties(connection: Connection, work: Path, base: Book | None) -> list[tuple]:
    """Write the book's parties from the checked rows, over those of `base` in a delta; `known_loans` is there.

    Returns what the feed brought, for the control totals, as `build_partition` does.
    """
    checked = work / "checked" / PARTIES.name
    good = [path for path in checked.glob("p=*") if path.name != "p=-1"]
    before = base.folder / FILE if base else None
    if not good and not (before and before.is_file()):
        return []
    kinds = {"date": "date", "whole": "integer"}
    empty = ", ".join(f"null::{kinds.get(c.kind, 'varchar')} as {c.name}" for c in PARTIES.columns)
    sources = [f"select {empty}, null::bigint as row_at where false"]
    columns = ", ".join(name if name != "loan_id" else "l.loan_id" for name in _COLUMNS)
    sources += [
        f"select {columns}, c.row_at from {parquet(path, '*.parquet')} c "
        f"join known_loans l on l.loan_key = c.loan_key and l.p = {int(path.name.removeprefix('p='))}"
        for path in good
    ]
    connection.execute(f"create temp table parties_sent as {' union all by name '.join(sources)}")
    connection.execute(
        """create temp table parties_good as select * exclude (nth) from (
            select *, row_number() over (partition by loan_id, number order by row_at) as nth from parties_sent)
        where nth = 1"""
    )
    notes = work / "notes"
    connection.execute(
        f"""copy (select 'parties' as file, row_at, null::integer as loan_key, 'number' as field,
            {quote(_TWICE)} as reason from parties_sent where row_at not in (select row_at from parties_good))
        to {quote(notes / "rejected-parties.parquet")} (format parquet)"""
    )
    kept = f"select {', '.join(_COLUMNS)} from parties_good"
    if before and before.is_file():
        kept += (
            f" union all by name select * from {parquet(before.parent, before.name)} b where not exists ("
            "select 1 from parties_good g where g.loan_id = b.loan_id and g.number = b.number)"
        )
    target = work / "book"
    connection.execute(
        f"copy (select * from ({kept}) order by loan_id, number) to {quote(target / FILE)} (format parquet)"
    )
    rows = one_row(connection.execute("select count(*) from parties_good"))[0]
    return [(PARTIES.name, 1, rows, 0, 0, 0, 0, 0, 0)]


def parties_sql(book: Book) -> str:
    """SQL: the rows of all parties of the book; none where it has no such file."""
    if (book.folder / FILE).is_file():
        return parquet(book.folder, FILE)
    return "(select null::varchar as loan_id, null::varchar as role, null::varchar as name where false)"


def parties_of(connection: Connection, book: Book, part: int) -> dict[str, list[dict]]:
    """The parties of the loans in one partition, by loan, in the order of their numbers."""
    if not (book.folder / FILE).is_file():
        return {}
    names = ", ".join(f"p.{name}" for name in _COLUMNS)
    rows = connection.execute(
        f"select {names} from {parquet(book.folder, FILE)} p "
        f"semi join {parquet(book.part(part), 'loans.parquet')} l using (loan_id) order by p.loan_id, p.number"
    ).fetchall()
    by_loan: dict[str, list[dict]] = {}
    for row in rows:
        party = {
            name: ("" if value is None and name != "born_on" else value)
            for name, value in zip(_COLUMNS, row, strict=True)
        }
        by_loan.setdefault(party["loan_id"], []).append(party)
    return by_loan
