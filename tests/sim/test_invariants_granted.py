"""Goal: each invariant of what was granted bites: a pause, an answer, a hold of two people, a debt that is gone."""

from datetime import timedelta

import pytest

from forbear.actions.holds.holds import lift_hold, place_hold
from forbear.core.base.reason import Reason
from forbear.store.models import Case, Contact, Hold, Instruction, Loan, Plan, Request, Staff
from tests.factories.desk import NOON
from tests.sim.test_invariants import TODAY, broken, placed
from tests.sim.test_invariants import whole as whole
from tests.sim.test_invariants import world as world

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def granted(world, kind: str, outcome: str, **more) -> Request:
    """A request that was answered an hour before the contact was made."""
    return Request.objects.create(
        number=f"R{kind[:8]}", borrower_id="B1", kind=kind, source="portal", opened_at=NOON - timedelta(days=1),
        due_on=TODAY, state="answered", outcome=outcome, answer="ok", answered_at=NOON - timedelta(hours=1), **more,
    )  # fmt: skip


def pause(ends_at=None) -> Hold:
    return Hold.objects.create(
        borrower_id="B1",
        kind="forbearance",
        source="answer",
        starts_at=NOON + timedelta(hours=1),
        ends_at=ends_at,
    )


def test_a_pause_that_is_not_kept_is_found(world):
    until = str(TODAY + timedelta(days=30))
    granted(world, "hardship", "deferred", granted={"until": until}, hold=pause())
    Contact.objects.update(at=NOON - timedelta(hours=2))
    assert broken(world) == ["answers acted"], "the hold began too late"
    Hold.objects.update(starts_at=NOON - timedelta(hours=1))
    assert broken(world) == []
    Contact.objects.update(at=NOON)
    assert set(broken(world)) == {"granted kept", "holds kept"}
    Contact.objects.update(at=NOON - timedelta(hours=2))
    Hold.objects.update(ends_at=NOON + timedelta(days=2))
    assert broken(world) == ["granted kept"], "it ends before its day"


def test_what_is_asked_of_a_sold_or_settled_loan_is_found(world):
    Loan.objects.update(sold_at=NOON - timedelta(hours=1), past_due_amount=0, outstanding=0, payoff=0)
    Case.objects.update(closed_on=TODAY)
    assert "nothing asked of what is gone" in broken(world)
    Contact.objects.update(at=NOON - timedelta(hours=2))
    assert "nothing asked of what is gone" not in broken(world)
    Loan.objects.update(past_due_amount=10_000, outstanding=300_000, payoff=300_000)
    assert "nothing asked of what is gone" in broken(world)


def test_a_lawsuit_about_what_was_sold_is_found(world):
    Loan.objects.update(sold_at=NOON - timedelta(hours=1), past_due_amount=0, outstanding=0, payoff=0)
    Contact.objects.update(purpose="sue", channel="court")
    assert "nothing asked of what is gone" in broken(world)
    Contact.objects.update(purpose="notice")
    assert "nothing asked of what is gone" not in broken(world)


def test_a_plan_about_what_was_settled_is_found(world):
    Plan.objects.create(
        borrower_id="B1", loans=["B1-L1"], state="active", proposed_on=TODAY, amount=1, currency="CNY", minor_unit=100
    )  # fmt: skip
    assert broken(world) == []
    Instruction.objects.create(
        borrower_id="B1", loan_id="B1-L1", kind="settled", state="open", currency="CNY", minor_unit=100,
        granted_on=TODAY, made_at=NOON + timedelta(hours=1), changed_at=NOON, source="settlement", reference="1",
    )  # fmt: skip
    assert "nothing asked of what is gone" in broken(world)


def test_an_agency_that_has_the_case_in_a_pause_is_found(world):
    until = str(TODAY + timedelta(days=30))
    hold = pause()
    Hold.objects.update(starts_at=NOON - timedelta(hours=1))
    granted(world, "hardship", "deferred", granted={"until": until}, hold=hold)
    Contact.objects.update(at=NOON - timedelta(hours=2))
    assert broken(world) == []
    placed("a")
    assert broken(world) == ["granted kept"]


def test_an_open_request_whose_hold_another_answer_lifted_is_found(world):
    hold = place_hold("B1", "dispute", NOON + timedelta(hours=1), actor="test")
    Request.objects.create(
        number="R1", borrower_id="B1", kind="dispute", state="open", source="portal", opened_at=NOON, due_on=TODAY,
        hold=hold,
    )  # fmt: skip
    assert broken(world) == []
    lift_hold(hold.pk, NOON + timedelta(hours=2), actor="test", reason=Reason.of("by_staff"), note="x")
    assert broken(world) == ["open requests held"]


def test_a_stop_that_one_person_lifts_alone_is_found(world):
    hold = place_hold("B1", "cease", NOON + timedelta(hours=1), actor="test")
    lift_hold(hold.pk, NOON + timedelta(hours=2), actor="staff:F1", reason=Reason.of("by_staff"), note="x")
    assert broken(world) == ["two to lift"]
    other = Staff.objects.create_user(username="o", password="x", role="collector", number="F2")
    Hold.objects.update(lift_asked_by=other)
    assert broken(world) == []


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("hardship", "reduced"),
        ("dispute", "upheld"),
        ("dispute", "partly"),
        ("plan", "done"),
        ("wrong_person", "confirmed"),
    ],
)
def test_an_answer_without_effect_is_found(world, kind, outcome):
    granted(world, kind, outcome)
    assert broken(world) == ["answers acted"]
