"""Write loans off: recommended by policy, proposed by one person, looked at again and signed by another.

It is the lender's bookkeeping. Nothing changes for the borrower; what is paid afterwards is a recovery.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.selectors.active_holds import Holds, holds_of
from forbear.actions.selectors.payments import payments_on
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.base.problem import Problem
from forbear.core.facts.fact import NEVER_DAYS
from forbear.core.sales.charge_off import Overdue, recommended
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Case, Loan, Staff, WriteOff
from forbear.store.situation import lock_borrower

#: Of more borrowers than this every row is read.
_NAMED = 5_000


@dataclass(frozen=True, slots=True)
class Recommended:
    """A loan that policy would write off, and why."""

    loan: Loan
    why: tuple[str, ...]


def recommendations(now: datetime, loans: Collection[str] | None = None) -> list[Recommended]:
    """What policy recommends now, the largest first; of these loans, or of all."""
    terms = policy(settings.HOME).write_off
    first = min(terms.from_days_past_due, terms.deceased_days, terms.bankrupt_days)
    rows = Loan.objects.filter(days_past_due__gte=first, payoff__gt=0, written_off=False, sold_at=None)
    rows = rows.exclude(write_offs__state__in=("proposed", "signed"))
    if loans is not None:
        rows = Loan.objects.filter(pk__in=loans, sold_at=None)
    candidates = list(rows.select_related("borrower").order_by("-payoff", "pk"))
    names = {loan.borrower_id for loan in candidates}
    holds, doubts = holds_of(names, now), doubted(names)
    quiet = _quiet_days({loan.pk for loan in candidates}, terms.quiet_days, now)
    proposals = []
    for loan in candidates:
        overdue = Overdue(
            loan.days_past_due,
            quiet.get(loan.pk, NEVER_DAYS),
            loan.payoff,
            kinds_of(holds, loan),
            loan.borrower_id in doubts,
        )
        if why := recommended(overdue, terms):
            proposals.append(Recommended(loan, why))
    return proposals


def kinds_of(holds: Holds, loan: Loan) -> frozenset[str]:
    """The kinds of hold that run on a loan."""
    mine = holds.get(loan.borrower_id, ())
    return frozenset(kind for kind, about in mine if not about or loan.pk in about)


def doubted(borrowers: Collection[str]) -> set[str]:
    """Those of these borrowers whose figures are in doubt."""
    rows = Case.objects.filter(closed_on=None, facts__feed_doubt=True)
    if len(borrowers) <= _NAMED:
        rows = rows.filter(borrower_id__in=borrowers)
    return set(rows.values_list("borrower_id", flat=True)) & set(borrowers)


def _quiet_days(loans: Collection[str], window: int, now: datetime) -> dict[str, int]:
    """Days since the last payment that counts, of loans that were paid on within the window."""
    today = business_date(now)
    quiet_days: dict[str, int] = {}
    for paid in payments_on(loans, today - timedelta(days=window)) if loans else ():
        if paid.reversed_on is None and paid.paid_on <= today:
            quiet_days[paid.loan_id] = (today - paid.paid_on).days
    return quiet_days


def propose_write_offs(staff: Staff, now: datetime) -> int:
    """Propose everything that policy recommends; how many loans."""
    done = 0
    for recommendation in recommendations(now):
        with transaction.atomic():
            lock_borrower(recommendation.loan.borrower_id)
            if WriteOff.objects.filter(loan=recommendation.loan, state__in=("proposed", "signed")).exists():
                continue
            write_off = WriteOff.objects.create(
                loan=recommendation.loan,
                borrower=recommendation.loan.borrower,
                amount=recommendation.loan.payoff,
                why=list(recommendation.why),
                state="proposed",
                proposed_at=now,
                proposed_by=staff,
            )
            _log_event(write_off, "proposed", staff, now)
            done += 1
    return done


def decide_write_offs(ids: Collection[int], staff: Staff, now: datetime, *, sign: bool) -> int | Problem:
    """Sign or decline them as the second person; how many. One that policy no longer recommends is declined by that."""
    rows = list(WriteOff.objects.filter(pk__in=ids, state="proposed").order_by("borrower_id", "pk"))
    if not rows:
        return Problem("no_write_off_to_approve", "none of these is waiting for approval")
    if any(row.proposed_by_id == staff.pk for row in rows):
        return Problem("own_write_off_approval", "you proposed some of these; somebody else must approve")
    if sign and (refused := signature_problem({row.proposed_by_id for row in rows}, staff, now)):
        return refused
    still = {
        recommendation.loan.pk: recommendation.loan
        for recommendation in recommendations(now, {row.loan_id for row in rows})
    }
    done = 0
    for row in rows:
        with transaction.atomic():
            lock_borrower(row.borrower_id)
            held = WriteOff.objects.select_for_update().get(pk=row.pk)
            if held.state != "proposed":
                continue
            signed = sign and held.loan_id in still
            held.state, held.decided_at, held.decided_by = "signed" if signed else "declined", now, staff
            if signed:
                held.amount = still[held.loan_id].payoff
            held.save()
            _log_event(held, held.state, staff, now)
            done += signed or not sign
    return done


def _log_event(row: WriteOff, what: str, staff: Staff, now: datetime) -> None:
    body = {"write_off": row.pk, "loan": row.loan_id, "what": what, "amount": row.amount, "reasons": row.why}
    evidence.append("write_off", at=now, actor=f"staff:{staff.number}", borrower=row.borrower_id, body=body)
