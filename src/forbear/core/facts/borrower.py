"""From a borrower's loans to the row of facts a strategy reads; the night's SQL is held against this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.money import minor_digits
from forbear.core.facts.vocabulary import FACTS, NEVER_DAYS, default_row
from forbear.core.loans.allocation import allocate, counted_payments
from forbear.core.loans.delinquency import Arrears, arrears
from forbear.core.loans.loan import Loan, Product
from forbear.core.loans.products import Products

#: How far ahead an unpaid due date is in sight (facts `days_to_due` and `next_due_amount`).
LOOKAHEAD_DAYS = 31


@dataclass(frozen=True, slots=True)
class Borrower:
    """What facts need of a person; nothing that names them."""

    borrower_id: str
    language: str = ""
    region: str = ""
    timezone: str = ""
    has_phone: bool = False
    has_email: bool = False
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One loan tonight: its arrears, and the next unpaid due date in sight (NEVER_DAYS, 0 when none)."""

    loan: Loan
    product: Product
    arrears: Arrears
    days_to_due: int
    next_due_amount: int

    def in_sight(self, lookahead: bool) -> bool:
        """Whether the loan is late or, with `lookahead`, has an unpaid due date in sight."""
        return self.arrears.days_past_due > 0 or (lookahead and self.days_to_due < NEVER_DAYS)


def standing(loan: Loan, product: Product, as_of: date) -> Standing:
    """Where one loan stands at the end of `as_of`."""
    late = arrears(loan, product, as_of)
    days, amount = (NEVER_DAYS, 0) if not loan.owes(as_of) else _next_due(loan, product, as_of)
    return Standing(loan, product, late, days, amount)


def _next_due(loan: Loan, product: Product, as_of: date) -> tuple[int, int]:
    paid = sum(payment.amount for payment in counted_payments(loan.payments, as_of))
    rule = {"due_date_rule": product.due_date_rule, "calendar": product.calendar}
    last = as_of + timedelta(days=LOOKAHEAD_DAYS)
    unpaid: dict[date, int] = {}
    for spread in allocate(loan.instalments, paid, product.allocation_order, **rule).spreads:
        if as_of <= spread.falls_due_on <= last and spread.unpaid.total:
            unpaid[spread.falls_due_on] = unpaid.get(spread.falls_due_on, 0) + spread.unpaid.total
    if not unpaid:
        return NEVER_DAYS, 0
    first = min(unpaid)
    return (first - as_of).days, unpaid[first]


def worst(standings: Sequence[Standing]) -> Standing:
    """The loan that decides for its borrower.

    Most days past due, then the largest past-due amount; where nothing is late the nearest due date; then
    the smallest loan_id, so that the choice never depends on the order the loans come in.
    """
    assert standings, "a borrower has at least one loan"
    return min(
        standings,
        key=lambda s: (
            -s.arrears.days_past_due,
            -s.arrears.past_due_amount,
            0 if s.arrears.days_past_due else s.days_to_due,
            s.loan.loan_id,
        ),
    )


def facts_of(
    borrower: Borrower,
    loans: Sequence[Loan],
    products: Products,
    as_of: date,
    *,
    lookahead: bool,
    feed_doubt: bool = False,
    previous_stage: str = "",
    desk: Mapping[str, int | str | bool] | None = None,
) -> dict[str, int | str | bool] | None:
    """All facts known at night and given by the desk, or None when no loan is late or, with `lookahead`, due soon.

    `lookahead` follows from the strategy (`looks_ahead`): who has nothing late is looked at only if it asks.

    `days_in_stage` is left at its default: it is known once the stage is. Amounts summed over loans count
    those in the worst loan's currency, since two currencies have no sum.
    """
    standings = [standing(loan, products.get(loan.product), as_of) for loan in loans]
    seen = [one for one in standings if one.in_sight(lookahead)]
    if not seen:
        return None
    chosen = worst(seen)
    same = [one for one in standings if one.loan.currency == chosen.loan.currency and one.loan.owes(as_of)]
    row = default_row(10 ** minor_digits(chosen.loan.currency))
    row |= _loan_facts(chosen, as_of)
    row |= {
        "loans_past_due": sum(one.arrears.days_past_due > 0 for one in standings),
        "total_past_due": sum(one.arrears.past_due_amount for one in same),
        "total_outstanding": sum(one.arrears.outstanding for one in same),
        "total_payoff": sum(one.arrears.payoff for one in same),
        "language": borrower.language,
        "region": borrower.region,
        "timezone": borrower.timezone,
        "has_phone": borrower.has_phone,
        "has_email": borrower.has_email,
        "age_years": _whole_years(borrower.born_on, as_of),
        "feed_doubt": feed_doubt or any(one.arrears.payoff_doubtful for one in standings),
        "previous_stage": previous_stage,
    }
    row |= desk or {}
    assert set(row) <= {*FACTS, "minor_unit"}, "every fact is in the vocabulary"
    return row


def _loan_facts(chosen: Standing, as_of: date) -> dict[str, int | str | bool]:
    loan, late = chosen.loan, chosen.arrears
    paid = [payment.paid_on for payment in counted_payments(loan.payments, as_of)]
    first = min((instalment.number for instalment in loan.instalments), default=0)
    if loan.account is not None:
        first = 0  # a snapshot doesn't say which payment was missed
        shown = loan.account.last_payment_on
        paid += [shown] if shown is not None and shown <= as_of else []
    return {
        "days_past_due": late.days_past_due,
        "days_delinquent": late.days_delinquent,
        "days_to_due": chosen.days_to_due,
        "next_due_amount": chosen.next_due_amount,
        "past_due_amount": late.past_due_amount,
        "past_due_principal": late.past_due.principal,
        "past_due_interest": late.past_due.interest,
        "past_due_fee": late.past_due.fee,
        "past_due_penalty": late.past_due.penalty,
        "outstanding": late.outstanding,
        "payoff": late.payoff,
        "balance": late.balance,
        "principal": loan.principal,
        "credit": late.credit,
        "instalments_past_due": late.instalments_past_due,
        "oldest_unpaid_number": late.oldest_unpaid_number or 0,
        "days_on_book": (as_of - loan.disbursed_on).days if loan.disbursed_on else 0,
        "days_since_payment": (as_of - max(paid)).days if paid else NEVER_DAYS,
        "bucket": late.bucket,
        "five_class": late.five_class,
        "product": loan.product,
        "currency": loan.currency,
        "written_off": loan.status == "written_off",
        "paused": late.paused,
        "first_payment_missed": late.days_past_due > 0 and late.oldest_unpaid_number == first,
    }


def _whole_years(born_on: date | None, as_of: date) -> int:
    """Completed years of age; 0 when the birthday is unknown or, by a slip in the feed, still to come."""
    if born_on is None:
        return 0
    before_birthday = (as_of.month, as_of.day) < (born_on.month, born_on.day)
    return max(0, as_of.year - born_on.year - before_birthday)
