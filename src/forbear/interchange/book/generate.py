"""A made-up lender of any size, from a seed: the demo's book and the benchmarks' book.

The spread of manners (on time, late, in parts, early, bounced, stopped, never)
is set in `sql/generate.sql`, where each is one line. The same seed, size and
date give the same files on the same release.
"""

import shutil
from datetime import date
from pathlib import Path

from forbear.engine.columnar import Connection, connected, quote, statements

PRODUCTS_YAML = """\
default: {grace_days: 0}
products:
  goods-loan:
    name: {zh: 商品贷, en: Goods loan}
    grace_days: 3
    penalty: {contract_rate: 0, daily_rate: 0.06, compounding: none, bears: [principal]}
  cash-loan:
    name: {zh: 现金贷, en: Cash loan}
    due_date_rule: following
    calendar: CN
    penalty: {contract_rate: 12.60, factor: 1.5, compounding: none, bears: [principal], allow: 20.00}
  revolving:
    name: {zh: 循环贷, en: Revolving credit}
    grace_days: 3
    tolerance: 10.00
    allocation_order: [fee, penalty, interest, principal]
    penalty: {contract_rate: 14.40, factor: 1.5, compounding: none, bears: [principal]}
"""

_MONEY = "({0} / 100)::decimal(18, 2)"
_COLUMNS = {
    "loans": f"loan_id, borrower_id, product, currency, {_MONEY.format('principal')} as principal, "
    "disbursed_on, status from whole_loans",
    "instalments": "loan_id, number, due_on, "
    + ", ".join(
        f"{_MONEY.format(f'{name}_each')} as {name}" for name in ("principal", "interest", "fee", "penalty")
    )
    + " from scheduled",
    "payments": f"payment_id, loan_id, paid_on, {_MONEY.format('amount')} as amount, reverses from payments",
    "borrowers": "* from people order by borrower_id",
}


def generate_feed(
    target: Path,
    *,
    loans: int,
    seed: int,
    as_of: date,
    form: str = "parquet",
    threads: int = 2,
    bad_rows: int = 0,
    addresses: bool = False,
) -> None:
    """Write a feed of `loans` loans as of `as_of` into the new folder `target`.

    `form` is "parquet" or "csv". `bad_rows` payments are added that no book should
    accept: unknown loans, negative amounts, reversals of nothing. With `addresses` people have one, with its area
    and, two in three, its place. The folder appears only when it is whole.
    """
    assert loans > 0, "a lender has loans"
    assert form in ("parquet", "csv"), form
    unfinished = target.with_name(target.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    with connected(threads) as connection:
        _make_views(connection, loans, seed, as_of, bad_rows)
        for name, columns in _COLUMNS.items():
            path = quote(unfinished / f"{name}.{form}")
            if name == "borrowers" and addresses:
                columns = "* from people join addressed using (borrower_id) order by borrower_id"
            options = "format csv, header" if form == "csv" else "format parquet, compression zstd"
            connection.execute(f"copy (select {columns}) to {path} ({options})")
    (unfinished / "products.yaml").write_text(PRODUCTS_YAML, encoding="utf-8")
    unfinished.rename(target)


def generate_payments(
    target: Path, *, loans: int, seed: int, as_of: date, since: date, until: date, threads: int = 2
) -> None:
    """Write the CSV of what the borrowers of `generate_feed`'s book paid after `since` and up to `until`.

    So a made-up lender lives on: the book of `as_of` stays the same, and a delta feed with this brings its next days.
    """
    with connected(threads) as connection:
        _make_views(connection, loans, seed, as_of, 0, until)
        rows = f"select {_COLUMNS['payments']} where paid_on > {quote(since)} order by payment_id"
        connection.execute(f"copy ({rows}) to {quote(target)} (format csv, header)")


def _make_views(
    connection: Connection, loans: int, seed: int, as_of: date, bad_rows: int, until: date | None = None
) -> None:
    text = statements("forbear.interchange.book", "generate.sql")
    values = {
        "loans": loans,
        "seed": seed,
        "as_of": quote(as_of),
        "until": quote(until or as_of),
        "bad_rows": bad_rows,
    }
    for name, value in values.items():
        text = text.replace(f"${name}", str(value))
    connection.execute(text)
