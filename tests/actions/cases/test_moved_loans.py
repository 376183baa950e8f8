"""Goal: a stop belongs to the number and what binds a loan to the loan, under any customer id of the lender's core.

Method: dated stories of a real book through the real import, a night a feed, and the permit gate asked after each.
"""

from datetime import timedelta

import pytest

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.permit_gate import evaluate
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.holds.holds import place_hold
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.requests.requests import Asked, make_request
from forbear.channels.transport import Reply
from forbear.core.facts.contact import PlannedContact
from forbear.publish.publish import publish
from forbear.store import personal_text
from forbear.store.models import (
    Borrower,
    Case,
    Consent,
    Contact,
    ContactPoint,
    Event,
    Hold,
    Loan,
    Promise,
    Request,
)
from tests.actions.cases.test_payments import DAY, FEED, NOON
from tests.home_night import decided, feed_in

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_a_stop_holds_after_the_customer_was_merged_into_another",
    "test_holds_promises_and_requests_go_with_the_loan",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
NUMBER, OTHER = "+8613900000001", "+8613900000002"
TWO_LOANS = {
    "loans": [*FEED["loans"], "L2,B1,cash,CNY,800.00,2026-01-01,active"],
    "instalments": [*FEED["instalments"], "L2,1,2026-02-25,400.00,12.00,0,0"],
}


@pytest.fixture
def night(tmp_path):
    """Import a feed in which these loans are this borrower's, and publish the night after it."""
    nights = iter(range(100))

    def tell(
        owners: dict[str, str],
        numbers: dict[str, str] | None = None,
        feed: dict | None = None,
        consent: str = "true",
    ) -> None:
        number = next(nights)
        feed = FEED | (feed or {})
        loans = [row.replace(",B1,", f",{owners[row.split(',')[0]]},", 1) for row in feed["loans"]]
        people = [
            f"{name},王小明,{(numbers or {}).get(name, NUMBER)},,zh,,Asia/Shanghai,,{consent}"
            for name in sorted(set(owners.values()))
        ]
        feed_in(tmp_path / f"feed-{number}", **{**feed, "loans": loans, "borrowers": people})
        assert publish(*decided(DAY + timedelta(days=number)), NOON + timedelta(days=number)) is not None

    return tell


def says(text: str, sender: str = NUMBER) -> None:
    number = Event.objects.count()
    process_reply(Reply("carrier", f"r{number}", "sms", sender, "1069", text, NOON), NOON)


def refused(name: str, days: int, number: str = "", loan: str = "L1") -> set[str]:
    """The rules that refuse a text about the loan to the borrower's number, so many days after the first noon."""
    borrower = Borrower.objects.get(pk=name)
    points = borrower.points.filter(kind="phone")
    point = points.get(digest=digest_of("phone", number)) if number else points.order_by("-pk").first()
    planned = PlannedContact(
        "sms",
        "collect",
        point.party,
        point.digest,
        (loan,),
        automated=True,
        own_line=True,
        states_identity=True,
    )
    decision, _ = evaluate(borrower, planned, NOON + timedelta(days=days))
    return {refusal.rule for refusal in decision.refusals}


def test_a_stop_holds_after_the_customer_was_merged_into_another(night):
    night({"L1": "CUST-001"})
    assert "cn.opt_out" not in refused("CUST-001", 0)
    says("STOP")
    night({"L1": "CUST-777"})
    assert Loan.objects.get().borrower_id == "CUST-777"
    assert "cn.opt_out" in refused("CUST-777", 1)
    night({"L1": "CUST-777"})
    assert "cn.opt_out" in refused("CUST-777", 2), "and the days after"
    agree("CUST-777", True, NOON + timedelta(days=2), actor="borrower", channel="sms", source="portal")
    assert "cn.opt_out" not in refused("CUST-777", 2), "who has the number may take it back"


def test_a_stop_is_the_numbers_though_no_loan_ever_moved(night):
    night({"L1": "B1"})
    says("TD")
    night({"L1": "B1", "L2": "NEW"}, feed=TWO_LOANS)
    assert "cn.opt_out" in refused("NEW", 1, loan="L2")
    night({"L1": "B1", "L2": "NEW"}, numbers={"NEW": OTHER}, feed=TWO_LOANS)
    assert "cn.opt_out" not in refused("NEW", 2, OTHER, "L2"), "another number never said stop"


def test_a_stop_that_was_taken_back_binds_nobody(night):
    night({"L1": "CUST-001"})
    says("STOP")
    agree(
        "CUST-001", True, NOON + timedelta(hours=1), actor="borrower", channel="sms",
        point=ContactPoint.objects.get().digest, source="reply",
    )  # fmt: skip
    night({"L1": "CUST-777"})
    assert "cn.opt_out" not in refused("CUST-777", 1)
    says("start")
    assert not Consent.objects.filter(borrower="CUST-777", given=True).exclude(source="feed").exists(), (
        "two have it: a person decides"
    )


def test_what_was_opted_out_on_their_page_goes_with_the_person_who_kept_their_number(night):
    night({"L1": "CUST-001"})
    agree("CUST-001", False, NOON, actor="borrower", channel="sms", source="portal")
    night({"L1": "CUST-777"})
    assert "cn.opt_out" in refused("CUST-777", 1)


def test_a_stop_outlives_a_closed_case_and_an_erasure(night):
    night({"L1": "B1"})
    says("STOP")
    paid = {"payments": [*FEED["payments"], "P1,L1,2026-03-10,410.00,"]}
    night({"L1": "B1"}, feed=paid)
    assert not Case.objects.filter(closed_on=None).exists()
    personal_text.erase_personal_text("B1", NOON + timedelta(days=1))
    night({"L1": "B1"})
    assert Case.objects.filter(closed_on=None).exists(), "the payment bounced and the case is open again"
    assert ContactPoint.objects.get().value == NUMBER
    assert "cn.opt_out" in refused("B1", 2)


def test_a_third_persons_stop_holds_whoevers_case_they_are_written_down_in(night):
    night({"L1": "CUST-001"})
    friend = ContactPoint.objects.create(
        borrower_id="CUST-001",
        kind="phone",
        value=OTHER,
        digest=digest_of("phone", OTHER),
        party="unrelated",
        lawful=True,
    )
    ContactPoint.objects.filter(pk=friend.pk).update(stopped_at=NOON)
    night({"L1": "CUST-777"})
    ContactPoint.objects.create(
        borrower_id="CUST-777",
        kind="phone",
        value=OTHER,
        digest=digest_of("phone", OTHER),
        party="unrelated",
        lawful=True,
    )
    assert "cn.third_stopped" in refused("CUST-777", 1, OTHER)


def test_holds_promises_and_requests_go_with_the_loan(night):
    night({"L1": "CUST-001"})
    promise = record_promise(Offered("CUST-001", ("L1",), 41000, DAY + timedelta(days=5)), NOON, actor="test")
    assert isinstance(promise, Promise), promise
    request = make_request(Asked("CUST-001", "dispute", "Not mine", loans=("L1",)), NOON, actor="borrower")
    assert isinstance(request, Request), request
    place_hold("CUST-001", "lawyer", NOON, actor="test", reason="silent", source="desk")
    night({"L1": "CUST-777"})
    promise.refresh_from_db()
    request.refresh_from_db()
    assert (promise.borrower_id, request.borrower_id) == ("CUST-777", "CUST-777")
    running = Hold.objects.filter(borrower="CUST-777", lifted_at=None)
    assert {"dispute", "lawyer", "promise"} <= set(running.values_list("kind", flat=True))
    assert running.get(kind="lawyer").reason == "silent"
    assert not running.filter(kind="other").exists(), "all of it went along, so nobody has to look"
    assert Event.objects.filter(kind="note", borrower="CUST-001").exists()
    assert not Contact.objects.filter(borrower="CUST-001", state="waiting", purpose="collect").exists()
    assert "cn.dispute" in refused("CUST-777", 1)


def test_a_loan_that_goes_to_somebody_without_a_number_in_common_waits_for_a_person(night):
    night({"L1": "B1"})
    night({"L1": "B2"}, numbers={"B2": OTHER})
    hold = Hold.objects.get(borrower="B2", lifted_at=None)
    assert (hold.kind, hold.loans, hold.source) == ("other", ["L1"], "loan_moved")
    assert "cn.hold" in refused("B2", 1)


def test_a_loan_whose_promise_is_about_another_too_waits_for_a_person(night):
    both = {"L1": "B1", "L2": "B1"}
    night(both, feed=TWO_LOANS)
    promise = record_promise(Offered("B1", ("L1", "L2"), 50000, DAY + timedelta(days=5)), NOON, actor="test")
    assert isinstance(promise, Promise), promise
    night({"L1": "B1", "L2": "B2"}, feed=TWO_LOANS)
    promise.refresh_from_db()
    assert promise.borrower_id == "B1"
    kinds = set(Hold.objects.filter(borrower="B2", lifted_at=None).values_list("kind", flat=True))
    assert kinds == {"other", "promise"}
    assert set(Hold.objects.filter(borrower="B1", lifted_at=None).values_list("kind", flat=True)) == {
        "promise"
    }
