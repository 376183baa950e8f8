"""Goal: a second person finds all that waits for them in one place, with who proposed it."""

import pytest

from forbear.store.models import AccountChange, Hold, Staff, StrategyVersion, Visit, WriteOff
from tests.factories.desk import NOON
from tests.web.pages import browser_of, shown
from tests.web.test_access import borrower as borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def person(name: str, role: str, number: str) -> Staff:
    """An account."""
    return Staff.objects.create_user(username=name, role=role, number=number)


@pytest.fixture
def world(borrower):
    manager = person("manager", "manager", "F8")
    StrategyVersion.objects.update(
        state="proposed", proposed_by=manager, proposed_at=NOON, reason_note="Fewer calls"
    )
    WriteOff.objects.create(
        loan_id="B1-L1",
        borrower=borrower,
        amount=300_000,
        state="proposed",
        proposed_at=NOON,
        proposed_by=manager,
    )
    Visit.objects.update(state="proposed")
    Hold.objects.update(lift_asked_by=person("he", "compliance", "F3"), lift_asked_at=NOON)
    return manager


def test_compliance_finds_all_kinds_with_who_proposed_them(world):
    page = shown(browser_of(person("she", "compliance", "F4")), "/desk/approvals")
    for text in (
        "Strategy", "Fewer calls", "Placement list", "Lawsuit", "Debt sale", "Charge-offs", "CNY 3,000.00", "F8",
        "Field visits", "End of holds", "F3",
    ):  # fmt: skip
        assert text in page, text


def test_ones_own_proposals_stand_last_and_are_not_counted(world):
    page = shown(browser_of(world), "/desk/approvals")
    assert "A second person approves it." in page
    other = person("gao", "manager", "F9")
    mine = browser_of(world).get("/desk/approvals").context
    theirs = browser_of(other).get("/desk/approvals").context
    assert mine["waiting"]["approvals"] < theirs["waiting"]["approvals"]


def test_a_lead_finds_visits_and_an_administrator_people_but_neither_strategies(world):
    lead = shown(browser_of(person("zhou", "lead", "F5")), "/desk/approvals")
    assert "Field visits" in lead
    assert "Fewer calls" not in lead
    assert AccountChange.objects.filter(state="proposed").exists()
    root = browser_of(person("root", "administrator", "F6"))
    session = root.session
    session["proof"] = "totp"
    session.save()
    assert "Change of an account" in shown(root, "/desk/approvals")
    assert browser_of(person("lin", "collector", "F7")).get("/desk/approvals").status_code == 404
