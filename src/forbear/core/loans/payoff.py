"""What settles a loan on a day: the lender's own figure, else what is due and the principal not yet due.

Interest, fees and penalty of instalments that fall due later are owed by nobody yet, so they are never in it. A debt
collector may not say that a debt is larger than it is: 15 U.S.C. 1692e(2)(A). Interest runs for the time the money was
actually had: 民法典 art. 677. What ran since the last due date stands in no instalment that is due, so it is left out
too, to the borrower's good; a lender who wants it counted gives the payoff.

It is guaranteed that without a quote the payoff is at least what is past due and at most what the schedule has left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from forbear.core.loans.allocation import Spread, counted_payments
from forbear.core.loans.loan import Amounts, Loan


@dataclass(frozen=True, slots=True)
class Payoff:
    """In minor units: `amount` settles the loan, of which `balance` is principal.

    `doubtful`: the lender's figure is less than what its own instalments have past due, so one of them is wrong.
    """

    amount: int = 0
    balance: int = 0
    doubtful: bool = False


def payoff_of(loan: Loan, spreads: Iterable[Spread], paid: int, past_due: Amounts, as_of: date) -> Payoff:
    """What settles `loan` at the end of `as_of`.

    `spreads` are its instalments as paid until then, `paid` is the money that counts, `past_due` what is past due by
    part.
    """
    charges = past_due.total - past_due.principal
    quote = loan.quote
    if quote is None or as_of < quote.on:
        amount = _by_schedule(spreads, paid, as_of)
        return Payoff(amount, amount - charges)
    since = sum(p.amount for p in counted_payments(loan.payments, as_of) if p.paid_on > quote.on)
    doubtful = quote.balance is not None and quote.balance < past_due.principal
    if quote.payoff is not None and as_of <= quote.until:
        amount = max(0, quote.payoff - since)
        doubtful = doubtful or amount < past_due.total
    elif quote.balance is not None:
        amount = max(past_due.total, quote.balance - since + charges)
    else:
        amount = _by_schedule(spreads, paid, as_of)
    principal = max(0, amount - charges)
    return Payoff(amount, principal if quote.balance is None else min(quote.balance, principal), doubtful)


def _by_schedule(spreads: Iterable[Spread], paid: int, as_of: date) -> int:
    """All that is due and the principal that isn't, less all money that counts, whatever it was spread on."""
    owed = 0
    for spread in spreads:
        amounts = spread.instalment.amounts
        owed += amounts.total if spread.falls_due_on <= as_of else amounts.principal
    return max(0, owed - paid)
