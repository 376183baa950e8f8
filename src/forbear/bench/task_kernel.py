"""The compiled kernel over the whole book, from the bare ledger columns: no running totals, no settlement dates.

What it leaves out: buckets, classes, pauses, facts, stages, treatments, and writing anything down.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forbear.bench.child import Clock, answer
from forbear.bench.kernel import NEVER, delinquency
from forbear.core.loans.loan import COMPONENTS, Product
from forbear.engine.columnar import connected, quote
from forbear.interchange.book.book import Book, open_book

LOANS = ("loan_key", "product_no", "minor_unit", "status", "disbursed_on")
INSTALMENTS = ("loan_key", "falls_due_on", *COMPONENTS)
PAYMENTS = ("loan_key", "paid_on", "counted")
_DAY_ZERO = date(1970, 1, 1)


def terms_of(book: Book) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The products' terms by product number, as arrays."""
    with connected(1) as connection:
        codes = connection.execute(
            f"select distinct product_no, product from read_parquet({quote(book.files('loans'))}) order by 1"
        ).fetchall()
    products = book.products()
    known: dict[int, Product] = {number: products.get(code) for number, code in codes}
    all_ = [known.get(number, products.get("")) for number in range(max(known) + 1)]
    return (
        np.array([int(product.tolerance.scaleb(4)) for product in all_], np.int64),
        np.array(
            [[COMPONENTS.index(name) for name in product.allocation_order] for product in all_], np.int64
        ),
        np.array([product.due_date_counts for product in all_], np.bool_),
    )


def run_part(
    folder: Path, as_of: int, terms: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> tuple[np.ndarray, int, int]:
    """One partition: the late loans as a table of numbers, the sum outstanding, and the number of loans.

    The table's rows: place in the file, days past due, oldest due date, the four components, outstanding.
    """
    loans = _columns(folder / "loans.parquet", LOANS).sort_by("loan_key")
    owes = _fixed(
        pc.not_equal(loans["status"], pa.scalar("closed")).to_numpy()
        & (_numbers(loans["disbursed_on"], missing=NEVER) <= as_of)
    )
    assert np.array_equal(_numbers(loans["loan_key"]), np.arange(len(owes))), "a loan's key is its place"
    head = (_numbers(loans["product_no"]), _numbers(loans["minor_unit"]), owes)
    lines = _columns(folder / "instalments.parquet", INSTALMENTS)
    payments = _columns(folder / "payments.parquet", PAYMENTS)
    size = len(owes)
    days, oldest = np.zeros(size, np.int32), np.zeros(size, np.int32)
    parts, outstanding = np.zeros((4, size), np.int64), np.zeros(size, np.int64)
    delinquency(
        np.int32(as_of),
        head,
        tuple(_numbers(lines[name]) for name in INSTALMENTS),
        tuple(_numbers(payments[name]) for name in PAYMENTS),
        terms,
        days,
        oldest,
        parts,
        outstanding,
    )
    late = np.flatnonzero(days)
    stack = np.stack([late, days[late], oldest[late], *parts[:, late], outstanding[late]])
    return stack, int(outstanding.sum()), size


def _columns(path: Path, names: tuple[str, ...]) -> pa.Table:
    return pq.ParquetFile(path).read(columns=list(names), use_threads=False)


def _numbers(column: pa.ChunkedArray, missing: int | None = None) -> np.ndarray:
    """A column as numbers, a date as days since 1970; `missing` stands for a date that is not there."""
    if not pa.types.is_date32(column.type):
        return _fixed(column.to_numpy())
    days = column.cast(pa.int32())
    if missing is not None:
        days = days.fill_null(pa.scalar(int(missing), pa.int32()))
    return _fixed(days.to_numpy())


def _fixed(values: np.ndarray) -> np.ndarray:
    """The same values, not to be written to. Some come so from Parquet; a mixture would be compiled twice."""
    seen = values.view()
    seen.flags.writeable = False
    return seen


def work(spec: dict, clock: Clock) -> dict:
    """Run the kernel over every partition; then hold each late loan against the night's."""
    book, as_of = open_book(Path(spec["book"])), date.fromisoformat(spec["as_of"])
    terms, day = terms_of(book), (as_of - _DAY_ZERO).days
    run_part(book.part(0), day, terms)  # compiles the kernel, outside the clock
    with clock, ThreadPoolExecutor(spec["threads"]) as pool:
        parts = list(pool.map(lambda number: run_part(book.part(number), day, terms), range(book.partitions)))
    night = Path(spec["nights"]) / spec["as_of"]
    manifest = json.loads((night / "manifest.json").read_text(encoding="utf-8"))
    late = sum(_compared(book, night, number, parts[number][0]) for number in range(book.partitions))
    assert sum(part[1] for part in parts) == sum(row[3] for row in manifest["loans"]), (
        "the kernel and the night differ in the sum outstanding"
    )
    assert len(delinquency.signatures) == 1, "the kernel was compiled while the clock ran"
    return {"loans": sum(part[2] for part in parts), "compared": late}


COMPARED = (
    "days_past_due",
    "oldest_unpaid_due_on",
    *(f"past_due_{name}" for name in COMPONENTS),
    "outstanding",
)


def _compared(book: Book, night: Path, number: int, computed: np.ndarray) -> int:
    """Assert that the night's late loans are these, with these figures; returns how many."""
    loans = _columns(book.part(number) / "loans.parquet", ("loan_key", "loan_id")).sort_by("loan_key")
    names = loans["loan_id"].take(pa.array(computed[0]))
    ours = pa.table({"loan_id": names, **dict(zip(COMPARED, computed[1:], strict=True))}).sort_by("loan_id")
    theirs = _columns(night / "arrears" / f"part-{number:05d}.parquet", ("loan_id", *COMPARED)).sort_by(
        "loan_id"
    )
    assert ours["loan_id"].to_pylist() == theirs["loan_id"].to_pylist(), "other loans are late"
    for name in COMPARED:
        same = np.array_equal(ours[name].to_numpy(), _numbers(theirs[name]))
        assert same, f"the kernel and the night differ in {name}, partition {number}"
    return ours.num_rows


if __name__ == "__main__":
    answer(work)
