"""The states of loans at the desk, for what `core.agreements.loan_state` says may be done with them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q

from forbear.core.agreements.loan_state import LoanFacts, may, states_of
from forbear.store.business_date import business_date
from forbear.store.models import Hold, Instruction, Loan, Placement
from forbear.store.models.instruction import IN_FORCE


def loan_states(loans: Collection[Loan], now: datetime) -> dict[str, tuple[str, ...]]:
    """By loan the states it is in now, the gravest first; four queries for any number of loans."""
    names, owners = [loan.pk for loan in loans], {loan.borrower_id for loan in loans}
    running = Q(ends_at=None) | Q(ends_at__gt=now)
    holds = Hold.objects.filter(running, borrower_id__in=owners, lifted_at=None, starts_at__lte=now)
    on_hold = list(holds.values_list("borrower_id", "kind", "loans"))
    placed = list(
        Placement.objects.filter(borrower_id__in=owners, ended_at=None).values_list("borrower_id", "loans")
    )
    settled = set(
        Instruction.objects.filter(kind="settled", state__in=IN_FORCE, loan_id__in=names).values_list(
            "loan_id", flat=True
        )
    )
    today = business_date(now)
    return {
        loan.pk: states_of(
            LoanFacts(
                sold=loan.sold_at is not None and loan.sold_at <= now,
                settled=loan.pk in settled,
                outstanding=max(loan.payoff, loan.outstanding),
                time_barred=loan.time_barred_on is not None and loan.time_barred_on <= today,
                placed=any(
                    owner == loan.borrower_id and (not about or loan.pk in about) for owner, about in placed
                ),
                holds=frozenset(
                    kind
                    for owner, kind, about in on_hold
                    if owner == loan.borrower_id and (not about or loan.pk in about)
                ),
            )
        )
        for loan in loans
    }


def loans_that_may(deed: str, loans: Sequence[Loan], now: datetime) -> list[Loan]:
    """Of these loans those with which it may be done now, in their order."""
    states = loan_states(loans, now)
    return [loan for loan in loans if may(states[loan.pk], deed)]
