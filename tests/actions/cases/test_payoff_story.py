"""Goal: what the desk says, prints and takes for a loan is what settles it; interest to come is owed by nobody.

Method: a night published from a feed with and without the lender's own figures, a payment at noon, and the next nights.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.compose import values_for
from forbear.core.base.problem import Problem
from forbear.core.content.template import Money
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.incoming import IncomingPayment
from forbear.engine.columnar import connected
from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.book.read import read_borrowers
from forbear.publish.publish import publish
from forbear.store.models import Case, Contact, Loan
from tests.factories.desk import house_rules
from tests.home_night import decided
from tests.interchange.book.small_feed import HEADERS, write

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
LINES = [
    (f"{loan},{month},2026-{month:02d}-01,100.00,10.00,0,0")
    for loan in ("Q1", "S1", "B1", "N1", "C1")
    for month in (2, 3, 4, 5)
]
#: Q1 has the lender's payoff, S1 goes by its schedule, B1 by its balance and is not late, N1's payoff is less than what
#: is past due, C1 is closed. All are one borrower's but N1.
LOANS = [
    "Q1,A,cash,CNY,400.00,2026-01-01,active,300.00,314.20,2026-03-10,2026-03-12",
    "S1,A,cash,CNY,400.00,2026-01-01,active,,,,",
    "B1,A,cash,CNY,400.00,2026-01-01,active,195.00,,2026-03-10,",
    "N1,N,cash,CNY,400.00,2026-01-01,active,,50.00,2026-03-10,2026-03-20",
    "C1,A,cash,CNY,400.00,2026-01-01,closed,,,,",
]
PAID = [f"P-{loan},{loan},2026-02-01,110.00," for loan in ("Q1", "S1", "B1")] + ["P2,B1,2026-03-01,110.00,"]


@pytest.fixture
def desk(tmp_path):
    house_rules()
    feed = write(
        tmp_path / "feed", instalments=LINES, payments=PAID, borrowers=["A,,,,,,,,true", "N,,,,,,,,true"]
    )
    header = HEADERS["loans"] + ",balance,payoff,payoff_on,payoff_until"
    (feed / "loans.csv").write_text("\n".join([header, *LOANS, ""]), encoding="utf-8")
    report = import_feed(settings.HOME.book, feed, quarantine=settings.HOME.quarantine, threads=1)
    assert report.quarantined_rows == 0
    publish(*decided(DAY), NOON)


def payoffs() -> dict[str, tuple[int, int, int]]:
    return {row.pk: (row.past_due_amount, row.payoff, row.balance) for row in Loan.objects.order_by("pk")}


def computed(day: date) -> dict[str, tuple[int, int, int]]:
    """The same by core from the book."""
    book = open_book(settings.HOME.book)
    products, found = book.products(), {}
    with connected() as engine:
        for part in range(book.partitions):
            for record in read_borrowers(engine, book, part):
                for loan in record.loans:
                    state = arrears(loan, products.get(loan.product), day)
                    found[loan.loan_id] = (state.past_due_amount, state.payoff, state.balance)
    return found


def test_each_loan_stands_at_the_desk_with_what_settles_it(desk):
    assert payoffs() == computed(DAY)
    assert payoffs() == {
        "Q1": (11_000, 31_420, 30_000),  # the lender's own figure
        "S1": (11_000, 31_000, 30_000),  # 330.00 are left by the schedule, of which 20.00 is interest to come
        "B1": (0, 19_500, 19_500),  # not late: the lender's balance
        "N1": (22_000, 5_000, 3_000),
        "C1": (0, 0, 0),
    }


def test_a_letter_names_what_settles_the_loan(desk):
    borrower = Case.objects.get(borrower="A").borrower
    contact = Contact(borrower=borrower, loans=["S1"], channel="letter", purpose="collect")
    assert values_for(contact, borrower, NOON, "zh")["outstanding"] == Money(31_000, "CNY")


def test_a_payoff_that_can_not_be_right_stops_every_contact(desk):
    case = Case.objects.get(borrower="N")
    assert (case.facts["feed_doubt"], case.held) == (True, True)
    assert not case.borrower.treatments.exists()
    assert not Case.objects.get(borrower="A").held


def test_what_is_paid_at_noon_is_taken_off_the_lenders_figure(desk):
    for number, loan in enumerate(("Q1", "S1")):
        paid = record_payment(
            IncomingPayment(f"X{number}", loan, date(2026, 3, 11), 6_000), NOON, actor="bank"
        )
        assert not isinstance(paid, Problem), paid
    assert payoffs()["Q1"] == (5_000, 25_420, 25_420)
    assert payoffs()["S1"] == (5_000, 25_000, 25_000)


def test_the_lenders_figure_ends_with_its_last_day(desk):
    for days in range(1, 5):
        publish(*decided(DAY + timedelta(days=days)), NOON + timedelta(days=days))
        assert payoffs() == computed(DAY + timedelta(days=days))
    # from 13 March the balance of the same day stands, and what is past due beside it
    assert payoffs()["Q1"] == (11_000, 31_000, 30_000)
