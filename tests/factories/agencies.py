"""Made-up agencies and cases for them."""

from datetime import date

from forbear.actions.agencies.agencies import Offered, admit_agency, propose_agency
from forbear.actions.agencies.placements import candidates, capacity_left, place_due, propose_list, sign_list
from forbear.core.agencies.agency import as_written
from forbear.core.agencies.placement import PlacementPolicy
from forbear.core.agencies.placement_optimizer import Bidder
from forbear.insight.placement_plans import work_out
from forbear.store.models import Agency, Borrower, Case, Loan, PlacementList, Staff
from tests.core.agencies.test_agency import good
from tests.factories.desk import NOON, make_borrower

NAMES = {
    "huaxin": ("华信", "Huaxin"),
    "mingyuan": ("明远", "Mingyuan"),
    "tongzhou": ("同舟", "Tongzhou"),
}


def person(name: str, role: str, agency: Agency | None = None) -> Staff:
    """A person with an account; the same one when asked again."""
    found = Staff.objects.filter(username=name).first()
    return found or Staff.objects.create_user(
        username=name, password="x", role=role, number=name.upper()[:16], agency=agency
    )


def make_agency(code: str = "huaxin", *, capacity: int = 100, now=NOON, **more: object) -> Agency:
    """An agency that two people have admitted."""
    zh, en = NAMES[code]
    offered = Offered(
        code,
        zh,
        en,
        as_written(good(contract_from=date(2026, 1, 1), **more)),
        [[30, 1500], [90, 2500]],
        capacity,
    )
    made = propose_agency(offered, person("manager1", "manager"), now)
    assert isinstance(made, Agency), made
    admitted = admit_agency(code, person("compliance1", "compliance"), now)
    assert isinstance(admitted, Agency), admitted
    return admitted


def late_case(name: str, *, days: int = 45, amount: int = 120_000) -> Borrower:
    """A case the strategy gives to agencies."""
    number = int("".join(sign for sign in name if sign.isdigit()) or "1")
    borrower = make_borrower(name, phone=f"+86100000{number:05d}")
    facts = {
        "days_past_due": days, "past_due_amount": amount, "total_past_due": amount, "outstanding": 300_000,
    }  # fmt: skip
    Loan.objects.filter(borrower=borrower).update(days_past_due=days, past_due_amount=amount)
    Case.objects.filter(borrower=borrower).update(stage="intensive", handler="agency", facts=facts)
    return borrower


def place_all(now=NOON, policy: PlacementPolicy | None = None) -> PlacementList:
    """Give every case out that may go, evenly, and place it."""
    free = capacity_left()
    bidders = [Bidder(code, room) for code, room in sorted(free.items())]
    found = work_out(candidates(), bidders, {"": 1_500}, policy or PlacementPolicy(), "seed")
    made = propose_list(found.dealt, "seed", {}, person("manager1", "manager"), now)
    assert isinstance(made, PlacementList), made
    signed = sign_list(made.pk, person("compliance1", "compliance"), now)
    assert isinstance(signed, PlacementList), signed
    place_due(now)
    return signed
