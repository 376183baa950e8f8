"""Goal: a program reaches a row only by a key of the right scope, and a key of an agency only what is placed with it.

Method: a matrix of every route, every kind of key and rows of two agencies. A route that the matrix doesn't know fails.
"""

from dataclasses import dataclass

import pytest
from ninja.operation import Operation

from forbear.store.models import Agency, Contact, Loan, Placement, Staff
from forbear.store.models.api import AGENCY_SCOPES, SCOPES
from forbear.web import clock as web_clock
from forbear.web.api.app import api
from forbear.web.api.keys import CALLS
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.web.test_api import ASKED, Program

pytestmark = [pytest.mark.database, pytest.mark.django_db]
#: What is sent for a row of this owner, by route; None where a route is about no row of a borrower.
BODIES = {
    ("POST", "/permits"): lambda owner: asked(owner),
    ("POST", "/contacts"): lambda owner: asked(owner) | {"channel": "sms", "body": "您好"},
    ("GET", "/contacts/{contact_id}"): lambda owner: None,
    ("POST", "/contacts/{contact_id}/outcome"): lambda owner: {"outcome": "connected"},
    ("POST", "/payments"): lambda owner: {
        "payment_id": "P1", "loan_id": f"{owner}-L1", "paid_on": "2026-03-10", "amount": 100
    },
    ("GET", "/placements"): None,
    ("POST", "/placements/{placement_id}/acknowledge"): lambda owner: None,
    ("POST", "/placements/{placement_id}/call"): lambda owner: {"collector": f"F-{owner}"},
    ("POST", "/placements/{placement_id}/return"): lambda owner: {"note": "full"},
    ("POST", "/hooks"): None,
    ("GET", "/hooks"): None,
    ("DELETE", "/hooks/{webhook_id}"): None,
    ("POST", "/hooks/{webhook_id}/replay"): None,
}  # fmt: skip
OPEN = {("POST", "/permits/check"), ("GET", "/verify")}
#: A key may do as it asks, as far as access goes.
REACHED = {200, 201, 202, 204, 403, 409, 422}


def asked(owner: str) -> dict:
    return ASKED | {
        "borrower_id": owner,
        "loans": [f"{owner}-L1"],
        "address": f"+8610000000{owner == 'B2'}01",
    }


def routes() -> list[tuple[str, str, Operation]]:
    """Every operation of the interface with its method and path."""
    return [
        (method, path, operation)
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


@dataclass
class World:
    """Two borrowers, each placed with an agency of their own, and what belongs to them."""

    agencies: dict[str, Agency]
    paths: dict[str, dict[str, object]]


@pytest.fixture
def world(monkeypatch) -> World:
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    agencies, paths = {}, {}
    for owner in ("B1", "B2"):
        borrower = make_borrower(owner, phone=str(asked(owner)["address"]))
        agency = Agency.objects.create(
            code=f"of-{owner}", name_zh="x", name_en="x", listed_on=NOON.date(), contracted=True
        )
        Staff.objects.create(
            username=owner, number=f"F-{owner}", role="agency", agency=agency, line="+861066660000"
        )
        placement = Placement.objects.create(
            agency=agency, borrower=borrower, loans=[f"{owner}-L1"], placed_at=NOON
        )
        contact = wished(borrower)
        Contact.objects.filter(pk=contact.pk).update(agency=agency, state="sent", at=NOON, outcome="pending")
        agencies[owner] = agency
        paths[owner] = {"contact_id": contact.contact_id, "placement_id": placement.pk, "webhook_id": 1}
    return World(agencies, paths)


def test_the_matrix_knows_every_route():
    assert {(method, path) for method, path, _ in routes()} == set(BODIES) | OPEN


@pytest.mark.parametrize("route", sorted(route for route, body in BODIES.items() if body), ids=" ".join)
def test_a_key_reaches_its_own_rows_alone(world, route):
    method, path = route
    for name, agency, owner, reached in (
        ("other agency", "B2", "B1", False),
        ("own agency", "B1", "B1", True),
        ("lender", None, "B2", True),
    ):
        program = Program(
            list(AGENCY_SCOPES if agency else SCOPES), world.agencies[agency] if agency else None
        )
        if agency:  # whatever scopes a key got before they were narrowed
            program.key.scopes = list(SCOPES)
            program.key.save()
        status, _ = program.send(method, path.format(**world.paths[owner]), BODIES[route](owner))
        assert status in REACHED if reached else status == 404, (name, owner, status)


@pytest.mark.parametrize("route", sorted(BODIES), ids=" ".join)
def test_without_its_scope_no_route_opens(world, route):
    method, path = route
    body = BODIES[route]("B1") if BODIES[route] else {}
    scope = next(o.auth_callbacks[0].scope for m, p, o in routes() if (m, p) == route)
    program = Program([each for each in SCOPES if each != scope])
    assert program.send(method, path.format(**world.paths["B1"]), body)[0] == 401
    program = Program([scope])
    program.key.revoked_at = NOON
    program.key.save()
    assert program.send(method, path.format(**world.paths["B1"]), body)[0] == 401


@pytest.mark.parametrize("path", ["/permits", "/contacts"])
def test_an_agency_speaks_of_the_loans_placed_with_it_and_no_others(world, path):
    first = Loan.objects.get(pk="B1-L1")
    first.pk = "B1-L2"
    first.save(force_insert=True)
    program = Program(agency=world.agencies["B1"])
    body = BODIES["POST", path]("B1")
    for loans in (["B1-L2"], ["B1-L1", "B1-L2"], ["B2-L1"], ["none"]):
        status, answer = program.send("POST", path, body | {"loans": loans})
        assert (status, answer["code"]) == (404, "loan_not_with_you")
    assert program.send("POST", path, body | {"loans": []})[0] in REACHED
    assert all("B1-L2" not in contact.loans for contact in Contact.objects.all())


@pytest.mark.parametrize("route", sorted(BODIES), ids=" ".join)
def test_every_route_has_the_pace_of_its_key(world, route, policy_of):
    policy_of("calls_a_minute: 10\n")
    method, path = route
    CALLS.clear()
    program, most = Program(list(SCOPES)), 10
    for _ in range(most):
        CALLS.wait(program.key.prefix, most, most)
    body = BODIES[route]("B1") if BODIES[route] else {}
    status, answer = program.send(method, path.format(**world.paths["B1"]), body)
    assert (status, answer["code"]) == (429, "too_many_calls")
    assert Program(list(SCOPES)).send(method, path.format(**world.paths["B1"]), body)[0] != 429, (
        "another key goes on"
    )
    CALLS.clear()
