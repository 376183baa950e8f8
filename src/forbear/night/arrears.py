"""Only the delinquency step, over every loan of a book: what `forbear arrears` writes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from forbear.core.files.spreadsheet import plain_sql
from forbear.engine.columnar import connected, one_row, parquet, quote
from forbear.interchange.book.book import Book
from forbear.night.export import unit_sql
from forbear.night.inputs import part_files
from forbear.night.partition import run_delinquency
from forbear.night.payoff import OF_LOAN, payoff_joins
from forbear.night.sql_text import sql_day

# The contract's columns, then what peers call the delinquent view of the same loan.
_AMOUNTS = (
    "past_due_principal",
    "past_due_interest",
    "past_due_fee",
    "past_due_penalty",
    "past_due_amount",
    "outstanding",
)


def write_arrears(book: Book, as_of: date, target: Path, scratch: Path, threads: int = 2) -> int:
    """Write one row a loan, in the order of loan_id, to `target` (.csv or .parquet); returns the rows."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: _part(book, as_of, number, scratch), range(book.partitions)))
    with connected(threads) as connection:
        rows = parquet(scratch, "arrears-*.parquet")
        largest = one_row(connection.execute(f"select max(minor_unit) from {rows}"))[0] or 100
        digits = max(2, len(str(largest)) - 1)
        amounts = ", ".join(f"{unit_sql(name, digits)} as {name}" for name in _AMOUNTS)
        is_csv = target.suffix == ".csv"  # another program reads parquet, which no spreadsheet opens
        form = "format csv, header" if is_csv else "format parquet, compression zstd"
        ids = ("loan_id", "borrower_id")
        names = ", ".join(f"{plain_sql(name)} as {name}" if is_csv else name for name in ids)
        waiting = target.with_name(f".{target.name}.new")
        connection.execute(
            f"""copy (select {names}, days_past_due, oldest_unpaid_due_on, {amounts}, bucket,
                days_delinquent, delinquent_since, instalments_past_due, {unit_sql("credit", digits)} as credit,
                five_class, paused, currency, {unit_sql("payoff", digits)} as payoff,
                {unit_sql("balance", digits)} as balance
            from {rows} order by loan_id) to {quote(waiting)} ({form})"""
        )
        waiting.rename(target)
        return one_row(connection.execute(f"select count(*) from {rows}"))[0]


def _part(book: Book, as_of: date, number: int, scratch: Path) -> None:
    with connected(1) as connection:
        run_delinquency(connection, book.folder, number, as_of)
        owing = f"l.status <> 'closed' and (l.disbursed_on is null or l.disbursed_on <= {sql_day(as_of)})"
        pauses = part_files(book.folder, number)["pauses"]
        paid = OF_LOAN.format(paid="l.paid_total - coalesce(p.amount, 0)")
        payoff = f"case when {owing} then payoff_of({paid}, 0, 0) else 0 end"
        left = "l.due_total - l.paid_total + coalesce(p.amount, 0)"
        connection.execute(
            f"""copy (
                select l.loan_id, l.borrower_id, l.currency, l.minor_unit,
                    coalesce(a.days_past_due, 0) as days_past_due, a.oldest_unpaid_due_on,
                    coalesce(a.past_due_principal, 0) as past_due_principal,
                    coalesce(a.past_due_interest, 0) as past_due_interest,
                    coalesce(a.past_due_fee, 0) as past_due_fee,
                    coalesce(a.past_due_penalty, 0) as past_due_penalty,
                    coalesce(a.past_due_amount, 0) as past_due_amount,
                    case when {owing} then greatest(0, {left}) else 0 end::bigint as outstanding,
                    coalesce(a.payoff, {payoff})::bigint as payoff,
                    coalesce(a.balance, least(
                        {payoff}, case when l.payoff_on <= {sql_day(as_of)} then l.balance end
                    ))::bigint as balance,
                    coalesce(a.bucket, 'M0') as bucket,
                    coalesce(a.days_delinquent, 0) as days_delinquent, a.delinquent_since,
                    coalesce(a.instalments_past_due, 0) as instalments_past_due,
                    case when {owing} then greatest(0, -({left})) else 0 end::bigint as credit,
                    coalesce(a.five_class, 'normal') as five_class,
                    {owing} and l.loan_key in (
                        select loan_key from {pauses} where {sql_day(as_of)} between starts_on and ends_on) as paused
                from loans l
                left join arrears a on a.loan_key = l.loan_key
                {payoff_joins()}
                left join paid_later p on p.loan_key = l.loan_key
            ) to {quote(scratch / f"arrears-{number:05d}.parquet")} (format parquet, compression lz4)"""
        )
