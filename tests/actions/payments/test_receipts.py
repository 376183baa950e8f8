"""Goal: the receipt by text message names the instalments a payment paid, each in full or in part."""

import pytest
from django.conf import settings
from django.utils.translation import override

from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.compose import compose
from forbear.actions.payments.pay import apply_payment_callback
from forbear.actions.requests.data_copies import copy_data
from forbear.channels.payment import PaymentNotice
from forbear.core.loans.incoming import IncomingPayment
from forbear.store.models import Borrower, BorrowerLedger, Contact, PaymentOrder
from forbear.web.portal.records import timeline
from tests.actions.payments.test_penalty_checks import DAY, NOON, brought

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def paid(amount: int) -> str:
    """The receipt of a payment through the provider, as it would leave."""
    PaymentOrder.objects.create(
        order_id="ORDER1", borrower_id="B1", loan_id="L1", amount=amount, currency="CNY", minor_unit=100,
        state="opened", provider="gate", made_at=NOON,
    )  # fmt: skip
    notice = PaymentNotice("ORDER1", "R1", "paid", amount, "CNY", NOON)
    assert isinstance(apply_payment_callback("gate", notice, NOON), PaymentOrder)
    receipt = Contact.objects.get(template="payment_receipt")
    return compose(receipt, receipt.borrower, NOON).body


@pytest.fixture
def desk(tmp_path):
    lines = [f"L1,{n},2026-0{n}-10,1000.00,50.00,0,0" for n in (1, 2, 3)]
    brought(
        tmp_path / "feed", loans=["L1,B1,cash,CNY,3000.00,2025-12-10,active"], instalments=lines,
        payments=["P1,L1,2026-01-10,1050.00,"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (105_000, "还清第 2 期。"),
        (40_000, "部分抵第 2 期。"),
        (150_000, "还清第 2 期，部分抵第 3 期。"),
        (210_000, "还清第 2 期，还清第 3 期。"),
    ],
)
def test_the_receipt_names_the_instalments(desk, amount, said):
    assert said in paid(amount)


def test_in_the_readers_language(desk):
    Borrower.objects.filter(pk="B1").update(preferred_language="en")
    assert "instalment 2 in full, instalment 3 in part" in paid(150_000)


def test_where_no_book_has_the_lines_it_says_no_more_than_is_known(desk):
    BorrowerLedger.objects.all().delete()
    for path in settings.HOME.book.iterdir():
        path.rename(path.with_name(f"{path.name}.away"))
    assert "已计入您的贷款" in paid(40_000)


def test_what_a_borrower_takes_along_names_them_too(desk):
    """The payment of January is the book's; one of February bounced. Both stand in the timeline and in the copy."""
    for number, reverses in (("P2", ""), ("P3", "P2")):
        record_payment(IncomingPayment(number, "L1", DAY, 40_000, reverses), NOON, actor="test")
    borrower = Borrower.objects.get(pk="B1")
    with override("en"):
        told = timeline(borrower, DAY)
    assert "Payment received · CNY 1,050.00 · L1\nInstalment 1: CNY 1,050.00, still to pay CNY 0.00" in told
    assert "Payment returned · CNY 400.00 · L1" in told
    copied = copy_data(borrower, NOON)
    assert copied["cases"][0]["facts"]["past_due_amount"] == "2100.00", "no amount in minor units"
    first, second = copied["payments"]
    assert first["paid_instalments"] == [{"number": 1, "paid": "1050.00", "left": "0.00"}]
    assert (second["returned_by_the_bank"], second["paid_instalments"]) == (True, [])
