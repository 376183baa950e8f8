"""Move the next due date: at once where the policy allows it, otherwise as a request that a person answers.

The schedule is the lender's. What is agreed here is on record and sent to its programs by webhook; until the feed
brings the new schedule nothing of it is chased.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.holds.holds import place_known_hold
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.selectors.ledger import ledger_of
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.core.loans.allocation import allocate, counted_payments
from forbear.core.loans.due_dates import NextDue, check_extension
from forbear.core.loans.loan import Loan, Product
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_end
from forbear.store.models import DueChange, Request
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_borrower


def next_dues(borrower_id: str, now: datetime) -> dict[str, NextDue]:
    """By loan, the next instalment that isn't due yet; loans without one are left out."""
    ledger, today = ledger_of(borrower_id), business_date(now)
    if ledger is None:
        return {}
    dues = {loan.loan_id: _next(loan, ledger[1].get(loan.product), today) for loan in ledger[0].loans}
    return {loan_id: due for loan_id, due in dues.items() if due is not None}


def _next(loan: Loan, product: Product, today: date) -> NextDue | None:
    if not loan.owes(today):
        return None
    paid = sum(payment.amount for payment in counted_payments(loan.payments, today))
    spreads = allocate(
        loan.instalments,
        paid,
        product.allocation_order,
        due_date_rule=product.due_date_rule,
        calendar=product.calendar,
    ).spreads
    ahead = [
        allocation for allocation in spreads if allocation.unpaid.total and allocation.falls_due_on >= today
    ]
    if not ahead:
        return None
    late = any(allocation.unpaid.total and allocation.falls_due_on < today for allocation in spreads)
    before = sum(not allocation.unpaid.total for allocation in spreads)
    first = ahead[0]
    return NextDue(first.instalment.number, first.falls_due_on, first.unpaid.total, before, late)


def move_due_date(borrower_id: str, loan_id: str, to: date, now: datetime) -> DueChange | Request | Problem:
    """Move it at once, or make a request of it, whose words say why it wasn't."""
    today, terms = business_date(now), policy(settings.HOME).extension
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        due = next_dues(borrower_id, now).get(loan_id) if borrower is not None else None
        if borrower is None or due is None or not borrower.loans.filter(loan_id=loan_id).exists():
            return Problem("no_instalment_to_move", "this loan has no instalment that falls due")
        if not today < to <= today + timedelta(days=366):
            return Problem("new_day_too_far", "the new day lies within the next year")
        moved = [business_date(change.made_at) for change in borrower.due_changes.filter(loan_id=loan_id)]
        if problems := check_extension(due, to, today, moved, terms):
            language = (borrower.language or "zh").partition("-")[0]
            words = "\n".join(
                [
                    f"{loan_id}:{due.number} {due.due_on} → {to}",
                    *(sentence_in(language, problem) for problem in problems),
                ]
            )
            details = {"loan": loan_id, "number": due.number, "to": to.isoformat()}
            draft_request = Asked(borrower_id, "extension", words, loans=(loan_id,), details=details)
            return make_request(draft_request, now, actor="borrower")
        hold = place_known_hold(
            borrower_id,
            "promise",
            now,
            actor="borrower",
            loans=(loan_id,),
            ends_at=day_end(to),
            source="due_change",
        )
        due_change = DueChange.objects.create(
            borrower=borrower,
            loan_id=loan_id,
            number=due.number,
            due_on=due.due_on,
            moved_to=to,
            made_at=now,
            hold=hold,
        )
        details = {
            "loan_id": loan_id,
            "number": due.number,
            "due_on": due.due_on.isoformat(),
            "moved_to": to.isoformat(),
        }
        evidence.append(
            "plan", at=now, actor="borrower", borrower=borrower_id, body={"what": "due date moved", **details}
        )
        enqueue_webhooks("due_date.moved", details, now)
        return due_change
