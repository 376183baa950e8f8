"""Give cases to agencies: a list is worked out, signed by a second person, and placed case by case through the permit
gate.

The permit gate is asked for each case at the moment it is placed, on the newest facts: a case that was paid, disputed
or held since the list was made stays with the lender, and the list says why.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from forbear.actions.contacts.notify_borrower import NOTICE, notify_borrower
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import Made, make_contact
from forbear.actions.signatures.second_signature import signature_problem
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.agencies.commission import Band, rate_for
from forbear.core.agencies.placement import NOT_AGAIN, due_back, may_go_out
from forbear.core.agencies.placement_optimizer import Candidate, Dealt
from forbear.core.base.problem import Problem
from forbear.core.base.reason import NO_REASON, Reason, of_problem, refused_by
from forbear.core.facts.contact import PlannedContact
from forbear.core.strategy.least import least_for
from forbear.interchange.home.country import language_of
from forbear.interchange.home.policy import policy
from forbear.interchange.home.strategies import strategy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import (
    Agency,
    Borrower,
    Case,
    Hold,
    Loan,
    Placement,
    PlacementList,
    ProposedPlacement,
    Staff,
)
from forbear.store.situation import lock_borrower

_BATCH = 1_000


def candidates() -> list[Candidate]:
    """Every case that may go out now: by the strategy, with nobody yet, late and large enough. A few queries in all.

    A case waiting on a list that is not settled yet is not proposed twice.
    """
    terms = policy(settings.HOME).placement
    placed = Placement.objects.filter(ended_at=None).values("borrower_id")
    waiting = ProposedPlacement.objects.filter(state__in=("proposed", "signed")).values("borrower_id")
    rows = Case.objects.filter(closed_on=None, held=False, handler="agency")
    rows = rows.exclude(borrower_id__in=placed).exclude(borrower_id__in=waiting).order_by("borrower_id")
    cases = {
        borrower: region
        for borrower, facts, handler, held, region, as_of in rows.values_list(
            "borrower_id", "facts", "handler", "held", "borrower__region", "as_of"
        ).iterator()
        if may_go_out(facts, handler, held, terms, _least(facts, as_of))
    }
    had: dict[str, set[str]] = {}
    ended = Placement.objects.filter(ended_reason_code__in=NOT_AGAIN)
    for borrower, agency in ended.values_list("borrower_id", "agency_id"):
        had.setdefault(borrower, set()).add(agency)
    candidates_found = []
    for borrower, loans in _late_loans(cases).items():
        worst = max(loans, key=lambda loan: (loan[2], loan[3]))
        same = [loan for loan in loans if (loan[4], loan[6]) == (worst[4], worst[6])]
        candidates_found.append(
            Candidate(
                borrower,
                worst[2],
                sum(loan[3] for loan in same),
                worst[4],
                worst[5],
                worst[1],
                cases[borrower],
                tuple(loan[0] for loan in same),
                tuple(sorted(had.get(borrower, ()))),
            )
        )
    return candidates_found


def _late_loans(cases: Mapping[str, str]) -> dict[str, list[tuple]]:
    """(loan, product, days past due, past due, currency, minor unit, creditor) of each borrower's late loans."""
    by_borrower: dict[str, list[tuple]] = {}
    late = Loan.objects.filter(past_due_amount__gt=0, sold_at=None, borrower__cases__closed_on=None).order_by(
        "loan_id"
    )
    names = (
        "borrower_id",
        "loan_id",
        "product",
        "days_past_due",
        "past_due_amount",
        "currency",
        "minor_unit",
        "creditor",
    )
    for borrower, *loan in late.values_list(*names).iterator():
        if borrower in cases:
            by_borrower.setdefault(borrower, []).append(tuple(loan))
    return by_borrower


def new_seed() -> str:
    """A seed for a lot: nobody can choose it, and everybody can draw it again."""
    return secrets.token_hex(16)


def propose_list(
    dealt: Sequence[Dealt], seed: str, terms: Mapping[str, object], staff: Staff, now: datetime
) -> PlacementList | Problem:
    """Write down a list that was worked out; it does nothing until somebody else signs it."""
    if not dealt:
        return Problem("nothing_to_place", "no case may go out now, or no agency may take one")
    with transaction.atomic():
        placement_list = PlacementList.objects.create(
            made_at=now, as_of=business_date(now), seed=seed, terms=dict(terms), made_by=staff
        )
        ProposedPlacement.objects.bulk_create(
            (
                ProposedPlacement(
                    placement_list=placement_list,
                    borrower_id=one.case.borrower_id,
                    agency_id=one.agency,
                    loans=list(one.case.loans),
                    amount=one.case.amount,
                    currency=one.case.currency,
                    minor_unit=one.case.minor_unit,
                    days_past_due=one.case.days_past_due,
                    stratum=one.stratum,
                    chance=one.chance,
                    worth=[one.worth.recovered, one.worth.commission, one.worth.harm],
                    state="proposed",
                )
                for one in dealt
            ),
            batch_size=_BATCH,
        )
        evidence.append(
            "change",
            at=now,
            actor=f"staff:{staff.number}",
            body={
                "what": "placement list proposed",
                "list": placement_list.pk,
                "cases": len(dealt),
                "seed": seed,
            },
        )
        return placement_list


def sign_list(list_id: int, staff: Staff, now: datetime) -> PlacementList | Problem:
    """The second signature: the cases are placed from now on, one by one."""
    return _decide(list_id, "signed", staff, now, "")


def decline_list(list_id: int, staff: Staff, now: datetime, note: str) -> PlacementList | Problem:
    """Say no to a list that waits."""
    if not note.strip():
        return Problem("list_reason_missing", "say why; it is saved with the list")
    return _decide(list_id, "declined", staff, now, note.strip()[:300])


def _decide(list_id: int, state: str, staff: Staff, now: datetime, note: str) -> PlacementList | Problem:
    with transaction.atomic():
        placement_list = (
            PlacementList.objects.select_for_update().filter(pk=list_id, state="proposed").first()
        )
        if placement_list is None:
            return Problem("no_list_to_approve", "no such list is waiting for approval")
        if state == "signed" and placement_list.made_by_id == staff.pk:
            return Problem(
                "own_list_approval", "a list must be approved by somebody other than the person who made it"
            )
        refused = signature_problem([placement_list.made_by_id], staff, now) if state == "signed" else None
        if refused is not None:
            return refused
        (
            placement_list.state,
            placement_list.signed_by,
            placement_list.signed_at,
            placement_list.reason_note,
        ) = state, staff, now, note
        placement_list.save()
        rows = ProposedPlacement.objects.filter(placement_list=placement_list, state="proposed")
        if state == "signed":
            rows.update(state="signed")
        else:
            rows.update(state="dropped", **Reason.of("by_staff").columns())
        evidence.append(
            "change",
            at=now,
            actor=f"staff:{staff.number}",
            body={"what": f"placement list {state}", "list": list_id, "note": note},
        )
        return placement_list


def place_due(now: datetime, limit: int = 200) -> int:
    """Place what waits, signed, up to `limit` cases; how many were decided. Several workers may call it at once."""
    waiting = (
        ProposedPlacement.objects.filter(state="signed").order_by("pk").values_list("pk", flat=True)[:limit]
    )
    done = 0
    for row in list(waiting):
        done += place_one(row, now)
    settled = PlacementList.objects.filter(state="signed").exclude(rows__state="signed")
    settled.update(state="settled")
    return done


def place_one(proposed_id: int, now: datetime) -> bool:
    """Ask the permit gate for one case and hand it over; whether it was this call that decided it."""
    with transaction.atomic():
        row = ProposedPlacement.objects.select_related("placement_list__signed_by", "agency").get(
            pk=proposed_id
        )
        borrower = lock_borrower(row.borrower_id)
        assert borrower is not None, "a proposal has its borrower"
        if ProposedPlacement.objects.filter(pk=proposed_id, state="signed").count() != 1:
            return False
        signer = row.placement_list.signed_by
        actor = f"staff:{signer.number}" if signer else "timetable"
        planned = PlannedContact("agency", "place", loans=tuple(row.loans), agency=row.agency_id)
        why = _changed(row, borrower, now)
        attempt = None if why else make_contact(ContactDraft(row.borrower_id, planned), now, actor=actor)
        if isinstance(attempt, Problem):
            why = of_problem(attempt)
        elif attempt is not None and attempt.answer.permit is None:
            why = refused_by(attempt.answer.refusals)
        if why:
            state = "dropped" if attempt is None else "refused"
            ProposedPlacement.objects.filter(pk=proposed_id).update(state=state, **why.columns())
            return True
        assert isinstance(attempt, Made), "what neither changed nor was refused is made"
        attempt.contact.outcome, attempt.contact.ended_at = "delivered", now
        attempt.contact.save(update_fields=["outcome", "ended_at"])
        _hand_over(row, borrower, attempt.contact.pk, now, actor)
        return True


def _least(facts: Mapping[str, int | str | bool], as_of: date) -> int:
    """From what amount the strategy has a case placed."""
    return least_for(strategy(settings.HOME, as_of), "agency", str(facts.get("currency", "")))


def _changed(row: ProposedPlacement, borrower: Borrower, now: datetime) -> Reason:
    """Why the case is no longer one to give out, beyond what the rules say; no reason when it still is."""
    case = Case.objects.filter(borrower=borrower, closed_on=None).first()
    terms = policy(settings.HOME).placement
    if case is None or not may_go_out(
        case.facts, case.handler, case.held, terms, _least(case.facts, case.as_of)
    ):
        return Reason.of("case_changed")
    holds = Hold.objects.filter(borrower=borrower, lifted_at=None)
    if any(hold.ends_at is None or hold.ends_at > now for hold in holds):
        return Reason.of("hold_began")
    open_now = Placement.objects.filter(agency_id=row.agency_id, ended_at=None).count()
    return Reason.of("agency_full") if open_now >= row.agency.capacity else NO_REASON


def _hand_over(
    row: ProposedPlacement, borrower: Borrower, contact_id: str, now: datetime, actor: str
) -> None:
    terms, today = policy(settings.HOME).placement, business_date(now)
    schedule = [Band(*band) for band in row.agency.schedule]
    loans = list(Loan.objects.filter(loan_id__in=row.loans, past_due_amount__gt=0))
    placement = Placement.objects.create(
        agency_id=row.agency_id,
        borrower=borrower,
        loans=row.loans,
        placed_at=now,
        amount=sum(loan.past_due_amount for loan in loans),
        currency=row.currency,
        minor_unit=row.minor_unit,
        days_past_due=row.days_past_due,
        stratum=row.stratum,
        chance=row.chance,
        rate=rate_for(schedule, row.days_past_due) if schedule else 0,
        due_back_on=due_back(today, terms),
        placement_list_id=row.placement_list_id,
        contact_id=contact_id,
    )
    ProposedPlacement.objects.filter(pk=row.pk).update(state="placed")
    # the lender's own team has it no more
    Case.objects.filter(borrower=borrower, closed_on=None).update(
        collector=None, leased_until=None, call_planned_on=None, callback_at=None, callback_by=None
    )
    evidence.append(
        "placement",
        at=now,
        actor=actor,
        borrower=borrower.borrower_id,
        body={
            "placement": placement.pk,
            "agency": row.agency_id,
            "loans": row.loans,
            "amount": placement.amount,
            "currency": row.currency,
            "due_back_on": str(placement.due_back_on),
            "stratum": row.stratum,
            "by_lot": row.chance,
            "list": row.placement_list_id,
            "contact": contact_id,
        },
    )
    details = {"placement_id": placement.pk, "borrower_id": borrower.borrower_id}
    enqueue_webhooks("placement.placed", details, now, agency=row.agency_id)
    _give_notice(placement, borrower, now, actor)


def _give_notice(placement: Placement, borrower: Borrower, now: datetime, actor: str) -> None:
    """Tell the borrower who will contact them, before anybody does."""
    agency, chinese = placement.agency, language_of(settings.HOME, borrower.language) == "zh"
    notify_borrower(
        borrower,
        "placement_notice",
        now,
        loans=tuple(placement.loans),
        manner=NOTICE,
        actor=actor,
        agency=agency.name_zh if chinese else agency.name_en,
        on=business_date(now),
    )


def capacity_left() -> dict[str, int]:
    """How many more cases each admitted agency can take now; what waits on a list counts as taken."""
    taken = dict(
        Placement.objects.filter(ended_at=None).order_by().values_list("agency_id").annotate(Count("pk"))
    )
    waiting = ProposedPlacement.objects.filter(state__in=("proposed", "signed")).order_by()
    for agency, count in waiting.values_list("agency_id").annotate(Count("pk")):
        taken[agency] = taken.get(agency, 0) + count
    rows = Agency.objects.filter(state="admitted", contracted=True, suspended_at=None)
    return {agency.code: max(0, agency.capacity - taken.get(agency.code, 0)) for agency in rows}
