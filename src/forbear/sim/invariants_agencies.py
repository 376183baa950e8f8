"""What must hold of agencies: one for a debt, only about what it was given, and back as soon as it should be."""

from datetime import date, datetime

from forbear.sim.people import Portfolio
from forbear.store.models import Contact, Hold, Placement

#: A hold of one of these takes a case away from an agency.
_TAKES_AWAY = (
    "dispute",
    "hardship",
    "plan",
    "moratorium",
    "counsellor",
    "cease",
    "lawyer",
    "deceased",
    "bankrupt",
    "crisis",
)


def placements_legal(portfolio: Portfolio, today: date, since: datetime | None) -> list[str]:
    """One agency a debt, each end explained, none over its term, none where nothing is owed or a hold runs."""
    broken: list[str] = []
    running = Placement.objects.filter(ended_at=None).select_related("agency")
    seen: dict[tuple[str, str], str] = {}
    held = _held()
    for one in running:
        for loan in one.loans:
            if seen.setdefault((one.borrower_id, loan), one.agency_id) != one.agency_id:
                broken.append(f"{one.borrower_id}: {loan} is with two agencies")
        if one.due_back_on is not None and today > one.due_back_on:
            broken.append(
                f"{one.borrower_id}: with {one.agency_id} since its term ended on {one.due_back_on}"
            )
        if one.agency.state in ("ended", "declined") or one.agency.suspended_for == "misconduct":
            broken.append(f"{one.borrower_id}: with {one.agency_id}, which is {one.agency.state}")
        if not any(portfolio.loans[loan].late(today, reported=True)[0] for loan in one.loans):
            broken.append(f"{one.borrower_id}: with {one.agency_id}, though nothing is late")
        if any(not loans or set(loans) & set(one.loans) for loans in held.get(one.borrower_id, ())):
            broken.append(f"{one.borrower_id}: with {one.agency_id} during a hold")
    silent = Placement.objects.exclude(ended_at=None).filter(ended_reason_code="")
    broken += [f"{one.borrower_id}: came back without a reason" for one in silent]
    return broken + _only_their_own(since)


def _held() -> dict[str, list[list[str]]]:
    rows = Hold.objects.filter(kind__in=_TAKES_AWAY, lifted_at=None, ends_at=None)
    holds: dict[str, list[list[str]]] = {}
    for owner, loans in rows.values_list("borrower_id", "loans"):
        holds.setdefault(owner, []).append(loans)
    return holds


def _only_their_own(since: datetime | None) -> list[str]:
    """An agency's contacts lie within a placement with it."""
    rows = (
        Contact.objects.exclude(agency=None)
        .exclude(at=None)
        .exclude(outcome="not_sent")
        .exclude(channel="agency")
    )
    if since is not None:
        rows = rows.filter(at__gte=since)
    contacts = list(rows.values_list("borrower_id", "agency_id", "at", "loans"))
    given: dict[tuple[str, str], list[Placement]] = {}
    for one in Placement.objects.filter(borrower_id__in={owner for owner, *_ in contacts}):
        given.setdefault((one.borrower_id, one.agency_id), []).append(one)
    broken = []
    for owner, agency, at, loans in contacts:
        assert agency is not None, "only contacts of agencies were asked for"
        assert at is not None, "and only those that were made"
        within = any(
            one.placed_at <= at
            and (one.ended_at is None or at <= one.ended_at)
            and set(loans) <= set(one.loans)
            for one in given.get((owner, agency), ())
        )
        if not within:
            broken.append(f"{owner}: {agency} made a contact about what it was not given")
    return broken
