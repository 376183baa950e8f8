"""Control totals and the quarantine: proof that every row of a feed is accounted for."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from forbear.core.base.money import minor_digits
from forbear.engine.columnar import Connection, identifier, one_row, parquet, quote, rows_of
from forbear.interchange.book.build import COUNTED_SUMS, SAID_AGAIN
from forbear.interchange.book.feed_check import BAD, column_sql, control_sums, mask_in_file, reasons_sql
from forbear.interchange.book.feed_columns import Check, amount_of
from forbear.interchange.book.feed_files import SOURCE_ROW, STAGED_SUFFIX, FeedFile
from forbear.interchange.book.feed_hints import printable
from forbear.interchange.book.origin import FILE, ROW, UNREAD
from forbear.interchange.home.plain_table import PlainWriter

Totals = dict[str, dict[str, dict[str, Any]]]


def write_quarantine(
    connection: Connection,
    files: dict[str, FeedFile],
    checks: dict[str, list[Check]],
    work: Path,
    target: Path,
) -> dict[str, int]:
    """Write `target/<file>.csv` for each file with bad rows: row, column, reason, then the row as it was sent.

    Returns the number of bad rows by file.
    """
    refused = set()
    if any((work / "notes").glob("rejected-*.parquet")):
        rows = parquet(work / "notes", "rejected-*.parquet")
        connection.execute(f"create or replace temp table beside as select * from {rows}")
        refused = {file for (file,) in connection.execute("select distinct file from beside").fetchall()}
    counts = {}
    for name, file in files.items():
        failed = _failed_alone(connection, file, checks[name], work)
        if name in refused:
            failed.append(f"select row_at, field, reason from beside where file = {quote(name)}")
        bad = 0
        if failed:
            connection.execute(
                f"""create or replace temp table bad_{name} as
                select row_at, min(field) as field, string_agg(distinct reason, '; ' order by reason) as reason
                from ({" union all ".join(failed)}) group by row_at"""
            )
            bad = one_row(connection.execute(f"select count(*) from bad_{name}"))[0]
        counts[name] = bad + len(file.misshapen)
        if counts[name]:
            target.mkdir(parents=True, exist_ok=True)
            _write_csv(connection, file, target / f"{name}.csv", bad)
    return counts


def said_again(connection: Connection, bad_rows: dict[str, int], files: dict[str, FeedFile]) -> list[str]:
    """A note for each file of which rows were left out that only say again what another row says.

    `bad_rows` is what `write_quarantine` gave.
    """
    notes = []
    for name, bad in bad_rows.items():
        if bad <= len(files[name].misshapen):
            continue
        counted = f"select count(*) from bad_{name} where reason = {quote(SAID_AGAIN)}"
        number = one_row(connection.execute(counted))[0]
        if number:
            notes.append(
                f"{name}: {number:,} rows stand more than once with the same values; one of each was kept, "
                "with no doubt"
            )
    return sorted(notes)


def top_reasons(connection: Connection, file: FeedFile, bad: int) -> str:
    """The three most frequent reasons of a file's bad rows, each with its count and one value as it was sent."""
    counted: dict[tuple[str, str], int] = {}
    for _, reason, _ in file.misshapen:
        counted["", reason] = counted.get(("", reason), 0) + 1
    examples = {("", reason): printable(text) for _, reason, text in reversed(file.misshapen)}
    if bad > len(file.misshapen):
        rows = connection.execute(
            f"select field, reason, count(*), min(row_at) from bad_{file.table.name} group by all "
            "order by 3 desc, 1, 2 limit 3"
        ).fetchall()
        for field, reason, number, row_at in rows:
            counted[field or "", reason] = number
            if field in file.types:
                read = file.origin.value(field) if file.origin else identifier(field)
                value = f"select {read}::varchar from {file.scan} where row_at = {row_at}"
                examples[field, reason] = printable(str(one_row(connection.execute(value))[0] or ""))
    top = sorted(counted.items(), key=lambda item: -item[1])[:3]
    return "; ".join(
        f"{number:,} × {reason}" + (f", such as {examples[key]!r}" if examples.get(key) else "")
        for key, number in top
        for reason in (_in_words_of_source(file, *key),)
    )


def _in_words_of_source(file: FeedFile, field: str, reason: str) -> str:
    if file.origin is None or not field:
        return reason
    return f"{file.origin.reason(field, reason)} (column {file.origin.name(field)})"


def _failed_alone(connection: Connection, file: FeedFile, checks: list[Check], work: Path) -> list[str]:
    """SQL for the rows of a file that failed without their neighbours; none when there are none."""
    name = file.table.name
    if name == "loans":
        some = "select exists (from loans_checked where mask <> 0)"
        if not (file.has_rows and one_row(connection.execute(some))[0]):
            return []
        source = "(select row_at, mask from loans_checked where mask <> 0)"
    elif (folder := work / "checked" / name / f"p={BAD}").is_dir():
        source = f"(select row_at, {mask_in_file(checks)} from {parquet(folder, '*.parquet')})"
    else:
        return []
    return [f"select row_at, {column_sql(checks)} as field, {reasons_sql(checks)} as reason from {source}"]


def _write_csv(connection: Connection, file: FeedFile, target: Path, bad: int) -> None:
    if file.origin:
        _write_mapped_csv(connection, file, target)
        return
    names = [name for name in file.types if name != SOURCE_ROW]
    sent_at = f"f.{SOURCE_ROW}" if SOURCE_ROW in file.types else "null"
    skipped = [row for row, _, _ in file.misshapen]
    with target.open("w", encoding="utf-8", newline="") as stream:
        out = PlainWriter(stream)
        out.writerow(["row", "column", "reason", *(name.removesuffix(STAGED_SUFFIX) for name in names)])
        for row, reason, text in file.misshapen:
            out.writerow([row, "", reason, text])
        if not bad:
            return
        columns = ", ".join(f"f.{identifier(name)}::varchar" for name in names)
        rows = connection.execute(
            f"""select b.row_at, {sent_at}, b.field, b.reason, {columns}
            from bad_{file.table.name} b join {file.scan} f using (row_at) order by b.row_at"""
        )
        while batch := rows.fetchmany(10_000):
            for row_at, sent_row, field, reason, *values in batch:
                row = row_number(row_at, skipped) if sent_row is None else sent_row
                out.writerow([row, field, reason, *values])


def _write_mapped_csv(connection: Connection, file: FeedFile, target: Path) -> None:
    """The bad rows by the lender's own file, row, column and value; behind them what the mapping made of the row."""
    origin, names = file.origin, list(file.types)
    assert origin is not None, "the file is of a mapped feed"
    columns = ", ".join(f"f.{identifier(name)}::varchar" for name in names)
    rows = connection.execute(
        f"select b.field, b.reason, f.{FILE}, f.{ROW}, {origin.value_of('b.field')}, {columns} "
        f"from bad_{file.table.name} b join {file.scan} f using (row_at) order by b.row_at"
    )
    with target.open("w", encoding="utf-8", newline="") as stream:
        out = PlainWriter(stream)
        out.writerow(["row", "column", "reason", "file", "value", *names])
        for field, reason, source, row, value, *values in rows_of(rows):
            plain = [text.removeprefix(UNREAD) if text else text for text in values]
            why = origin.reason(field or "", reason)
            out.writerow([row, origin.name(field or ""), why, source, value, *plain])


def row_number(kept: int, skipped: list[int]) -> int:
    """The row's number in the file as sent, data rows counted from 1.

    `kept` counts the rows with a shape from 0; `skipped` are the sorted numbers of those without. The n-th
    skipped row (from 0) has `skipped[n] - 1 - n` kept rows before it.
    """
    lower, upper = 0, len(skipped)
    while lower < upper:
        middle = (lower + upper) // 2
        if skipped[middle] - 1 - middle <= kept:
            lower = middle + 1
        else:
            upper = middle
    return kept + 1 + lower


def totals(
    connection: Connection, files: dict[str, FeedFile], brought: list[tuple], bad_rows: dict[str, int]
) -> Totals:
    """For each file what was read, accepted and quarantined, each counted on its own way.

    `brought` is what `build_partition` gave, of all partitions; `bad_rows` what `write_quarantine` gave: where it found
    none, none are summed.
    """
    counts: Totals = {}
    accepted = _accepted(brought)
    for name, file in files.items():
        read = control_sums(connection, file)
        read["rows"] = str(file.rows)
        if bad_rows[name] > len(file.misshapen):
            bad = control_sums(connection, file, f"row_at in (select row_at from bad_{name})")
        else:
            bad = {key: f"{Decimal(value) * 0:f}" for key, value in read.items()}
        bad["rows"] = str(int(bad["rows"]) + len(file.misshapen))
        rows = accepted.get(name, [])
        sums = dict.fromkeys(file.table.amounts, Decimal(0))
        by_currency: dict[str, dict[str, dict[str, str]]] = {}
        for currency, _, *minors in rows:
            named = dict(zip(COUNTED_SUMS, minors, strict=True))
            for column in sums:
                value = Decimal(int(named[column])).scaleb(-minor_digits(currency))
                sums[column] += value
                by_currency.setdefault(currency, {})[column] = {"accepted": f"{value:f}", "quarantined": "0"}
        if sums and bad_rows[name] > len(file.misshapen):
            _add_quarantined(connection, file, by_currency)
        good = {"rows": str(sum(row[1] for row in rows)), **{c: f"{s:f}" for c, s in sums.items()}}
        counts[name] = {"read": read, "accepted": good, "quarantined": bad}
        if by_currency:
            counts[name]["by_currency"] = by_currency
    return counts


def _add_quarantined(
    connection: Connection, file: FeedFile, sums: dict[str, dict[str, dict[str, str]]]
) -> None:
    """Add the sums of a file's bad rows by the currency of their loan; under "" where no loan says it."""
    values = ", ".join(f"{amount_of(name, file.types[name])} as {name}" for name in file.table.amounts)
    sums_of = ", ".join(f"coalesce(sum(f.{name}), 0)" for name in file.table.amounts)
    rows = connection.execute(
        f"""select coalesce(k.currency, ''), {sums_of}
        from (select trim(loan_id::varchar) as loan_id, {values} from {file.scan}
            where row_at in (select row_at from bad_{file.table.name})) f
        left join (select loan_id, currency from known_loans) k using (loan_id) group by 1 order by 1"""
    ).fetchall()
    for currency, *amounts in rows:
        for name, value in zip(file.table.amounts, amounts, strict=True):
            entry = sums.setdefault(currency, {}).setdefault(name, {"accepted": "0", "quarantined": "0"})
            entry["quarantined"] = f"{value:f}"


def _accepted(brought: list[tuple]) -> dict[str, list[tuple]]:
    """What the partitions brought into the book, by file: the currency, the rows and the sums."""
    summed: dict[tuple[str, str], list[int]] = {}
    for name, currency, *numbers in brought:
        before = summed.setdefault((name, currency), [0] * len(numbers))
        summed[name, currency] = [a + int(b) for a, b in zip(before, numbers, strict=True)]
    accepted: dict[str, list[tuple]] = {}
    for (name, currency), numbers in sorted(summed.items()):
        accepted.setdefault(name, []).append((currency, *numbers))
    return accepted


def require_balance(sums: Totals) -> None:
    """Read = accepted + quarantined, in rows and in every sum; anything else is a fault of ours, and stops."""
    for name, parts in sums.items():
        for key, value in parts["accepted"].items():
            read, bad = Decimal(parts["read"][key]), Decimal(parts["quarantined"][key])
            if read != Decimal(value) + bad:
                raise RuntimeError(f"{name}.{key}: read {read}, accepted {value}, quarantined {bad}")


_WARNED = (
    (
        "principal_total <> principal and principal_total > 0 and account_on is null",
        "{count} loans have instalments whose principal does not sum to the loan's, for example {first}",
    ),
    (
        "due_total = 0 and status = 'active' and account_on is null",
        "{count} active loans have no instalments, for example {first}",
    ),
    ("not borrower_known", "{count} loans have a borrower who is not in borrowers, for example {first}"),
    (
        "feed_doubt",
        "{count} loans have a row in quarantine: they are decided but nobody is contacted, for example {first}",
    ),
    (
        "paid_total > due_total and due_total > 0",
        "{count} loans are paid beyond all instalments, for example {first}",
    ),
)


def book_facts(connection: Connection, book: Path) -> tuple[dict, list[str]]:
    """Rows in the finished files, the first day of any loan, the newest payment.

    With what is odd in the book but no reason to leave rows out.
    """
    odd = ", ".join(f"count(*) filter (where {c}), min(loan_id) filter (where {c})" for c, _ in _WARNED)
    queries = {
        "loans": f"count(*), min(disbursed_on), count(payoff_on), max(account_on), count(account_on), {odd}",
        "instalments": "count(*), min(due_on)",
        "accounts": "count(*)",
        "payments": "count(*), max(paid_on)",
        "borrowers": "count(*)",
        "pauses": "count(*)",
    }
    rows: dict[str, int] = {}
    numbers: dict[str, list[Any]] = {}
    for table, columns in queries.items():
        cursor = connection.execute(f"select {columns} from {parquet(book, f'part-*/{table}.parquet')}")
        rows[table], *numbers[table] = one_row(cursor)
    (disbursed, quoted, account_on, accounts, *warnings), (due,), (newest,) = (
        numbers["loans"],
        numbers["instalments"],
        numbers["payments"],
    )
    first = min((day for day in (disbursed, due) if day), default=None)
    facts = {
        "rows": rows,
        "first_day": str(first) if first else "",
        "quoted": quoted,
        "newest_account": str(account_on) if account_on else "",
        "account_loans": accounts,
        "newest_payment": str(newest) if newest else "",
    }
    warned = [
        text.format(count=f"{warnings[2 * n]:,}", first=warnings[2 * n + 1])
        for n, (_, text) in enumerate(_WARNED)
        if warnings[2 * n]
    ]
    return facts, warned
