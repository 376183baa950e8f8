"""Goal: nobody is asked to pay a loan that was sold, settled or paid off, by gate, message or interface.

Method: each way in which a loan ends here, asked of the gate and of the words as they would leave; beside it one loan
that is owed, so that only what is over is left out.
"""

from datetime import timedelta

import pytest
from django.test import Client

from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.permit_gate import preview
from forbear.actions.webhooks.api_keys import make_key
from forbear.core.base.problem import Problem
from forbear.core.permits.built_in import NOTHING_OWED
from forbear.store.models import Agency, Instruction, Loan, Placement
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def sold() -> None:
    Loan.objects.filter(pk="B1-L1").update(sold_at=NOON - timedelta(days=1))


def settled() -> None:
    Instruction.objects.create(
        number="I1", borrower_id="B1", loan_id="B1-L1", kind="settled", currency="CNY", minor_unit=100,
        granted_on=NOON.date(), made_at=NOON, changed_at=NOON, state="open",
    )  # fmt: skip


def paid_off() -> None:
    Loan.objects.filter(pk="B1-L1").update(outstanding=0, payoff=0, balance=0)


OVER = {"sold": "loan_sold", "settled": "loan_settled", "paid_off": "loan_paid_off"}


@pytest.fixture(params=OVER)
def over(request):
    house_rules("pack: house\nrules: []\n")
    borrower = make_borrower()
    contact = wished(borrower)
    globals()[request.param]()
    return borrower, contact, OVER[request.param]


@pytest.mark.postgresql
def test_the_gate_and_the_words_refuse(over):
    borrower, contact, code = over
    for purpose, expected in (("collect", True), ("remind", True), ("notice", False), ("answer", False)):
        (decision,) = preview("B1", [wish_for(borrower, purpose=purpose)], NOON)
        assert (NOTHING_OWED in [one.rule for one in decision.refusals]) is expected, purpose
    made = compose(contact, borrower, NOON)
    assert isinstance(made, Problem)
    assert made.code == code


def test_another_loan_is_asked_for_and_alone(over):
    borrower, contact, _ = over
    Loan.objects.create(
        loan_id="B1-L2", borrower=borrower, product="cash", currency="CNY", minor_unit=100, principal=90_000,
        days_past_due=3, past_due_amount=7_700, outstanding=50_000, payoff=48_000, balance=40_300, as_of=NOON.date(),
        oldest_unpaid_due_on=NOON.date() - timedelta(days=3),
    )  # fmt: skip
    contact.loans, contact.template = ["B1-L1", "B1-L2"], "overdue_reminder"
    contact.save()
    body = compose(contact, borrower, NOON).body
    assert "77.00 元" in body
    assert "489.00" not in body, "412.00 of the loan that is over is not in the sum"


def test_an_agencys_program_is_told_of_nothing_to_collect(over, monkeypatch):
    agency = Agency.objects.create(code="hx", name_zh="华信", name_en="Huaxin", contracted=True)
    Placement.objects.create(agency=agency, borrower_id="B1", loans=["B1-L1"], currency="CNY", placed_at=NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    _, secret = make_key("x", ["placements:read"], NOON, "hx", actor="test")
    answer = Client().get("/api/v1/placements", headers={"Authorization": f"Bearer {secret}"})
    (placement,) = answer.json()["placements"]
    assert (placement["past_due"], placement["outstanding"], placement["days_past_due"]) == (0, 0, 0)
