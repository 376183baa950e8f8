"""Settlements: proposed within an authority, signed above it, kept or lapsed by the payments."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.agreements.agreement import agreed_loans
from forbear.actions.agreements.plans import end_settled_plans
from forbear.actions.agreements.promises import payments_of
from forbear.actions.holds.holds import lift_running, place_known_hold
from forbear.actions.instructions.instructions import instruct, withdraw
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.agreements.settlement import Owed, check_settlement, may_grant, settlement_state
from forbear.core.base.problem import Problem, noop
from forbear.core.base.reason import Reason
from forbear.core.loans.adjustments import Adjustment
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_end
from forbear.store.models import Borrower, Hold, Settlement, Staff
from forbear.store.situation import lock_row

#: The states that payments decide between.
_JUDGED = ("offered", "kept", "lapsed")


@dataclass(frozen=True, slots=True)
class SettlementWanted:
    """So much, in minor units, by that day, for all of these loans."""

    borrower_id: str
    loans: tuple[str, ...]
    amount: int
    by: date


def propose_settlement(wanted: SettlementWanted, staff: Staff, now: datetime) -> Settlement | list[Problem]:
    """Offer it at once within the person's own authority; above it, it waits for somebody with more."""
    terms, today = policy(settings.HOME).settlement, business_date(now)
    with transaction.atomic():
        about = agreed_loans(wanted.borrower_id, wanted.loans, noop("a settlement"), now)
        if isinstance(about, Problem):
            return [about]
        borrower, loans = about
        owed = Owed(
            sum(loan.payoff for loan in loans),
            sum(loan.balance for loan in loans),
            max(loan.days_past_due for loan in loans),
        )
        problems = check_settlement(wanted.amount, wanted.by, owed, today, terms)
        if borrower.settlements.filter(state__in=("proposed", "offered")).exists():
            problems.append(Problem("settlement_open", "there is an offer already; withdraw it first"))
        if problems:
            return problems
        alone = may_grant(staff.role, wanted.amount, owed.outstanding, terms)
        settlement = Settlement.objects.create(
            borrower=borrower,
            loans=sorted(wanted.loans),
            amount=wanted.amount,
            outstanding=owed.outstanding,
            currency=loans[0].currency,
            minor_unit=loans[0].minor_unit,
            by=wanted.by,
            state="offered" if alone else "proposed",
            proposed_on=today,
            offered_on=today if alone else None,
            proposed_by=staff,
        )
        if alone:
            settlement.hold = settlement_hold(settlement, now, f"staff:{staff.number}")
            settlement.save()
        log_settlement(settlement, "", now, f"staff:{staff.number}")
        return settlement


def sign_settlement(settlement_id: int, staff: Staff, now: datetime) -> Settlement | Problem:
    """The second signature: by another person whose authority reaches so far."""
    terms = policy(settings.HOME).settlement
    with transaction.atomic():
        settlement = lock_row(Settlement, settlement_id, "hold")
        if settlement is None or settlement.state != "proposed":
            return Problem("no_settlement_to_approve", "no such settlement is waiting for approval")
        if settlement.proposed_by_id == staff.pk:
            return Problem(
                "own_settlement_approval",
                "a settlement must be approved by somebody other than the person who proposed it",
            )
        if refused := signature_problem([settlement.proposed_by_id], staff, now):
            return refused
        if not may_grant(staff.role, settlement.amount, settlement.outstanding, terms):
            return Problem(
                "settlement_above_authority",
                "this is above your authority; somebody with more has to approve it",
            )
        settlement.state, settlement.signed_by, settlement.offered_on = "offered", staff, business_date(now)
        settlement.hold = settlement_hold(settlement, now, f"staff:{staff.number}")
        settlement.save()
        log_settlement(settlement, "proposed", now, f"staff:{staff.number}")
        return settlement


def end_settlement(settlement_id: int, staff: Staff, now: datetime, note: str) -> Settlement | Problem:
    """Decline one that waits, or withdraw one that stands."""
    if not note.strip():
        return Problem("settlement_reason_missing", "say why; it is saved with the offer")
    with transaction.atomic():
        settlement = lock_row(Settlement, settlement_id, "hold")
        if settlement is None or settlement.state not in ("proposed", "offered"):
            return Problem("no_such_settlement", "there is no such settlement in force")
        before = settlement.state
        settlement.state = "declined" if before == "proposed" else "cancelled"
        settlement.reason_note = note.strip()[:300]
        reason = Reason.of("settlement", state=settlement.state)
        lift_running(settlement.hold, now, actor=f"staff:{staff.number}", reason=reason)
        settlement.save()
        log_settlement(settlement, before, now, f"staff:{staff.number}")
        return settlement


def evaluate_settlements(borrower: Borrower, now: datetime, *, actor: str) -> int:
    """Judge the borrower's offers again by the payments; how many changed. The caller holds the borrower."""
    changed, today = 0, business_date(now)
    judged = list(Settlement.objects.filter(borrower=borrower, state__in=_JUDGED).order_by("pk"))
    payments = payments_of(borrower) if judged else []
    for row in judged:
        assert row.offered_on is not None, "an offer has its day"
        paid = sum(
            payment.amount
            for payment in payments
            if payment.loan_id in row.loans and row.offered_on <= payment.paid_on <= row.by
        )
        state = settlement_state(row.amount, row.by, paid, today)
        if (state, paid) == (row.state, row.paid):
            continue
        before, row.state, row.paid = row.state, state, paid
        if before != state:
            changed += 1
            _instruct(row, borrower, now, actor)
            if state == "kept":
                end_settled_plans(borrower, row.loans, now, actor=actor)
            if state == "offered":
                row.hold = settlement_hold(row, now, actor)
            else:
                lift_running(row.hold, now, actor=actor, reason=Reason.of("settlement", state=state))
            log_settlement(row, before, now, actor)
        row.save()
    return changed


def _instruct(settlement: Settlement, borrower: Borrower, now: datetime, actor: str) -> None:
    """One that was kept settles its loans: the loan system must book it, and nothing more is asked meanwhile."""
    reference = str(settlement.pk)
    if settlement.state != "kept":
        withdraw(borrower, "settlement", reference, now, actor=actor)
        return
    for loan_id in settlement.loans:
        adjustment = Adjustment("settled", loan_id, business_date(now))
        instruct(
            borrower,
            adjustment,
            settlement.currency,
            now,
            source="settlement",
            reference=reference,
            actor=actor,
        )


def settlement_hold(settlement: Settlement, now: datetime, actor: str) -> Hold:
    """Nothing is chased while the offer stands."""
    return place_known_hold(
        settlement.borrower_id,
        "promise",
        now,
        actor=actor,
        loans=tuple(settlement.loans),
        ends_at=day_end(settlement.by),
        source="settlement",
        own=True,
    )


def log_settlement(settlement: Settlement, before: str, now: datetime, actor: str) -> None:
    """The event of a settlement that came about or changed."""
    evidence.append(
        "settlement",
        at=now,
        actor=actor,
        borrower=settlement.borrower_id,
        body={
            "settlement": settlement.pk,
            "from": before,
            "state": settlement.state,
            "amount": settlement.amount,
            "outstanding": settlement.outstanding,
            "currency": settlement.currency,
            "by": settlement.by.isoformat(),
            "paid": settlement.paid,
            **({"accepted": True} if settlement.accepted_at else {}),
        },
        personal={"note": settlement.reason_note} if settlement.reason_note else None,
    )
