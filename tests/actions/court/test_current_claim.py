"""Goal: who has paid all that was late is not sued for what is not due yet; who bounces, or was called in, still is.

Method: one loan through the real import and night, a lawsuit on it, and the days that follow.
"""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.court.lawsuits import Moved, move_lawsuit, propose_lawsuit, sign_lawsuit, stop_due
from forbear.actions.court.letter_before_claim import send_letter_before_claim
from forbear.actions.court.papers import make_bundle
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.publish.publish import publish
from forbear.store.evidence_check import check
from forbear.store.models import Contact, ContactPoint, Event, Lawsuit, Staff
from tests.chinese import in_chinese
from tests.factories.desk import house_rules
from tests.home_night import decided, feed_in

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
#: Half of it was due in August 2025 and is 200 days late; the other half is due in August 2026.
FEED = {
    "loans": ["L1,B1,cash,CNY,20000.00,2025-02-01,active"],
    "instalments": ["L1,1,2025-08-22,10000.00,0,0,0", "L1,2,2026-08-22,10000.00,0,0,0"],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,,true"],
}
ARREARS = 1_000_000


def noon(day: int) -> datetime:
    """Noon in Shanghai on a day of March 2026; the 32nd is the first of April."""
    return datetime(2026, 3, 1, 4, 0, tzinfo=UTC) + timedelta(days=day - 1)


def take_in(folder, day: int, **more: list[str]) -> None:
    """A feed, and its night of the day before brought to the desk."""
    feed_in(folder, **FEED | more)
    publish(*decided(noon(day - 1).date()), noon(day))


@pytest.fixture
def legal(tmp_path):
    """A lawsuit was proposed and signed on the tenth of March; the letter before claim waits to leave."""
    house_rules("pack: house\nrules: []\n")
    take_in(tmp_path / "feed", 10)
    point = {"kind": "address", "value": "示例街道 12 号", "digest": digest_of("address", "示例街道 12 号")}
    ContactPoint.objects.create(borrower_id="B1", lawful=True, **point)
    made = make_staff("fang", "a-long-passphrase-1", "legal", "J1", noon(10), actor="test")
    officer = make_staff("he", "a-long-passphrase-1", "compliance", "C1", noon(10), actor="test")
    lawsuit = propose_lawsuit("B1", made, noon(10))
    assert isinstance(lawsuit, Lawsuit), lawsuit
    assert isinstance(sign_lawsuit(lawsuit.pk, True, officer, noon(10)), Lawsuit)
    return made


def pay(payment: str, amount: int, day: int, reverses: str = "") -> None:
    made = record_payment(
        IncomingPayment(payment, "L1", noon(day).date(), amount, reverses), noon(day), actor="bank"
    )
    assert not isinstance(made, Problem), made


def step(to: str, staff: Staff, day: int, **more: object) -> Lawsuit | Problem:
    return move_lawsuit(Lawsuit.objects.get().pk, Moved(to, noon(day).date(), **more), staff, noon(day))


def test_what_was_paid_is_not_asked_for(legal, tmp_path):
    """Only what is due is claimed; a bundle made before a payment can't be filed, one made after it can."""
    lawsuit = Lawsuit.objects.get()
    assert lawsuit.claimed == ARREARS
    bundle = {"actor": "staff:J1", "named": {}}
    assert isinstance(make_bundle(lawsuit.pk, noon(10), **bundle), Lawsuit)
    assert isinstance(step("demanded", legal, 10), Lawsuit)
    pay("P1", 400_000, 11)
    stop_due(noon(11))
    assert Lawsuit.objects.get().claimed == ARREARS - 400_000
    assert "make the bundle again" in str(step("filed", legal, 25, court="示例市法院"))
    made = make_bundle(lawsuit.pk, noon(25), **bundle)
    assert (made.claimed, made.fee) == (600_000, 1_667)
    assert isinstance(step("filed", legal, 25, court="示例市法院"), Lawsuit)
    pay("P2", 100_000, 25)
    stop_due(noon(25))
    assert Lawsuit.objects.get().claimed == 600_000, "what was filed stays as it was filed"
    assert check(noon(26)) == []


def decide_by() -> date | None:
    return (
        Lawsuit.objects.get()
        .deadlines.filter(kind="current", over_at=None)
        .values_list("due_on", flat=True)
        .first()
    )


def test_arrears_paid_before_filing_wait_for_a_decision_and_then_stop_the_suit(legal):
    lawsuit = Lawsuit.objects.get()
    letter = send_letter_before_claim(lawsuit.pk, legal, noon(11))
    assert isinstance(letter, Contact), letter
    assert stop_due(noon(11)) == 0
    pay("P1", ARREARS, 12)
    assert (stop_due(noon(12)), stop_due(noon(12))) == (0, 0)
    assert decide_by() == date(2026, 3, 19)
    letter.refresh_from_db()
    assert letter.state == "cancelled", "nobody is threatened with what doesn't come"
    for answer in (
        send_letter_before_claim(lawsuit.pk, legal, noon(13)),
        propose_lawsuit("B1", legal, noon(13)),
    ):
        assert isinstance(answer, Problem)
    assert "What was late is paid, and the rest is not due yet" in str(
        send_letter_before_claim(lawsuit.pk, legal, noon(13))
    )
    assert "其余分期尚未到期" in in_chinese(send_letter_before_claim(lawsuit.pk, legal, noon(13)))
    assert isinstance(step("demanded", legal, 14), Lawsuit), "one that went by hand can be noted"
    assert decide_by() == date(2026, 3, 19), "no step puts the decision off"
    assert stop_due(noon(19)) == 0, "the whole day is left"
    assert stop_due(noon(20)) == 1
    lawsuit.refresh_from_db()
    assert (lawsuit.state, lawsuit.ended_reason_code, decide_by()) == ("ended", "current", None)
    told = [json.loads(event.line)["body"] for event in Event.objects.filter(kind="legal").order_by("id")]
    assert [each.get("what", each["state"]) for each in told] == [
        "proposed", "signed", "letter before claim", "nothing is late any more", "demanded", "ended",
    ]  # fmt: skip
    assert check(noon(20)) == []


def test_what_was_demanded_in_time_is_not_filed_once_the_arrears_are_paid(legal):
    step("demanded", legal, 11)
    pay("P1", ARREARS, 20)
    assert "the rest is not due yet" in str(step("filed", legal, 27, court="X"))
    assert isinstance(step("ended", legal, 27, ending="current"), Lawsuit)
    assert (Lawsuit.objects.get().state, Lawsuit.objects.get().ended_reason_code) == ("ended", "current")


def test_a_payment_that_bounces_lets_it_go_on(legal):
    pay("P1", ARREARS, 12)
    stop_due(noon(12))
    pay("R1", ARREARS, 14, reverses="P1")
    assert stop_due(noon(14)) == 0
    assert decide_by() is None
    assert isinstance(send_letter_before_claim(Lawsuit.objects.get().pk, legal, noon(14)), Contact)
    assert stop_due(noon(30)) == 0
    assert Lawsuit.objects.get().state == "signed"
    # paid again, the time to decide begins anew
    pay("P2", ARREARS, 31)
    stop_due(noon(31))
    assert decide_by() == date(2026, 4, 7)


def test_a_loan_that_the_lender_called_in_is_sued_on_though_the_old_arrears_are_paid(legal, tmp_path):
    called_in = ["L1,1,2025-08-22,10000.00,0,0,0", "L1,2,2026-03-11,10000.00,0,0,0"]
    take_in(tmp_path / "called-in", 12, instalments=called_in)
    pay("P1", ARREARS, 13)
    assert stop_due(noon(13)) == 0
    assert decide_by() is None
    step("demanded", legal, 13)
    assert isinstance(step("filed", legal, 28, court="X"), Lawsuit)


def test_what_is_at_court_is_withdrawn_there_and_what_is_decided_stands(legal):
    step("demanded", legal, 11)
    assert isinstance(step("filed", legal, 26, court="X"), Lawsuit)
    pay("P1", ARREARS, 27)
    assert stop_due(noon(27)) == 0
    step("served", legal, 28)
    assert decide_by() == date(2026, 4, 3)
    # the court was quicker: the order came into force, and what it says is owed
    step("in_force", legal, 29)
    assert (stop_due(noon(40)), decide_by()) == (0, None)
    Lawsuit.objects.update(state="served")
    stop_due(noon(40))
    assert stop_due(noon(48)) == 1
    lawsuit = Lawsuit.objects.get()
    assert (lawsuit.state, lawsuit.ended_reason_code, lawsuit.ended_at) == ("withdrawing", "current", None)
    assert lawsuit.deadlines.get(over_at=None).kind == "withdraw"
