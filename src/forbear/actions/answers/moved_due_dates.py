"""Move the next due date: at once where the policy allows it, otherwise as a request that a person answers.

The schedule is the lender's. What is agreed here goes out as an instruction, and the new date is what pages, nights,
messages and reports say from that moment on. Nothing of the instalment is chased until its new day is over.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.actions.holds.holds import place_known_hold
from forbear.actions.instructions.instructions import instruct
from forbear.actions.requests.due_dates import next_dues
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.selectors.ledger import ledger_of
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.adjustments import Adjustment
from forbear.core.loans.due_dates import NextDue, check_extension
from forbear.core.loans.loan import Instalment
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_end
from forbear.store.models import Borrower, DueChange, Request
from forbear.store.situation import lock_borrower

#: No due date moves further than this.
FURTHEST = timedelta(days=366)


def move_due_date(borrower_id: str, loan_id: str, to: date, now: datetime) -> DueChange | Request | Problem:
    """Move it at once where the policy agrees, otherwise make a request of it with the policy's reasons beside it."""
    today, terms = business_date(now), policy(settings.HOME).extension
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        due = next_dues(borrower_id, now).get(loan_id) if borrower is not None else None
        if borrower is None or due is None or not borrower.loans.filter(loan_id=loan_id).exists():
            return Problem("no_instalment_to_move", "this loan has no instalment that falls due")
        if not due.due_on < to <= today + FURTHEST:
            return Problem(
                "new_day_too_far",
                "choose a day after the old due date %(due_on)s and within the next year",
                due_on=due.due_on,
            )
        moved = [business_date(change.made_at) for change in borrower.due_changes.filter(loan_id=loan_id)]
        if problems := check_extension(due, to, today, moved, terms):
            details = {
                "loan": loan_id,
                "number": due.number,
                "due_on": due.due_on.isoformat(),
                "to": to.isoformat(),
                "why": [problem.code for problem in problems],
            }
            asked = Asked(borrower_id, "extension", loans=(loan_id,), details=details)
            return make_request(asked, now, actor="borrower")
        return write_due_change(borrower, loan_id, due, to, now, actor="borrower")


def write_due_change(
    borrower: Borrower, loan_id: str, due: NextDue, to: date, now: datetime, *, actor: str
) -> DueChange:
    """The moved date on record: held until then, sent to the loan system, counted from now on."""
    hold = place_known_hold(
        borrower.borrower_id,
        "forbearance",
        now,
        actor=actor,
        loans=(loan_id,),
        ends_at=day_end(to),
        source="due_change",
        own=True,
    )
    change = DueChange.objects.create(
        borrower=borrower,
        loan_id=loan_id,
        number=due.number,
        due_on=due.due_on,
        moved_to=to,
        made_at=now,
        hold=hold,
    )
    line, currency = _line(borrower, loan_id, due.number)
    adjustment = Adjustment(
        "due_date",
        loan_id,
        business_date(now),
        due.number,
        on=to,
        before_on=line.due_on,
        before=line.amounts,
        most=line.amounts,
    )
    instruct(borrower, adjustment, currency, now, source="due_change", reference=str(change.pk), actor=actor)
    details = {
        "loan_id": loan_id,
        "number": due.number,
        "due_on": due.due_on.isoformat(),
        "moved_to": to.isoformat(),
    }
    evidence.append(
        "plan",
        at=now,
        actor=actor,
        borrower=borrower.borrower_id,
        body={"what": "due date moved", **details},
    )
    enqueue_webhooks("due_date.moved", details, now)
    cancel_pending_contacts(borrower, {loan_id}, now, actor=actor, reason=Reason.of("granted"))
    return change


def _line(borrower: Borrower, loan_id: str, number: int) -> tuple[Instalment, str]:
    """The instalment as it stands in the ledger, and its loan's currency."""
    ledger = ledger_of(borrower.borrower_id)
    assert ledger is not None, "an instalment was found in it"
    loan = next(loan for loan in ledger[0].loans if loan.loan_id == loan_id)
    return next(line for line in loan.instalments if line.number == number), loan.currency
