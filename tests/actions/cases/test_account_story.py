"""Goal: a card and a bought account are worked from their snapshots from night to night, as loans are from schedules.

Method: the lender's daily file through the real import, nights published as a lender publishes them, a payment at noon
between two of them, a promise, and the notice's account.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import transaction

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.notice_account import notice_account
from forbear.actions.court.limitation_dates import compute_limitation
from forbear.actions.selectors.ledger import ledger_of, with_snapshots
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.interchange.book.import_feed import import_feed
from forbear.jobs.publish_night import publish_night
from forbear.store.models import Borrower, Case, Loan, Payment, Promise
from tests.factories.desk import house_rules
from tests.home_night import decided
from tests.interchange.book.small_feed import write

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 26)
HEADER = (
    "loan_id,as_of,balance,past_due,past_due_interest,days_past_due,statement_on,minimum_due,minimum_due_on,"
    "last_payment_on,last_payment_amount,charge_off_on,first_delinquent_on"
)
LOANS = ["CARD,A,card,CNY,0,,active", "OLD,B,card,CNY,0,2018-01-01,written_off"]
#: CARD missed its minimum of 260.00, though 5,000.00 came in a month before. OLD was charged off.
CARD = "CARD,2026-03-26,5300.00,,,,2026-03-01,260.00,2026-03-25,2026-02-10,5000.00,,"
OLD = "OLD,{day},2400.00,,,,,,,2024-01-20,50.00,2024-06-30,2024-01-02"


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def night(tmp_path, day: date, card: str):
    """The lender's file of a day comes in, and its night is published the next morning."""
    feed = write(
        tmp_path / f"feed-{day}",
        loans=LOANS,
        accounts=[],
        borrowers=["A,林安,+8610000000001,,zh,,,,true", "B,何文,+8610000000002,,zh,,,,true"],
        products="products: {card: {kind: revolving}}",
    )
    (feed / "accounts.csv").write_text("\n".join([HEADER, card, OLD.format(day=day), ""]), encoding="utf-8")
    home = settings.HOME
    report = import_feed(home.book, feed, quarantine=home.quarantine, threads=1)
    assert report.quarantined_rows == 0
    return publish_night(*decided(day), noon(day + timedelta(days=1)) - timedelta(hours=3))


def late(loan: str) -> tuple[int, int]:
    row = Loan.objects.get(pk=loan)
    return row.days_past_due, row.past_due_amount


def test_a_missed_minimum_is_worked_until_it_is_paid(tmp_path):
    house_rules()
    night(tmp_path, DAY, CARD)
    assert late("CARD") == (1, 26000)
    assert Case.objects.get(borrower="A").closed_on is None
    # the payment before the statement is on record once, and hides nothing
    assert list(Payment.objects.filter(loan="CARD").values_list("payment_id", "amount")) == [
        ("snapshot-2026-02-10", 500000)
    ]
    # noon: the minimum is paid at the till; nobody is asked for it any more
    today = DAY + timedelta(days=1)
    incoming = IncomingPayment("till-1", "CARD", today, 26000)
    assert not isinstance(record_payment(incoming, noon(today), actor="test"), Problem)
    assert late("CARD") == (0, 0)
    assert Case.objects.get(borrower="A").closed_on == today
    # the night's snapshot was made before the payment was booked: still nothing is past due
    night(tmp_path, today, CARD.replace("2026-03-26", str(today)))
    assert Loan.objects.get(pk="CARD").past_due_amount == 0
    # the next one shows it, in balance and last payment; it counts once
    after = today + timedelta(days=1)
    booked = f"CARD,{after},5040.00,0,,,2026-03-01,260.00,2026-03-25,{today},260.00,,"
    night(tmp_path, after, booked)
    ledger = ledger_of("A")
    assert ledger is not None
    (card,) = ledger[0].loans
    assert sum(line.amounts.total for line in card.instalments) == 504000
    assert card.payments == ()
    assert {payment.payment_id for payment in card.shown} == {"snapshot-2026-02-10", "till-1"}


def test_a_promise_is_kept_by_what_only_a_snapshot_shows(tmp_path):
    house_rules()
    night(tmp_path, DAY, CARD)
    today = DAY + timedelta(days=1)
    offered = Offered("A", ("CARD",), 26000, today + timedelta(days=3))
    promise = record_promise(offered, noon(today), actor="test")
    assert not isinstance(promise, (Problem, list)), promise
    paid = f"CARD,{today},5040.00,0,,,2026-03-01,260.00,2026-03-25,{today},260.00,,"
    night(tmp_path, today, paid)
    assert Promise.objects.get().state == "kept"
    # a later payment takes the place of the last one in the file; the promise stays kept
    later = today + timedelta(days=6)
    night(tmp_path, later, f"CARD,{later},4940.00,0,,,2026-03-01,260.00,2026-03-25,{later},100.00,,")
    assert Promise.objects.get().state == "kept"


def test_a_charged_off_account_is_due_as_a_whole_and_barred_in_time(tmp_path):
    house_rules()
    night(tmp_path, DAY, CARD)
    assert late("OLD") == ((DAY - date(2024, 1, 2)).days, 240000)
    compute_limitation(noon(DAY))
    # China: three years from the first default, begun again by the payment of 20 January 2024
    assert Loan.objects.get(pk="OLD").time_barred_on == date(2027, 1, 21)
    assert [account.charge_off_on for _, account in with_snapshots("B", Loan.objects.filter(pk="OLD"))] == [
        date(2024, 6, 30)
    ]


def test_a_notice_states_the_balance_of_the_snapshot_and_what_is_past_due(tmp_path):
    house_rules()
    night(tmp_path, DAY, CARD)
    owner = Borrower.objects.get(pk="A")
    with transaction.atomic():
        account = notice_account("written_notice", owner, list(owner.loans.all()), noon(DAY), "zh", None)
    assert not isinstance(account, Problem), account
    text = account.lines
    assert "2026年3月26日余额" in text
    assert "逾期未还的最低还款额" in text
    assert "分期" not in text
