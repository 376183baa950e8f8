"""The order in which a book's files stand, in a partition of several row groups: a night skips by it."""

from datetime import date

import pytest

from forbear.engine.columnar import connected, parquet
from forbear.interchange.book.generate import generate_feed
from tests.interchange.book.small_feed import take_in

ORDERS = {
    "instalments": "case when settled_on = '9999-12-31' then falls_due_on else '0001-01-01' end, loan_key, number",
    "payments": "loan_key, paid_on, payment_id",
    "loans": "owing_from, loan_key",
    "borrowers": "owing_from, borrower_key",
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = tmp_path_factory.mktemp("layout")
    generate_feed(root / "feed", loans=24_000, seed=5, as_of=date(2026, 3, 1), form="parquet")
    return take_in(root, root / "feed", partitions=1)[1]


@pytest.mark.parametrize("table", ORDERS)
def test_rows_stand_in_their_order(book, table):
    rows = parquet(book.part(0), f"{table}.parquet")
    with connected() as engine:
        engine.execute(
            "create temp table placed as select *, file_row_number as place "
            f"from {rows.removesuffix(')')}, file_row_number = true)"
        )
        moved, count = engine.execute(
            f"""select count(*) filter (place <> wanted), count(*)
            from (select place, row_number() over (order by {ORDERS[table]}) - 1 as wanted from placed)"""
        ).fetchone()
    assert moved == 0, f"{moved:,} of {count:,} rows of {table} stand elsewhere"
