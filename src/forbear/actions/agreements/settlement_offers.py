"""Settlement offers of the strategy: planned by a night, made by the letter that leaves, accepted by the borrower.

The policy says how much may be waived and for how long (`settlement.planned`, `floor`, `longest_days`). An offer counts
from the moment its letter has left; one whose letter never left is none.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.agreements.settlements import log_settlement, settlement_hold
from forbear.core.agreements.loan_state import may
from forbear.core.agreements.settlement import Owed, PlannedOffer, planned_offer
from forbear.core.base.problem import Problem
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.loan_states import loan_states
from forbear.store.models import Loan, Settlement
from forbear.store.situation import lock_borrower, lock_row

#: The text by which an offer is made.
TEMPLATE = "settlement_offer"
_ACTOR = "strategy"
_BATCH = 500


def offers_for(loan_ids: Sequence[str], now: datetime) -> dict[str, PlannedOffer]:
    """By loan what the policy offers for it now; loans of which nothing may be asked or agreed are left out.

    Nobody gets a second offer while one stands.
    """
    terms, today, offers = policy(settings.HOME).settlement, business_date(now), {}
    if not terms.planned:
        return {}
    for start in range(0, len(loan_ids), _BATCH):
        loans = list(Loan.objects.filter(pk__in=loan_ids[start : start + _BATCH]))
        states = loan_states(loans, now)
        owners = {loan.borrower_id for loan in loans}
        open_now = Settlement.objects.filter(
            borrower_id__in=owners, state__in=("planned", "proposed", "offered")
        )
        busy = set(open_now.values_list("borrower_id", flat=True))
        for loan in loans:
            allowed = may(states[loan.pk], "ask") and may(states[loan.pk], "plan")
            if loan.borrower_id in busy or not allowed:
                continue
            offer = planned_offer(Owed(loan.payoff, loan.balance, loan.days_past_due), today, terms)
            if offer is not None:
                offers[loan.pk] = offer
    return offers


def plan_settlements(letters: Mapping[str, str], offers: Mapping[str, PlannedOffer], now: datetime) -> None:
    """Write down the offers that waiting letters are to make; `letters` has the contact of each loan."""
    loans = {loan.pk: loan for start in range(0, len(letters), _BATCH) for loan in _loans(letters, start)}
    Settlement.objects.bulk_create(
        Settlement(
            borrower_id=loan.borrower_id,
            loans=[loan.pk],
            amount=offers[loan.pk].amount,
            outstanding=loan.payoff,
            currency=loan.currency,
            minor_unit=loan.minor_unit,
            by=offers[loan.pk].by,
            state="planned",
            proposed_on=business_date(now),
            contact_id=contact_id,
        )
        for loan, contact_id in ((loans[loan_id], contact_id) for loan_id, contact_id in letters.items())
    )


def _loans(letters: Mapping[str, str], start: int) -> list[Loan]:
    return list(Loan.objects.filter(pk__in=list(letters)[start : start + _BATCH]))


def follow_letters(now: datetime) -> int:
    """Make the offers whose letter has left, and drop those whose letter never will; how many changed."""
    changed = 0
    waiting = Settlement.objects.filter(state="planned").exclude(
        contact__state__in=("waiting", "claimed", "sending")
    )
    for settlement_id, borrower_id in waiting.order_by("pk").values_list("pk", "borrower_id"):
        with transaction.atomic():
            lock_borrower(borrower_id)
            settlement = lock_row(Settlement, settlement_id, "hold")
            if settlement is None or settlement.state != "planned" or settlement.contact is None:
                continue
            # one of unknown fate may have arrived: what it says is kept
            left = settlement.contact.at if settlement.contact.state in ("sent", "unknown") else None
            if left is None:
                settlement.state = "cancelled"
            else:
                settlement.state, settlement.offered_on = "offered", business_date(left)
                settlement.hold = settlement_hold(settlement, now, _ACTOR)
            settlement.save()
            log_settlement(settlement, "planned", now, _ACTOR)
            changed += 1
    return changed


def accept_settlement(settlement_id: int, now: datetime) -> Settlement | Problem:
    """The borrower says yes to an offer that stands; saying it again changes nothing."""
    with transaction.atomic():
        settlement = lock_row(Settlement, settlement_id, "hold")
        if settlement is None or settlement.state != "offered" or settlement.by < business_date(now):
            return Problem("offer_over", "this offer doesn't stand any more")
        if settlement.accepted_at is None:
            settlement.accepted_at = now
            settlement.save()
            log_settlement(settlement, "offered", now, "borrower")
        return settlement
