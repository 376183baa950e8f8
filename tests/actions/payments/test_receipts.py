"""Goal: the receipt by text message names the instalments a payment paid, each in full or in part."""

import pytest
from django.conf import settings

from forbear.actions.contacts.compose import compose
from forbear.actions.payments.pay import apply_payment_callback
from forbear.channels.payment import PaymentNotice
from forbear.store.models import Borrower, BorrowerLedger, Contact, PaymentOrder
from tests.actions.payments.test_penalty_checks import NOON, brought

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
