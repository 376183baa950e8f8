"""What happened to a loan between two days that is reported to a credit bureau by itself, and whether its past changed.

The month's record says how a loan stands; an event says that it began or ceased to. Both follow from the ledger, and
from what the desk knows of disputes, write-offs and sales.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.problem import noop
from forbear.core.bureaus.file_checks import LoanStanding
from forbear.core.loans.allocation import counted_payments
from forbear.core.loans.loan import Loan, Product

#: The events, in the order in which those of one day are reported.
EVENTS = {
    "opened": noop("Arrears began"),
    "cured": noop("Arrears ended"),
    "written_off": noop("Written off"),
    "sold": noop("Debt sold"),
    "settlement": noop("Settled for less"),
    "settled": noop("Paid off"),
    "objected": noop("Objection marked"),
    "answered": noop("Objection answered"),
}
#: Those that say something bad: reported only with a permit.
ADVERSE = frozenset({"opened", "written_off", "sold"})
_ORDER = tuple(EVENTS)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event and its day."""

    kind: str
    on: date


def occurred(
    before: LoanStanding | None, now: LoanStanding, first: date, extra: Iterable[Occurrence] = ()
) -> list[Occurrence]:
    """What happened from `first` to `now.on`, in order.

    `before` is the loan at the end of the day before `first`. `extra` is what the ledger can't say: disputes,
    write-offs, sales, settlements; those outside the days are left out. An arrears that began and ended between the
    two days is none.
    """
    events = [occurrence for occurrence in extra if first <= occurrence.on <= now.on]
    was_late = before is not None and before.days_past_due > 0
    if now.days_past_due > 0 and not was_late:
        assert now.first_late_on is not None, "what is late has the due date that began it"
        events.append(Occurrence("opened", now.first_late_on + timedelta(days=1)))
    if was_late and now.days_past_due == 0 and now.closed_on is None and now.sold_on is None:
        events.append(Occurrence("cured", now.last_paid_on or now.on))
    if now.closed_on is not None and first <= now.closed_on:
        events.append(Occurrence("settled", now.closed_on))
    return sorted(set(events), key=lambda occurrence: (occurrence.on, _ORDER.index(occurrence.kind)))


def fingerprint(loan: Loan, product: Product, on: date) -> str:
    """A digest of all lines that say how the loan stood on any day up to `on`: unchanged, no such day changed.

    A loan that is closed with something unpaid closed with its last payment, so a later one moves that day too.
    """
    every = counted_payments(loan.payments, date.max) if loan.status == "closed" else []
    lines = (
        loan.currency, loan.principal, loan.disbursed_on, loan.status == "written_off",
        [(instalment.number, instalment.due_on, instalment.amounts) for instalment in loan.instalments],
        [(payment.paid_on, payment.amount) for payment in counted_payments(loan.payments, on)],
        every[-1].paid_on if every else None, loan.pauses,
        product.grace_days, product.tolerance, product.allocation_order, product.due_date_rule, product.calendar,
        product.due_date_counts, product.pauses,
    )  # fmt: skip
    return hashlib.sha256(repr(lines).encode()).hexdigest()[:32]
