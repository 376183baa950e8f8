"""Goal: a collector works out a plan with the borrower, a lead signs what is above the limit, requests are answered."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from forbear.store.models import Borrower, Hold, Loan, Plan, Request, Settlement, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
BUDGET = {"income": "6,000", "housing": "2000", "living": "2500", "dependants": "", "other_debts": "0"}


@pytest.fixture
def floor(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    make_borrower()
    Loan.objects.update(past_due_amount=1_000_000, days_past_due=90)


def signed_in(role: str, number: str) -> Client:
    person = Staff.objects.create_user(username=number, password="x", role=role, number=number)
    return browser_of(person)


def test_a_lead_signs_a_plan_that_a_collector_proposed(floor):
    collector, lead = signed_in("collector", "F1"), signed_in("lead", "F2")
    text = shown(
        collector, "/desk/case/B1/plan?" + "&".join(f"{name}={value}" for name, value in BUDGET.items())
    )
    assert "CNY 1,500.00" in text  # what is left in a month
    answer = collector.post("/desk/case/B1/plan/take", {**BUDGET, "months": "24"}, follow=True)
    assert "Plan submitted for approval." in answer.content.decode()
    plan = Plan.objects.get()
    assert (plan.state, len(plan.lines), plan.budget["income"]) == ("proposed", 24, 600_000)
    assert collector.get("/desk/approvals").status_code == 404
    assert "B1" in shown(lead, "/desk/approvals")
    lead.post(f"/desk/approvals/plan/{plan.pk}")
    plan.refresh_from_db()
    assert (plan.state, plan.signed_by.number) == ("active", "F2")
    assert "Nothing to approve." in shown(lead, "/desk/approvals")


def test_ones_own_plan_can_not_be_signed(floor):
    lead = signed_in("lead", "F2")
    lead.post("/desk/case/B1/plan/take", {**BUDGET, "months": "24"})
    plan = Plan.objects.get()
    assert "You proposed it. A second person approves it." in shown(lead, "/desk/approvals")
    lead.post(f"/desk/approvals/plan/{plan.pk}")
    plan.refresh_from_db()
    assert plan.state == "proposed"


def test_a_lead_declines_with_words(floor):
    collector, lead = signed_in("collector", "F1"), signed_in("lead", "F2")
    collector.post("/desk/case/B1/plan/take", {**BUDGET, "months": "24"})
    plan = Plan.objects.get()
    lead.post(f"/desk/approvals/plan/{plan.pk}", {"decline": "1", "note": ""})
    plan.refresh_from_db()
    assert plan.state == "proposed"
    lead.post(f"/desk/approvals/plan/{plan.pk}", {"decline": "1", "note": "too long"})
    plan.refresh_from_db()
    assert (plan.state, plan.reason_note) == ("ended", "too long")
    assert not Hold.objects.filter(kind="plan", lifted_at=None).exists()


@pytest.mark.parametrize(
    "form",
    [
        {**BUDGET, "months": "7"},
        {**BUDGET, "months": ""},
        {**BUDGET, "income": "x", "months": "24"},
        {**BUDGET, "income": "-5", "months": "24"},
        {"months": "24"},
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(floor, form):
    collector = signed_in("collector", "F1")
    answer = collector.post("/desk/case/B1/plan/take", form, follow=True)
    assert "message error" in answer.content.decode()
    assert not Plan.objects.exists()


def test_who_can_afford_nothing_is_offered_help(floor):
    collector = signed_in("collector", "F1")
    assert "No" not in shown(collector, "/desk/case/B1/plan").split("Repayment plan")[0]
    text = shown(collector, "/desk/case/B1/plan?income=1000&housing=1000")
    assert "Request hardship help" in text
    collector.post("/desk/case/B1/ask", {"kind": "hardship"})
    assert Hold.objects.filter(kind="hardship", lifted_at=None).exists()


def test_a_settlement_goes_through_the_authorities(floor):
    Loan.objects.update(outstanding=1_000_000, payoff=1_000_000, balance=800_000)
    collector, manager = signed_in("collector", "F1"), signed_in("manager", "F3")
    by = (NOON + timedelta(days=14)).date().isoformat()
    for amount in ("", "abc", "1000.00"):  # nothing, no number, below the floor
        collector.post("/desk/case/B1/settle", {"amount": amount, "by": by})
        assert not Settlement.objects.exists()
    collector.post("/desk/case/B1/settle", {"amount": "7,000.00", "by": by})
    made = Settlement.objects.get()
    assert made.state == "proposed"
    manager.post(f"/desk/approvals/settlement/{made.pk}")
    made.refresh_from_db()
    assert made.state == "offered"
    assert manager.post(f"/desk/approvals/other/{made.pk}").status_code == 404


def test_a_request_is_written_down_listed_and_answered(floor):
    collector, officer = signed_in("collector", "F1"), signed_in("compliance", "F4")
    told = collector.post("/desk/case/B1/ask", {"kind": "complaint", "words": "打得太多"}, follow=True)
    request = Request.objects.get()
    assert request.number in told.content.decode()
    assert request.number in shown(officer, "/desk/requests")
    assert request.number not in shown(officer, "/desk/requests?kind=hardship")
    path = f"/desk/requests/{request.number}"
    assert "打得太多" in shown(officer, path)
    officer.post(path, {"outcome": "upheld", "words": ""})
    assert Request.objects.get().state == "open"
    officer.post(path, {"outcome": "upheld", "words": "We are sorry."})
    assert Request.objects.get().state == "open"  # without category, cause and redress
    found = {"category": "frequency", "root_cause": "process", "redress": "apology"}
    officer.post(path, {"outcome": "upheld", "words": "We are sorry.", **found})
    assert Request.objects.get().outcome == "upheld"
    assert request.number in shown(officer, "/desk/requests?state=answered")
    assert collector.get(path).status_code == 404


def test_overdue_comes_first_and_the_list_costs_the_same_for_twenty(floor, django_assert_max_num_queries):
    officer, borrower = signed_in("compliance", "F4"), Borrower.objects.get()
    for number in range(20):
        Request.objects.create(
            number=f"R{number}", borrower=borrower, kind="other", source="desk", opened_at=NOON,
            due_on=(NOON + timedelta(days=10 - number)).date(), line=str(number),
        )  # fmt: skip
    # one of them counts what waits, for the menu
    with django_assert_max_num_queries(9):
        text = shown(officer, "/desk/requests")
    assert text.index("R19") < text.index("R0")
    assert text.count("Overdue") == 9 + 2  # and the tile and the filter
    assert re.sub(r"\s+", " ", text).count("20 To be answered") == 1
    late = shown(officer, "/desk/requests?state=overdue")
    assert "R19" in late
    assert "R1<" not in late.replace(" ", "<")
    assert re.search(r"9\s*Overdue answers", shown(officer, "/desk/refusals"))
