"""Goal: no payment vanishes: one that fits no loan is kept, holds what it may be for, and a person decides.

Method: a real book and night, payments as programs report them, the permit gate asked, and a person's acts.
"""

from datetime import date, timedelta

import pytest
from django.conf import settings

from forbear.actions.cases.unapplied_payments import apply_payment, receive_payment, refuse_payment
from forbear.actions.contacts.permit_gate import evaluate
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.core.loans.incoming import IncomingPayment
from forbear.interchange.book.import_feed import import_feed
from forbear.publish.publish import publish
from forbear.store.models import Borrower, Case, Event, Hold, Loan, Payment, Staff, UnappliedPayment
from tests.actions.cases.test_payments import DAY, NOON
from tests.home_night import decided, feed_in
from tests.interchange.book.small_feed import quarantined, write

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_reported_again_it_is_the_same_and_with_other_content_it_is_refused",
    "test_applied_it_counts_the_case_closes_and_the_holds_end",
    "test_its_reversal_takes_it_back",
    "test_ids_of_a_spreadsheet_with_a_tab_behind_them_are_the_loans_own",
    "test_a_longer_id_than_the_tables_hold_is_refused_at_the_import_with_its_row",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
PAID = date(2026, 3, 11)
FEED = {
    "loans": [f"{name},{owner},cash,CNY,800.00,2026-01-01,active" for name, owner in
              (("L-001", "B1"), ("L-002", "B1"), ("L-003", "B/2"), ("L-004", "B3"))],
    "instalments": [
        *(f"L-00{number},1,2026-02-25,400.00,12.00,0,0" for number in (1, 2, 3)),
        "L-004,1,2026-02-25,300.00,12.34,0,0",
    ],
    "payments": [],
    "borrowers": [f"{name},王小明,+861390000000{n},,zh,,Asia/Shanghai,,true"
                  for n, name in enumerate(("B1", "B/2", "B3"))],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _night(tmp_path):
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(DAY), NOON)


@pytest.fixture
def lead() -> Staff:
    made = make_staff("qin", "forbear-demo-2026", "lead", "F1", NOON, actor="test")
    assert isinstance(made, Staff), made
    return made


def report(loan_id: str, amount: int = 41200, payment_id: str = "P1", reverses: str = "") -> object:
    incoming = IncomingPayment(payment_id, loan_id, PAID, amount, reverses)
    return receive_payment(incoming, NOON, actor="key:bank")


def refused(name: str) -> set[str]:
    borrower = Borrower.objects.get(pk=name)
    planned = PlannedContact("sms", "collect", "debtor", borrower.points.get().digest, (), automated=True)
    return {each.rule for each in evaluate(borrower, planned, NOON)[0].refusals}


def held() -> list[tuple[str, list[str]]]:
    running = Hold.objects.filter(kind="unapplied", lifted_at=None).order_by("borrower")
    return [(hold.borrower_id, hold.loans) for hold in running]


@pytest.mark.parametrize(
    ("named", "amount", "holds"),
    [
        ("L001", 41200, [("B1", ["L-001"])]),
        ("l_001", 5, [("B1", ["L-001"])]),
        ("L 001", 5, [("B1", ["L-001"])]),
        ("Ｌ００１", 5, [("B1", ["L-001"])]),
        ("B1", 5, [("B1", ["L-001", "L-002"])]),
        ("B2", 5, [("B/2", ["L-003"])]),
        ("nobody", 31234, [("B3", ["L-004"])]),
        ("nobody", 41200, [("B/2", ["L-003"]), ("B1", ["L-001", "L-002"])]),
        ("nobody", 7, []),
        ("L-001", 41201, [("B1", ["L-001", "L-002"])]),
    ],
)
def test_it_holds_the_loans_it_may_be_for(named, amount, holds):
    made = report(named, amount)
    assert isinstance(made, UnappliedPayment), made
    assert not Payment.objects.exists()
    assert held() == holds
    assert made.loans == sorted(loan for _, loans in holds for loan in loans)
    for name in ("B1", "B/2", "B3"):
        assert ("cn.hold" in refused(name)) == (name in dict(holds)), name


def test_reported_again_it_is_the_same_and_with_other_content_it_is_refused():
    first = report("nobody")
    assert report("nobody") == first
    again = report("nobody", 5)
    assert isinstance(again, Problem)
    assert again.code == "payment_id_reused"
    assert UnappliedPayment.objects.count() == 1
    assert Event.objects.filter(kind="payment").count() == 1


def test_applied_it_counts_the_case_closes_and_the_holds_end(lead):
    waiting = report("L004", 31234)
    assert Case.objects.get(borrower="B3").held
    made = apply_payment(waiting.pk, "L-004", lead, NOON)
    assert isinstance(made, Payment), made
    waiting.refresh_from_db()
    assert (waiting.state, waiting.applied_to_id, waiting.decided_by) == ("applied", "L-004", lead)
    assert Loan.objects.get(pk="L-004").past_due_amount == 0
    assert Case.objects.get(borrower="B3").closed_on is not None
    assert held() == []
    again = apply_payment(waiting.pk, "L-004", lead, NOON)
    assert isinstance(again, Problem)
    assert Payment.objects.count() == 1


def test_what_cannot_be_applied_waits_on(lead):
    waiting = report("nobody", 31234)
    Payment.objects.create(payment_id="P1", loan_id="L-004", paid_on=PAID, amount=1, received_at=NOON)
    assert isinstance(apply_payment(waiting.pk, "L-004", lead, NOON), Problem)
    assert isinstance(apply_payment(waiting.pk, "none", lead, NOON), Problem)
    waiting.refresh_from_db()
    assert (waiting.state, len(held())) == ("waiting", 1)


def test_refused_with_a_reason_the_holds_end(lead):
    waiting = report("B1", 5)
    assert isinstance(refuse_payment(waiting.pk, lead, NOON, note=" "), Problem)
    made = refuse_payment(waiting.pk, lead, NOON, note="sent back to the bank")
    assert isinstance(made, UnappliedPayment)
    assert (made.state, made.note, held()) == ("refused", "sent back to the bank", [])
    assert not Case.objects.get(borrower="B1").held


def test_a_hold_stays_while_another_payment_needs_it(lead):
    one, two = report("L001", 5, "P1"), report("L/001", 6, "P2")
    assert one.holds == two.holds
    refuse_payment(one.pk, lead, NOON, note="no")
    assert held() == [("B1", ["L-001"])]
    refuse_payment(two.pk, lead, NOON, note="no")
    assert held() == []


def test_its_reversal_takes_it_back():
    waiting = report("nobody", 31234)
    other = report("nobody", 5, "R1", reverses="P1")
    assert isinstance(other, Problem)
    assert other.code == "reverses_nothing" or other.code == "no_such_open_loan"
    made = report("nobody", 31234, "R1", reverses="P1")
    assert (made.pk, made.state, held()) == (waiting.pk, "reversed", [])


def test_a_payment_that_can_never_be_is_no_unapplied_one():
    for loan_id in ("nobody", "L-001"):
        incoming = IncomingPayment("P1", loan_id, date(2199, 3, 11), 41200)
        made = receive_payment(incoming, NOON, actor="key:bank")
        assert isinstance(made, Problem)
        assert made.code == "payment_day_impossible"
    assert not UnappliedPayment.objects.exists()


def test_what_the_book_has_already_is_no_excess(lead, tmp_path):
    assert isinstance(report("L-004", 31234), Payment)
    Payment.objects.all().delete()
    feed_in(tmp_path / "feed-2", **{**FEED, "payments": ["P1,L-004,2026-03-11,312.34,"]})
    publish(*decided(DAY), NOON)
    again = report("L-004", 31234)
    assert isinstance(again, Payment), again
    other = receive_payment(IncomingPayment("P1", "L-004", PAID, 5), NOON, actor="key:bank")
    assert isinstance(other, Problem)
    assert other.code == "payment_id_reused"


def test_ids_of_a_spreadsheet_with_a_tab_behind_them_are_the_loans_own(tmp_path):
    tabbed = {
        "payments": ["P9\t,L-001\u00a0,2026-03-10,412.00,", "\ufeffP9,\u200bL-002\t,2026-03-10,412.00,"],
    }
    feed_in(tmp_path / "tabs", **{**FEED, **tabbed})
    publish(*decided(DAY + timedelta(days=1)), NOON + timedelta(days=1))
    assert set(Loan.objects.filter(past_due_amount=0).values_list("pk", flat=True)) >= {"L-001", "L-002"}
    assert Case.objects.get(borrower="B1").closed_on is not None


def test_a_longer_id_than_the_tables_hold_is_refused_at_the_import_with_its_row(tmp_path):
    long = "X" * 65
    rows = [
        *FEED["loans"],
        f"{long},B4,cash,CNY,800.00,2026-01-01,active",
        f"L-9,{long},cash,CNY,800.00,2026-01-01,active",
    ]
    report = import_feed(
        settings.HOME.book, write(tmp_path / "long", **{**FEED, "loans": rows}), quarantine=settings.HOME.quarantine,
        threads=1, largest_quarantine=1.0,
    )  # fmt: skip
    refused_rows = {row["row"]: row["reason"] for row in quarantined(report)["loans"]}
    assert refused_rows == {
        "5": "loan_id is longer than 64 characters",
        "6": "borrower_id is longer than 64 characters",
    }
    publish(*decided(DAY + timedelta(days=1)), NOON + timedelta(days=1))
