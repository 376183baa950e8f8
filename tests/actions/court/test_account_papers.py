"""Goal: papers on an account without a schedule state its balance and what is due of it, and claim no instalments.

Method: a charged-off account by a feed of accounts, with a payment since, in each country's form.
"""

from datetime import date

import pytest

from forbear.actions.cases.payments import record_payment
from forbear.actions.court.papers import make_bundle
from forbear.actions.staff.new_staff import make_staff
from forbear.core.loans.incoming import IncomingPayment
from forbear.store.models import Lawsuit
from tests.actions.court.test_papers import CURRENCIES, LATER, WORDS, country, pages
from tests.actions.payments.test_penalty_checks import NOON, brought

__all__ = ["country"]
STATED = {
    "cn": ("账户C1，2026年3月20日余额", "自2025年12月10日起有款项到期未还", "其余余额"),
    "us": ("PlaintiffholdstheaccountofdefendantaccountC1,", "sumsonithavefallendueandareunpaid", "Restofthebalance"),
    "uk": ("onanaccount(accountC1,balance", "sumsonithavefallendueandareunpaid", "Restofthebalance"),
}  # fmt: skip


@pytest.mark.database
@pytest.mark.django_db
def test_an_account_is_claimed_by_its_balance_and_no_instalments(country, tmp_path):
    money = CURRENCIES[country]
    brought(
        tmp_path / "feed",
        loans=[f"C1,B1,card,{money},0,,active"],
        instalments=[],
        accounts=["C1,2026-03-20,9000.00,3000.00,,2025-12-10,,,,,,2025-11-20"],
    )
    record_payment(IncomingPayment("P1", "C1", date(2026, 3, 21), 50_000), NOON, actor="test")
    staff = make_staff("fang", "a-long-passphrase-1", "legal", "F9", NOON, actor="test")
    lawsuit = Lawsuit.objects.create(
        borrower_id="B1", loans=["C1"], state="proposed", claimed=2_500_00,
        way="payment_order" if country == "cn" else "claim",
        fee=10_000, currency=money, minor_unit=100, proposed_at=NOON, proposed_by=staff,
    )  # fmt: skip
    made = make_bundle(lawsuit.pk, LATER, actor="staff:F9", named=WORDS)
    assert isinstance(made, Lawsuit), made
    text = "".join("".join(pages(made.bundle)).split())
    for words in STATED[country]:
        assert words.replace("(", "") in text.replace("(", ""), words
    assert "2,500.00" in text
    assert "instalments" not in text
    assert "约定分期" not in text
