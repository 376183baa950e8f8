"""Hold what was found wrong on a loan against the feed: by instalment, until the lender's loan system books it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.actions.instructions.instructions import instruct
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.base.money import format_amount
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.adjustments import NO_PAYMENT_INSTEAD, Adjustment, reduced_line
from forbear.core.loans.allocation import Spread, allocate, counted_payments
from forbear.core.loans.loan import Amounts, Loan, Product
from forbear.store.business_date import business_date
from forbear.store.models import Request

_UNKNOWN_LINE = Problem(
    "disputed_line_unknown", "the disputed line isn't in the loan book; say in the answer what is wrong"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """An instalment that may be wrong: by at most `most` minor units, in its penalty alone or in all of it."""

    loan: Loan
    spread: Spread
    paid: int
    most: int
    penalty_only: bool = False

    def lowered(self, by: int) -> Amounts:
        """What the instalment asks for once that much of it is wrong."""
        asked = self.spread.instalment.amounts
        return replace(asked, penalty=asked.penalty - by) if self.penalty_only else reduced_line(asked, by)


def hold_difference(request: Request, amount: int, now: datetime, *, actor: str) -> list[list] | Problem:
    """Hold `amount` minor units of what the request disputes, or all of it with 0; [loan, instalment, amount] each.

    The disputed line first; without one, what is late, the oldest first. Of a line that is paid already all can be
    wrong: what was paid for it then pays what comes next. The caller holds the borrower.
    """
    lines = list(_lines(request, now))
    if not lines:
        return _UNKNOWN_LINE
    currency = lines[0].loan.currency
    lines = [line for line in lines if line.loan.currency == currency]
    most = sum(line.most for line in lines)
    if amount > most:
        return Problem(
            "wrong_amount_too_large",
            "at most %(most)s of it can be wrong",
            most=format_amount(most, currency),
        )
    left = amount or most
    held: list[list] = []
    loans: set[str] = set()
    for line in lines:
        by = min(left, line.most)
        left -= by
        if not by:
            continue
        instalment = line.spread.instalment
        adjustment = Adjustment(
            "line",
            line.loan.loan_id,
            business_date(now),
            instalment.number,
            before=instalment.amounts,
            most=line.lowered(by),
            paid_before=line.paid if _about_a_payment(request) else NO_PAYMENT_INSTEAD,
        )
        instruct(
            request.borrower,
            adjustment,
            currency,
            now,
            source="request",
            reference=request.number,
            actor=actor,
        )
        held.append([line.loan.loan_id, instalment.number, by])
        loans.add(line.loan.loan_id)
    cancel_pending_contacts(request.borrower, loans, now, actor=actor, reason=Reason.of("granted"))
    return held


def _about_a_payment(request: Request) -> bool:
    """Whether the borrower says that they paid it: then the lender may book their payment in place of a smaller line.

    Of any other line that is wrong a payment that comes late, of a day before the answer, takes nothing back.
    """
    return request.kind == "payment_check" or request.details.get("reason") == "paid"


def _lines(request: Request, now: datetime) -> Iterator[_Line]:
    """The instalments that the request may be about, with how much of each can be wrong."""
    ledger = ledger_of(request.borrower_id)
    if ledger is None:
        return
    today = business_date(now)
    loan_id, _, line = request.line.rpartition(":")
    for loan in ledger[0].loans:
        if (loan_id and loan.loan_id != loan_id) or (request.loans and loan.loan_id not in request.loans):
            continue
        product = ledger[1].get(loan.product)
        paid = sum(payment.amount for payment in counted_payments(loan.payments, today))
        for spread in _spreads(loan, product, paid):
            asked, unpaid = spread.instalment.amounts, spread.unpaid
            if line == "penalty" and asked.penalty:
                yield _Line(loan, spread, paid, unpaid.penalty or asked.penalty, penalty_only=True)
            elif line and line == str(spread.instalment.number):
                yield _Line(loan, spread, paid, unpaid.total or asked.total)
            elif not loan_id and unpaid.total and spread.falls_due_on < today:
                yield _Line(loan, spread, paid, unpaid.total)


def _spreads(loan: Loan, product: Product, paid: int) -> tuple[Spread, ...]:
    return allocate(
        loan.instalments,
        paid,
        product.allocation_order,
        due_date_rule=product.due_date_rule,
        calendar=product.calendar,
    ).spreads
