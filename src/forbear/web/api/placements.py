"""Placements by program: an agency's system takes its cases, calls by the lender's lines, and gives cases back."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from ninja import Query, Router, Status

from forbear.actions.agencies.recalls import recall_case
from forbear.actions.agency_work.casework import acknowledge, ask_call
from forbear.actions.selectors.staff_directory import collector_of_agency
from forbear.core.base.problem import Problem
from forbear.store.access import loans_of, masked_name, placements_for
from forbear.store.loan_states import loans_that_may
from forbear.store.models import ApiKey, Loan, Placement
from forbear.web.api.answers import FAILURES, failed, once
from forbear.web.api.contacts import shown
from forbear.web.api.keys import Scoped
from forbear.web.api.schemas import (
    CallIn,
    ContactOut,
    PlacementOut,
    PlacementsOut,
    PlacementsQuery,
    ReturnIn,
    RowId,
)
from forbear.web.request import KeyRequest

router = Router(tags=["placements"])
_NOT_YOURS = Problem("case_not_with_you", "this case is not with you")
_NOBODY = Problem(
    "case_or_collector_not_with_you", "this case is not with you, or there is no such collector of yours"
)


def _running(key: ApiKey) -> QuerySet[Placement]:
    """The running placements of the key's agency; of all agencies for a key of the lender."""
    return placements_for(key).filter(ended_at=None)


@router.get("/placements", auth=Scoped("placements:read"), response=FAILURES | {200: PlacementsOut})
def placements(request: KeyRequest, asked: Query[PlacementsQuery]) -> Status:
    """The cases with the agency now, in the order they were placed; go on after the last id with `after`."""
    rows = list(_running(request.auth).filter(pk__gt=asked.after).order_by("pk")[: asked.limit])
    owed = _owed(rows, request.now)
    return Status(200, PlacementsOut(placements=[_shown(row, owed) for row in rows]))


@router.post(
    "/placements/{placement_id}/acknowledge",
    auth=Scoped("placements:write"),
    response=FAILURES | {200: PlacementOut},
)
def acknowledged(request: KeyRequest, placement_id: RowId) -> Status:
    """Say that the case was seen."""
    key = request.auth
    found = _running(key).filter(pk=placement_id).first()
    made = (
        acknowledge(placement_id, found.agency_id, request.now, actor=f"key:{key.prefix}") if found else None
    )
    if not isinstance(made, Placement):
        return failed(request, 404, _NOT_YOURS)
    return Status(200, _shown(made, _owed([made], request.now)))


@router.post(
    "/placements/{placement_id}/call", auth=Scoped("placements:write"), response=FAILURES | {202: ContactOut}
)
def call(request: KeyRequest, placement_id: RowId, asked: CallIn) -> Status:
    """Ask for a call over the lender's lines: the collector's rings, then the borrower's. The number stays hidden."""
    key = request.auth

    def act() -> Status:
        found = _running(key).filter(pk=placement_id).first()
        person = collector_of_agency(found.agency_id, asked.collector) if found else None
        if person is None:
            return failed(request, 404, _NOBODY)
        made = ask_call(placement_id, person, request.now)
        if isinstance(made, Problem):
            return failed(request, 409, made)
        return Status(202, shown(request, made))

    return once(request, asked, act)


@router.post(
    "/placements/{placement_id}/return",
    auth=Scoped("placements:write"),
    response=FAILURES | {200: PlacementOut},
)
def returned(request: KeyRequest, placement_id: RowId, reported: ReturnIn) -> Status:
    """Give a case back; the reason goes into the evidence."""
    key = request.auth
    found = _running(key).filter(pk=placement_id).first()
    if found is None:
        return failed(request, 404, _NOT_YOURS)
    made = recall_case(
        placement_id,
        "returned",
        request.now,
        actor=f"key:{key.prefix}",
        agency=found.agency_id,
        words=reported.note,
    )
    if isinstance(made, Problem):
        return failed(request, 409, made)
    return Status(200, _shown(made, _owed([made], request.now)))


def _owed(placements: Iterable[Placement], now: datetime) -> dict[str, Loan]:
    """By their ids the loans on which something is owed; what was sold, settled or paid off is asked for no more."""
    loans = loans_of(placements)
    return {loan.pk: loan for loan in loans_that_may("pay", list(loans.values()), now)}


def _shown(row: Placement, loans: dict[str, Loan]) -> PlacementOut:
    mine = [loans[each] for each in row.loans if each in loans]
    return PlacementOut(
        id=row.pk,
        borrower_id=row.borrower_id,
        name=masked_name(row.borrower.name),
        loans=row.loans,
        currency=row.currency,
        past_due=sum(loan.past_due_amount for loan in mine),
        outstanding=sum(loan.payoff for loan in mine),
        days_past_due=max((loan.days_past_due for loan in mine), default=0),
        placed_at=row.placed_at,
        due_back_on=row.due_back_on,
        acknowledged_at=row.acknowledged_at,
        ended_at=row.ended_at,
    )
