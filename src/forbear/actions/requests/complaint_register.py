"""The register of complaints: each is entered with its request, with its clocks and whom it may be about."""

from datetime import datetime

from django.conf import settings

from forbear.core.agreements.complaint import ComplaintClock, clock_of
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Complaint, Contact, Placement, Request, Staff


def complaint_clock() -> ComplaintClock:
    """The clocks that the home's packs and the lender's own policy give."""
    return clock_of(rulebook(settings.HOME).parameters, policy(settings.HOME).clocks.get("complaint"))


def enter_complaint(request: Request, came_by: str, now: datetime) -> Complaint:
    """Into the register, with its clocks and whom it may be about. The caller holds the borrower.

    What is sent by the borrower's pages is acknowledged there, at once and in writing.
    """
    clock, today = complaint_clock(), business_date(now)
    return Complaint.objects.create(
        request=request,
        borrower=request.borrower,
        came_by=came_by,
        about_agency_id=_agency_of(request.borrower_id),
        law_due_on=request.due_on,
        acknowledge_by=clock.acknowledge_by(today, policy(settings.HOME).calendar),
        acknowledged_at=now if came_by == "portal" else None,
    )


def _agency_of(borrower_id: str) -> str | None:
    """The agency that has the case, else the one that made the newest contact."""
    placed = Placement.objects.filter(borrower_id=borrower_id, ended_at=None).order_by("-placed_at").first()
    if placed is not None:
        return placed.agency_id
    last = Contact.objects.filter(borrower_id=borrower_id).exclude(at=None).order_by("-at").first()
    return last.agency_id if last is not None else None


def log_complaint(complaint: Complaint, what: str, now: datetime, staff: Staff, note: str = "") -> None:
    """What was done with it, as evidence; `note` are a person's words."""
    evidence.append(
        "complaint",
        at=now,
        actor=f"staff:{staff.number}",
        borrower=complaint.borrower_id,
        body={
            "request": complaint.request.number,
            "kind": "complaint",
            "what": what,
            "due_on": complaint.request.due_on.isoformat(),
            "category": complaint.category,
            "root_cause": complaint.root_cause,
            "redress": complaint.redress,
            "redress_amount": complaint.redress_amount,
            "redress_by": complaint.redress_by.isoformat() if complaint.redress_by else "",
        },
        personal={"note": note} if note else None,
    )
