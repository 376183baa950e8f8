"""Take a promise to pay; while it is open nothing is chased. Payments, not people, say whether it was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.agreements.agreement import agreed_loans
from forbear.actions.contacts.cancellation import cancel_answers
from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.actions.holds.holds import lift_running, place_known_hold
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.agencies.assignment import difficulty
from forbear.core.agreements.promise import Kept, Paid, Promised, PromisePolicy, check_promise, promise_states
from forbear.core.base.problem import Problem, noop
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.content.template import Money
from forbear.core.loans.allocation import counted_payments
from forbear.interchange.book.read import BorrowerRecord
from forbear.interchange.home.policy import policy as home_policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_end
from forbear.store.models import Borrower, Hold, Payment, Promise, Staff
from forbear.store.situation import lock_row


@dataclass(frozen=True, slots=True)
class Offered:
    """A promise as the borrower gave it: `amount` in minor units, by `due_on`, about these loans."""

    borrower_id: str
    loans: tuple[str, ...]
    amount: int
    due_on: date


def record_promise(
    offered: Offered,
    now: datetime,
    *,
    actor: str,
    staff: Staff | None = None,
    policy: PromisePolicy | None = None,
) -> Promise | list[Problem]:
    """Record it, and stop collection on these loans until the last day on which a payment keeps it."""
    policy = policy or home_policy(settings.HOME).promise
    today = business_date(now)
    with transaction.atomic():
        about = agreed_loans(offered.borrower_id, offered.loans, noop("a promise"), now)
        if isinstance(about, Problem):
            return [about]
        borrower, loans = about
        past_due = sum(loan.past_due_amount for loan in loans)
        broken = Promise.objects.filter(borrower=borrower, state="broken").count()
        if staff is not None and staff.role in ("lead", "manager"):
            broken = 0
        problems = check_promise(offered.amount, offered.due_on, today, past_due, broken, policy)
        if borrower.plans.filter(state__in=("proposed", "active")).exists():
            problems.append(
                Problem(
                    "plan_open_before_promise",
                    "there is a plan already; a promise beside it would count payments twice",
                )
            )
        if Promise.objects.filter(borrower=borrower, state="open").exists():
            problems.append(
                Problem("promise_open", "there is an open promise already; cancel it first if it is replaced")
            )
        if problems:
            return problems
        hold = _hold(borrower, tuple(offered.loans), offered.due_on, policy, now, actor)
        promise = Promise.objects.create(
            borrower=borrower,
            loans=sorted(offered.loans),
            amount=offered.amount,
            currency=loans[0].currency,
            minor_unit=loans[0].minor_unit,
            made_on=today,
            due_on=offered.due_on,
            taken_by=staff,
            difficulty=_difficulty(borrower),
            hold=hold,
        )
        _taken(promise, borrower, now, actor)
        return promise


def _difficulty(borrower: Borrower) -> int:
    """How hard the borrower's case is now; 0 without an open one."""
    facts = borrower.cases.filter(closed_on=None).values_list("facts", flat=True).first()
    return 0 if facts is None else difficulty(facts)


def _hold(
    borrower: Borrower, loans: tuple[str, ...], due_on: date, policy: PromisePolicy, now: datetime, actor: str
) -> Hold:
    """Nothing of these loans is chased until the last day on which a payment keeps the promise is over."""
    ends_at = day_end(due_on + timedelta(days=policy.grace_days))
    return place_known_hold(
        borrower.borrower_id,
        "promise",
        now,
        actor=actor,
        loans=loans,
        ends_at=ends_at,
        source="promise",
        own=True,
    )


def _taken(promise: Promise, borrower: Borrower, now: datetime, actor: str) -> None:
    """On record, and the borrower is notified."""
    evidence.append(
        "promise",
        at=now,
        actor=actor,
        borrower=borrower.borrower_id,
        body={
            "promise": promise.pk,
            "state": "open",
            "amount": promise.amount,
            "currency": promise.currency,
            "due_on": promise.due_on.isoformat(),
            "loans": promise.loans,
        },
    )
    notify_borrower(
        borrower,
        "promise_confirmed",
        now,
        about=f"promise:{promise.pk}",
        loans=tuple(promise.loans),
        paid=Money(promise.amount, promise.currency),
        until=promise.due_on,
    )


def cancel_promise(promise_id: int, now: datetime, *, actor: str, reason: Reason) -> Promise | Problem:
    """Take an open promise back; collection may go on."""
    with transaction.atomic():
        promise = lock_row(Promise, promise_id, "hold")
        if promise is None:
            return Problem("no_such_promise", "there is no such promise")
        if promise.state != "open":
            return Problem("promise_not_open", "this promise is %(state)s", state=promise.state)
        promise.cancelled_on = business_date(now)
        promise.save()
        evaluate_promises(promise.borrower, now, actor=actor, reason=reason)
        cancel_answers(promise.borrower, f"promise:{promise_id}", now, actor=actor, reason=reason)
        promise.refresh_from_db()
        return promise


def payments_of(borrower: Borrower) -> list[Paid]:
    """The borrower's payments that count, from the book and received since: reversals and what they reverse are out."""
    ledger = ledger_of(borrower.borrower_id)
    if ledger is not None:
        return payments_in(ledger[0])
    payments = list(Payment.objects.filter(loan__borrower=borrower))
    reversed_ids = {row.reverses for row in payments if row.reverses}
    return [
        Paid(row.payment_id, row.loan_id, row.paid_on, row.amount)
        for row in payments
        if not row.reverses and row.payment_id not in reversed_ids
    ]


def payments_in(record: BorrowerRecord) -> list[Paid]:
    """The payments of a ledger that count."""
    return [
        Paid(payment.payment_id, loan.loan_id, payment.paid_on, payment.amount)
        for loan in record.loans
        for payment in counted_payments(loan.all_payments, date.max)
    ]


def promises_moved(
    open_promises: Sequence[Promise], payments: Sequence[Paid], today: date, policy: PromisePolicy
) -> list[tuple[Promise, Kept]]:
    """Of all promises of a borrower those that stand otherwise than is written, with how."""
    promises = [
        Promised(str(row.pk), row.made_on, row.due_on, row.amount, tuple(row.loans), row.cancelled_on)
        for row in open_promises
    ]
    judged = promise_states(promises, payments, today, policy)
    return [
        (row, kept)
        for row, kept in zip(open_promises, judged, strict=True)
        if (row.state, row.paid) != (kept.state, kept.paid)
    ]


def evaluate_promises(
    borrower: Borrower,
    now: datetime,
    *,
    actor: str,
    reason: Reason = NO_REASON,
    policy: PromisePolicy | None = None,
) -> int:
    """Judge all promises of a borrower again; how many changed. The caller holds the borrower.

    A kept promise goes back to open or broken when its payment is reversed; an open one stops collection again.
    """
    policy = policy or home_policy(settings.HOME).promise
    promises = list(Promise.objects.filter(borrower=borrower).order_by("pk"))
    if not promises:
        return 0
    moved = promises_moved(promises, payments_of(borrower), business_date(now), policy)
    for row, kept in moved:
        before = (row.state, row.paid)
        row.state, row.paid, row.decided_on = kept.state, kept.paid, kept.decided_on
        if kept.state == "open" and (row.hold is None or row.hold.lifted_at is not None):
            row.hold = _hold(borrower, tuple(row.loans), row.due_on, policy, now, actor)
        row.save()
        if kept.state != "open":
            lift_running(row.hold, now, actor=actor, reason=Reason.of("promise", state=kept.state))
        evidence.append(
            "promise",
            at=now,
            actor=actor,
            borrower=borrower.borrower_id,
            body={
                "promise": row.pk,
                "from": before[0],
                "state": kept.state,
                "paid": kept.paid,
                "reason": reason.as_dict(),
            },
        )
    return len(moved)
