"""Goal: at noon an open case is computed from the lines that its night brought, without the book's files.

Method: a night published from a small book; then the book's files are taken away, or the next night brings others.
"""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forbear.actions.cases.payments import record_payment
from forbear.actions.selectors.ledger import ledger_of, ledgers_of
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.engine.columnar import connected
from forbear.interchange.book.book import open_book
from forbear.interchange.book.ledger_lines import read_ledger_lines
from forbear.interchange.book.read import read_borrowers
from forbear.jobs.publish_night import publish_night
from forbear.publish.publish import publish
from forbear.store.models import BorrowerLedger, Case, Loan
from tests.factories.desk import house_rules
from tests.home_night import decided, feed_in

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_the_lines_of_open_cases_are_those_of_the_book",
    "test_the_next_night_writes_only_what_has_changed",
    "test_the_lines_go_with_the_case",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
FEED = {
    "loans": [
        "L1,B1,cash,CNY,800.00,2026-01-01,active",
        "L2,B1,cash,CNY,90.00,2025-01-01,closed",
        "L3,B2,cash,CNY,500.00,2026-01-01,active",
        "L4,B3,cash,CNY,500.00,2026-01-01,active",
    ],
    "instalments": [
        "L1,1,2026-02-25,400.00,12.00,0,0.50",
        "L1,2,2026-03-25,400.00,12.00,1.25,0",
        "L2,1,2025-02-25,90.00,0,0,0",
        "L3,1,2026-02-20,500.00,0,0,0",
        "L4,1,2026-12-20,500.00,0,0,0",
    ],
    "payments": [
        "P0,L1,2026-02-20,2.00,",
        "P1,L1,2026-02-21,3.00,",
        "P2,L1,2026-02-22,3.00,P1",
        "P9,L2,2025-02-25,90.00,",
    ],
    "pauses": ["L3,2026-01-01,2026-01-31", "L3,2026-02-01,"],
    "borrowers": ["B1,王小明,+8610000000001,,zh,北京,Asia/Shanghai,1990-02-03,true"],
}  # fmt: skip


@pytest.fixture
def desk(tmp_path):
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(DAY), NOON)
    return settings.HOME


def test_the_lines_of_open_cases_are_those_of_the_book(desk):
    assert set(BorrowerLedger.objects.values_list("pk", flat=True)) == {"B1", "B2"}
    book = open_book(desk.book)
    with connected() as engine:
        records = [record for part in range(book.partitions) for record in read_borrowers(engine, book, part)]
    read = {record.borrower.borrower_id: record for record in records}
    for row in BorrowerLedger.objects.all():
        assert read_ledger_lines(row.pk, row.lines) == read[row.pk]
    assert read["B1"].borrower.born_on is not None
    assert read["B2"].loans[0].pauses[1].ends_on is None


def test_who_has_no_case_is_read_from_the_book(desk):
    assert {name: [loan.loan_id for loan in ledger[0].loans] for name, ledger in ledgers_of(["B1", "B3"]).items()} == {
        "B1": ["L1", "L2"],
        "B3": ["L4"],
    }  # fmt: skip


def test_a_payment_at_noon_needs_none_of_the_books_files(desk):
    for part in range(open_book(desk.book).partitions):
        shutil.rmtree(open_book(desk.book).part(part))
    with CaptureQueriesContext(
        connection,
    ) as made:
        paid = record_payment(IncomingPayment("P5", "L1", date(2026, 3, 11), 41_050), NOON, actor="bank")
    assert not isinstance(paid, Problem), paid
    assert Case.objects.get(borrower="B1").closed_on == date(2026, 3, 11)
    assert Loan.objects.get(loan_id="L1").past_due_amount == 0
    lines = [query for query in made.captured_queries if "store_borrowerledger" in query["sql"]]
    assert len(lines) == 1


def test_the_next_night_writes_only_what_has_changed(desk, tmp_path):
    house_rules()
    before = dict(BorrowerLedger.objects.values_list("pk", "digest"))
    BorrowerLedger.objects.filter(pk="B2").update(lines={"kept": "since nothing changed"})
    feed = FEED | {"payments": [*FEED["payments"], "P6,L1,2026-03-11,1.00,"]}
    feed_in(tmp_path / "next", **feed)
    publish_night(*decided(DAY + timedelta(days=1)), NOON + timedelta(days=1))
    after = dict(BorrowerLedger.objects.values_list("pk", "digest"))
    assert after["B2"] == before["B2"]
    assert BorrowerLedger.objects.get(pk="B2").lines == {"kept": "since nothing changed"}
    assert after["B1"] != before["B1"]
    record, _ = ledger_of("B1")
    assert "P6" in {payment.payment_id for payment in record.loans[0].payments}


def test_the_lines_go_with_the_case(desk, tmp_path):
    feed = FEED | {"payments": [*FEED["payments"], "P7,L3,2026-03-10,500.00,"]}
    feed_in(tmp_path / "paid", **feed)
    publish(*decided(DAY + timedelta(days=1)), NOON + timedelta(days=1))
    assert set(BorrowerLedger.objects.values_list("pk", flat=True)) == {"B1"}
    assert ledger_of("B2")[0].loans[0].payments[-1].payment_id == "P7"
