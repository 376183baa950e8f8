"""Rows of one owner, made by hand for tests/store/test_access.py."""

from django.db.models import Model

from forbear.store.models import (
    Alarm,
    Borrower,
    Complaint,
    Document,
    FieldEvent,
    Instruction,
    Plan,
    Promise,
    ReportedPayment,
    Request,
    Settlement,
    Staff,
    Visit,
    VisitRoute,
    Vulnerability,
)
from tests.factories.desk import NOON
from tests.factories.visits import give_address

TODAY = NOON.date()
MONEY = {"currency": "CNY", "minor_unit": 100}


def agreements_of(owner: str, borrower: Borrower) -> dict[str, Model]:
    lead = Staff.objects.get(username="lead")
    objection = Request.objects.create(
        number=owner, borrower=borrower, kind="credit_objection", source="desk", opened_at=NOON, due_on=TODAY
    )
    return {
        "promise": Promise.objects.create(borrower=borrower, amount=1, made_on=TODAY, due_on=TODAY, **MONEY),
        "plan": Plan.objects.create(borrower=borrower, amount=1, state="active", proposed_on=TODAY, **MONEY),
        "settlement": Settlement.objects.create(
            borrower=borrower, amount=1, outstanding=2, by=TODAY, state="offered", proposed_on=TODAY,
            proposed_by=lead, **MONEY,
        ),
        "request": objection,
        "reported payment": ReportedPayment.objects.create(
            borrower=borrower, loan=borrower.loans.get(), paid_on=TODAY, amount=1, counts=1, way="branch",
            ends_on=TODAY, reported_at=NOON, reported_by=lead,
        ),
        "instruction": Instruction.objects.create(
            number=owner, borrower=borrower, loan_id=owner, kind="pause", currency="CNY", minor_unit=100,
            granted_on=TODAY, made_at=NOON, changed_at=NOON, source="request", reference=owner,
        ),
        "credit objection": objection,
        "complaint": Complaint.objects.create(
            request=Request.objects.create(
                number=f"{owner}-K", borrower=borrower, kind="complaint", source="desk", opened_at=NOON, due_on=TODAY
            ),
            borrower=borrower, came_by="desk", law_due_on=TODAY, acknowledge_by=TODAY,
        ),
        "vulnerability": Vulnerability.objects.create(
            borrower=borrower, told_by="borrower", since=TODAY, review_on=TODAY, recorded_at=NOON, recorded_by="x"
        ),
        "document": Document.objects.create(
            code=owner, borrower=borrower, kind="notice", language="zh", sha256="0", made_at=NOON
        ),
    }  # fmt: skip


def visits_of(owner: str, borrower: Borrower, visitor: Staff) -> dict[str, Model]:
    route = VisitRoute.objects.create(day=TODAY, first=visitor, second=visitor, state="given", made_at=NOON)
    visit = Visit.objects.create(
        visit_id=owner,
        borrower=borrower,
        point=give_address(borrower),
        state="planned",
        proposed_at=NOON,
        route=route,
    )
    event = FieldEvent.objects.create(
        event_id=owner, staff=visitor, visit=visit, kind="alarm", at=NOON, received_at=NOON
    )
    alarm = Alarm.objects.create(event=event, staff=visitor, visit=visit, at=NOON, received_at=NOON)
    return {"route": route, "visit": visit, "alarm": alarm}
