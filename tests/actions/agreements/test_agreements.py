"""Goal: what is agreed stops the chase at once, payments alone keep or break it, and nobody signs for themselves."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

import forbear.actions.agreements.promises as take_promise_module
from forbear.actions.agreements.evaluation import evaluate_agreements, evaluate_due_agreements
from forbear.actions.agreements.plans import (
    Proposed,
    end_plan,
    evaluate_plans,
    plan_offers,
    propose_plan,
    sign_plan,
)
from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.agreements.settlements import (
    SettlementWanted,
    end_settlement,
    evaluate_settlements,
    propose_settlement,
    sign_settlement,
)
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.agreements.answers import Granted
from forbear.core.agreements.complaint import ComplaintFinding
from forbear.core.agreements.plan import Budget, spread
from forbear.core.base.problem import Problem
from forbear.core.facts.borrower import Borrower as BookBorrower
from forbear.core.loans.loan import Loan as Book
from forbear.core.loans.loan import Payment as BookPayment
from forbear.core.loans.products import Products
from forbear.interchange.book.read import BorrowerRecord
from forbear.store.models import (
    Contact,
    Conversation,
    Event,
    Hold,
    Loan,
    Payment,
    Plan,
    Promise,
    Request,
    Settlement,
    Staff,
)
from tests.factories.desk import NOON, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)
FIRST = date(2026, 4, 9)


@pytest.fixture
def borrower():
    house_rules()
    return make_borrower()


def person(role: str, number: str) -> Staff:
    return Staff.objects.create_user(username=number, password="x", role=role, number=number)


def pay(name: str, amount: int, on: date, reverses: str = "") -> None:
    loan = Loan.objects.get(pk="B1-L1")
    Payment.objects.create(
        payment_id=name, loan=loan, paid_on=on, amount=amount, reverses=reverses, received_at=NOON
    )


def plan_of(months: int = 4, **more: object) -> Proposed:
    return Proposed("B1", ("B1-L1",), tuple(spread(41_200, months, FIRST)), **more)


def running(borrower, kind: str) -> bool:
    return Hold.objects.filter(borrower=borrower, kind=kind, lifted_at=None).exists()


def test_a_plan_agreed_stops_what_waits_and_is_evidence(borrower):
    contact = wished(borrower)
    plan = propose_plan(plan_of(), NOON, actor="borrower")
    assert (plan.state, plan.agreed_on, plan.proposed_by) == ("active", TODAY, None)
    assert Contact.objects.get(pk=contact.pk).state == "cancelled"
    assert plan.hold.ends_at.date() == date(2026, 7, 14)
    assert plan.terms["owed"].keys() == {"principal", "interest", "fee", "penalty"}
    assert Event.objects.filter(kind="plan").count() == 1


def test_what_is_offered_can_be_agreed(borrower):
    offered = plan_offers("B1", Budget(income=500_000, housing=200_000, living=250_000), NOON)
    assert [len(lines) for lines in offered] == [2, 6]
    for lines in offered:
        made = propose_plan(Proposed("B1", ("B1-L1",), tuple(lines)), NOON, actor="borrower")
        assert isinstance(made, Plan)
        end_plan(made.pk, NOON, actor="test", note="the next one")


def test_a_long_plan_waits_for_another_person(borrower):
    collector, lead = person("collector", "F1"), person("lead", "F2")
    plan = propose_plan(plan_of(8), NOON, actor="staff:F1", staff=collector)
    assert plan.state == "active"
    end_plan(plan.pk, NOON, actor="test", note="too short")
    Loan.objects.update(past_due_amount=130_000)
    wanted = Proposed("B1", ("B1-L1",), tuple(spread(130_000, 13, FIRST)))
    plan = propose_plan(wanted, NOON, actor="staff:F1", staff=collector)
    assert plan.state == "proposed"
    assert running(borrower, "plan")
    assert isinstance(sign_plan(plan.pk, collector, NOON), Problem)
    signed = sign_plan(plan.pk, lead, NOON)
    assert (signed.state, signed.signed_by, signed.agreed_on) == ("active", lead, TODAY)
    assert isinstance(sign_plan(plan.pk, lead, NOON), Problem)
    assert signed.hold.ends_at.year == 2027


@pytest.mark.parametrize("ran", ["plan", "promise"])
@pytest.mark.parametrize("answer", ["declined", "signed", "asked again, then signed"])
def test_what_ran_goes_on_until_the_plan_in_its_place_is_signed(borrower, ran, answer):
    Loan.objects.update(past_due_amount=130_000)
    if ran == "plan":
        was = propose_plan(
            Proposed("B1", ("B1-L1",), tuple(spread(130_000, 6, FIRST))), NOON, actor="borrower"
        )
        goes_on, over = "active", "ended"
    else:
        was = record_promise(
            Offered("B1", ("B1-L1",), 130_000, TODAY + timedelta(days=5)), NOON, actor="borrower"
        )
        goes_on, over = "open", "cancelled"

    def asked(months: int) -> Plan:
        lines = tuple(spread(130_000, months, FIRST))
        made = propose_plan(Proposed("B1", ("B1-L1",), lines, replaces=True), NOON, actor="borrower")
        assert isinstance(made, Plan), made
        assert made.state == "proposed"
        was.refresh_from_db()
        assert was.state == goes_on, "the longer one is only asked for"
        return made

    first = asked(13)
    made = asked(14) if answer.startswith("asked again") else first
    if made != first:
        first.refresh_from_db()
        assert first.state == "ended", "of two that wait the later one is meant"
    if answer == "declined":
        end_plan(made.pk, NOON, actor="test", note="too long for this amount")
    else:
        assert sign_plan(made.pk, person("lead", "F2"), NOON).state == "active"
    was.refresh_from_db()
    assert was.state == (goes_on if answer == "declined" else over)
    assert running(borrower, ran) == (answer == "declined" or ran == "plan")
    assert Plan.objects.filter(state="active").count() == (answer != "declined" or ran == "plan")
    kept = Hold.objects.filter(borrower=borrower, lifted_at=None).get()
    assert kept == (was.hold if answer == "declined" else Plan.objects.get(pk=made.pk).hold)


def test_a_declined_plan_lets_the_chase_go_on_and_says_why(borrower):
    plan = propose_plan(plan_of(), NOON, actor="borrower")
    assert isinstance(end_plan(plan.pk, NOON, actor="test", note=" "), Problem)
    assert end_plan(plan.pk, NOON, actor="test", note="the borrower asked for another").state == "ended"
    assert not running(borrower, "plan")


def test_payments_keep_a_plan_and_a_bounce_reopens_it(borrower):
    plan = propose_plan(plan_of(), NOON, actor="borrower")
    pay("P0", 99_999, TODAY - timedelta(days=1))
    pay("P1", 41_200, TODAY + timedelta(days=1))
    evaluate_plans(borrower, NOON, actor="test")
    plan.refresh_from_db()
    assert (plan.state, plan.paid) == ("kept", 41_200)
    assert not running(borrower, "plan")
    pay("P2", 41_200, TODAY + timedelta(days=2), reverses="P1")
    assert evaluate_plans(borrower, NOON, actor="test") == 1
    plan.refresh_from_db()
    assert (plan.state, plan.paid) == ("active", 0)
    assert running(borrower, "plan")


def test_time_breaks_a_plan_only_after_two_missed_instalments(borrower):
    plan = propose_plan(plan_of(), NOON, actor="borrower")
    for days, state in ((36, "active"), (66, "broken")):
        evaluate_due_agreements(NOON + timedelta(days=days))
        plan.refresh_from_db()
        assert plan.state == state
    assert not running(borrower, "plan")


def test_time_alone_breaks_a_promise(borrower):
    record_promise(Offered("B1", ("B1-L1",), 41_200, TODAY + timedelta(days=3)), NOON, actor="borrower")
    assert evaluate_due_agreements(NOON + timedelta(days=4)) == 0
    assert evaluate_due_agreements(NOON + timedelta(days=5)) == 1
    assert Promise.objects.get().state == "broken"
    assert not running(borrower, "promise")
    assert evaluate_due_agreements(NOON + timedelta(days=6)) == 0


def test_a_plan_and_a_promise_never_stand_side_by_side(borrower):
    offered = Offered("B1", ("B1-L1",), 41_200, TODAY + timedelta(days=3))
    plan = propose_plan(plan_of(), NOON, actor="borrower")
    assert isinstance(record_promise(offered, NOON, actor="borrower"), list)
    end_plan(plan.pk, NOON, actor="test", note="a promise instead")
    assert isinstance(record_promise(offered, NOON, actor="borrower"), Promise)
    assert isinstance(propose_plan(plan_of(), NOON, actor="borrower"), list)


@pytest.mark.parametrize(
    "wanted",
    [
        Proposed("B1", ("B2-L1",), tuple(spread(41_200, 4, FIRST))),
        Proposed("B1", (), tuple(spread(41_200, 4, FIRST))),
        Proposed("B1", ("B1-L1",), tuple(spread(41_199, 4, FIRST))),
        Proposed("nobody", ("B1-L1",), tuple(spread(41_200, 4, FIRST))),
        plan_of(budget=Budget(income=1_000)),
    ],
)
def test_a_plan_that_may_not_be_is_told_and_nothing_is_written(borrower, wanted):
    assert isinstance(propose_plan(wanted, NOON, actor="borrower"), list)
    assert not Plan.objects.exists()
    assert not Hold.objects.exists()


def settlement(amount: int) -> SettlementWanted:
    return SettlementWanted("B1", ("B1-L1",), amount, TODAY + timedelta(days=14))


def test_a_settlement_above_ones_authority_is_signed_by_somebody_with_more(borrower):
    Loan.objects.update(days_past_due=90)
    collector, lead, manager = person("collector", "F1"), person("lead", "F2"), person("manager", "F3")
    made = propose_settlement(settlement(200_000), collector, NOON)
    assert (made.state, made.hold) == ("proposed", None)
    for refused in (collector, lead):
        assert isinstance(sign_settlement(made.pk, refused, NOON), Problem)
    assert sign_settlement(made.pk, manager, NOON).state == "offered"
    assert running(borrower, "promise")
    pay("P1", 200_000, TODAY + timedelta(days=14))
    evaluate_settlements(borrower, NOON, actor="test")
    assert Settlement.objects.get().state == "kept"
    pay("P2", 200_000, TODAY + timedelta(days=15), reverses="P1")
    evaluate_settlements(borrower, NOON + timedelta(days=20), actor="test")
    assert Settlement.objects.get().state == "lapsed"


def test_a_plan_of_what_was_settled_ends_and_is_never_broken(borrower):
    Loan.objects.update(days_past_due=90, past_due_amount=200_000)
    lines = tuple(spread(200_000, 4, FIRST))
    plan = propose_plan(Proposed("B1", ("B1-L1",), lines), NOON, actor="borrower")
    made = propose_settlement(settlement(190_000), person("manager", "M1"), NOON)
    pay("p1", 190_000, TODAY + timedelta(days=1))
    evaluate_agreements(borrower, NOON + timedelta(days=1), actor="test")
    assert Settlement.objects.get(pk=made.pk).state == "kept"
    evaluate_agreements(borrower, NOON + timedelta(days=200), actor="test")
    plan.refresh_from_db()
    assert (plan.state, plan.ended_on) == ("ended", TODAY + timedelta(days=1))
    assert not running(borrower, "plan")
    last = Event.objects.filter(kind="plan").order_by("number").last()
    assert json.loads(last.line)["body"]["reason"] == {"code": "settlement", "params": {"state": "kept"}}


def test_a_settlement_below_the_floor_is_refused_and_one_withdrawn_frees(borrower):
    Loan.objects.update(days_past_due=90)
    lead = person("lead", "F2")
    assert isinstance(propose_settlement(settlement(149_999), lead, NOON), list)
    made = propose_settlement(settlement(290_000), lead, NOON)
    assert made.state == "offered"
    assert isinstance(propose_settlement(settlement(290_000), lead, NOON), list)
    assert end_settlement(made.pk, lead, NOON, "withdrawn").state == "cancelled"
    assert not running(borrower, "promise")


def test_a_request_has_a_number_a_clock_and_a_hold_at_once(borrower):
    contact = wished(borrower)
    request = make_request(Asked("B1", "dispute", "这笔费用不对", line="B1-L1:3"), NOON, actor="borrower")
    assert (request.number[0], len(request.number), request.due_on) == ("R", 10, TODAY + timedelta(days=15))
    assert Contact.objects.get(pk=contact.pk).state == "cancelled"
    again = make_request(Asked("B1", "dispute", "还有这里", line="B1-L1:3"), NOON, actor="borrower")
    assert again.pk == request.pk
    assert again.words == "这笔费用不对\n\n还有这里"
    assert Request.objects.count() == 1


def test_an_answer_lifts_the_hold_and_is_given_once(borrower):
    staff = person("compliance", "F1")
    request = make_request(Asked("B1", "hardship", "失业"), NOON, actor="borrower")
    assert running(borrower, "hardship")
    assert isinstance(answer_request(request.number, Answered("done", "好"), staff, NOON), Problem)
    assert isinstance(answer_request(request.number, Answered("deferred", " "), staff, NOON), Problem)
    assert isinstance(answer_request(request.number, Answered("deferred", "暂停三个月"), staff, NOON), list)
    assert running(borrower, "hardship")
    answer = Answered("deferred", "暂停三个月", granted=Granted(until=TODAY + timedelta(days=90)))
    assert answer_request(request.number, answer, staff, NOON).state == "answered"
    assert not running(borrower, "hardship")
    assert running(borrower, "forbearance")
    assert isinstance(answer_request(request.number, answer, staff, NOON), Problem)


def test_a_complaint_is_not_answered_by_whom_it_is_about(borrower):
    collector, lead = person("collector", "F1"), person("lead", "F2")
    Conversation.objects.create(borrower=borrower, staff=collector, at=NOON, result="will_pay")
    request = make_request(Asked("B1", "complaint", "态度不好"), NOON, actor="borrower")
    sorry = Answered("upheld", "抱歉", finding=ComplaintFinding("conduct", "person", "apology"))
    assert isinstance(answer_request(request.number, sorry, collector, NOON), Problem)
    assert answer_request(request.number, sorry, lead, NOON).outcome == "upheld"


@pytest.mark.parametrize(
    "asked",
    [
        Asked("B1", "wish"),
        Asked("nobody", "complaint"),
        Asked("B1", "dispute", loans=("B2-L1",)),
        Asked("B1", "complaint", "长" * 4001),
    ],
)
def test_what_can_not_be_asked_is_told(borrower, asked):
    assert isinstance(make_request(asked, NOON, actor="borrower"), Problem)
    assert not Request.objects.exists()


def test_a_payment_that_only_the_feed_brought_keeps_a_promise(borrower, monkeypatch):
    """What no program told by day comes with the night's book, and late: the broken promise was kept."""
    book = Book("B1-L1", "B1", "cash", "CNY", 500_000, date(2026, 1, 1), "active", (), ())
    record = BorrowerRecord(BookBorrower("B1"), (book,), False, 0)
    monkeypatch.setattr(take_promise_module, "ledger_of", lambda name: (record, Products()))
    record_promise(Offered("B1", ("B1-L1",), 41_200, TODAY + timedelta(days=3)), NOON, actor="borrower")
    assert evaluate_due_agreements(NOON + timedelta(days=6)) == 1
    assert Promise.objects.get().state == "broken"
    paid = BookPayment("F1", TODAY + timedelta(days=2), 41_200, "")
    record = replace(record, loans=(replace(book, payments=(paid,)),))
    assert evaluate_due_agreements(NOON + timedelta(days=7)) == 0
    assert evaluate_due_agreements(NOON + timedelta(days=7), news=True) == 1
    assert Promise.objects.get().state == "kept"
    back = BookPayment("F2", TODAY + timedelta(days=8), 41_200, "F1")
    record = replace(record, loans=(replace(book, payments=(paid, back)),))
    assert evaluate_due_agreements(NOON + timedelta(days=9), news=True) == 1
    assert Promise.objects.get().state == "broken"
