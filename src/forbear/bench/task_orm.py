"""The ORM loop over a sample of the book: filling its database, and the measured loop."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.db import connection as database
from django.db import transaction

from forbear.bench.child import Clock, answer
from forbear.bench.orm_loop import BATCH, decide
from forbear.bench.orm_models import TABLES, CaseState, Instalment, Loan, LoanState, Payment
from forbear.engine.columnar import Connection, connected, quote
from forbear.interchange.book.book import Book, open_book

# All loans of the first borrowers of one partition, about as many as asked for.
SAMPLE = """select loan_key + 1 as id, loan_id, borrower_id, product, currency, status,
disbursed_on::varchar as disbursed_on from {loans}
where borrower_key <= (select max(borrower_key) from {loans} where loan_key < {wanted})"""


def fill(spec: dict, clock: Clock) -> dict:
    """Make the tables and put the sample in."""
    book = open_book(Path(spec["book"]))
    with database.schema_editor() as editor:
        for table in TABLES:
            editor.create_model(table)
    with clock, connected(2) as connection, transaction.atomic():
        _copy(connection, book, spec["wanted"])
    _analyze()
    return {"loans": Loan.objects.count()}


def _copy(connection: Connection, book: Book, wanted: int) -> None:
    path = {
        name: f"read_parquet({quote(book.part(0) / f'{name}.parquet')})"
        for name in ("loans", "instalments", "payments")
    }
    sample = SAMPLE.format(loans=path["loans"], wanted=wanted)
    connection.execute(f"create temp table sample as {sample}")
    mine = "join sample s on s.id = r.loan_key + 1"
    queries = {
        Loan: "select * from sample order by id",
        Instalment: "select r.loan_key + 1 as loan_id, number, falls_due_on::varchar as due_on, r.principal, "
        f"interest, fee, penalty from {path['instalments']} r {mine} order by 1, 2",
        Payment: "select r.loan_key + 1 as loan_id, paid_on::varchar as paid_on, amount, counted = 0 as bounced "
        f"from {path['payments']} r {mine} where reverses = '' order by 1, 2",
    }
    for model, query in queries.items():
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        insert = f"insert into {model._meta.db_table} ({', '.join(names)}) values ({', '.join(['%s'] * len(names))})"
        with database.cursor() as cursor:
            for rows in _batches(result):
                cursor.executemany(insert, rows)


def _batches(cursor: Connection) -> Iterator[list[tuple]]:
    while rows := cursor.fetchmany(BATCH):
        yield rows


def _analyze() -> None:
    """Let the planner know its tables, as a database in use would."""
    with database.cursor() as cursor:
        cursor.execute("analyze")


def loop(spec: dict, clock: Clock) -> dict:
    """Decide the sample once, then hold each late loan and each case against the night's."""
    book, as_of = open_book(Path(spec["book"])), date.fromisoformat(spec["as_of"])
    for model in (CaseState, LoanState):
        model.objects.all().delete()
    loans, products = Loan.objects.count(), book.products()
    with clock:
        decide(products, as_of)
    compared = _compare(Path(spec["nights"]) / spec["as_of"])
    return {"loans": loans, "compared": compared}


def _compare(night: Path) -> int:
    """Assert that the night has the same late loans and cases in the sample; returns how many loans are late."""
    owned = dict(Loan.objects.values_list("loan_id", "borrower_id"))
    people = set(owned.values())
    with connected(1) as connection:
        arrears = connection.execute(
            "select loan_id, days_past_due, past_due_principal, past_due_interest, past_due_fee, past_due_penalty, "
            f"past_due_amount, outstanding from read_parquet({quote(night / 'arrears' / 'part-00000.parquet')})"
        ).fetchall()
        cases = connection.execute(
            "select borrower_id, loan_id, stage from "
            f"read_parquet({quote(night / 'cases' / 'part-00000.parquet')}) where days_past_due > 0"
        ).fetchall()
    ours = LoanState.objects.values_list(
        *("loan__loan_id", "days_past_due", "past_due_principal", "past_due_interest", "past_due_fee"),
        *("past_due_penalty", "past_due_amount", "outstanding"),
    )
    assert sorted(ours) == sorted(row for row in arrears if row[0] in owned), "the loop and the night differ"
    staged = CaseState.objects.values_list("borrower_id", "loan__loan_id", "stage")
    assert sorted(staged) == sorted(row for row in cases if row[0] in people), "their stages differ"
    return len(ours)


def work(spec: dict, clock: Clock) -> dict:
    """One of the two steps."""
    return {"fill": fill, "loop": loop}[spec["step"]](spec, clock)


if __name__ == "__main__":
    answer(work)
