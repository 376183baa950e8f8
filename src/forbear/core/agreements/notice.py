"""What a written notice states by country, and until when somebody may answer it.

- United States: the validation notice of Regulation F, 12 CFR 1006.34(c) and model form B-1: who collects and for whom,
  the account, the amount on the itemization date and what was added and paid since, the end of the validation period,
  and a form to answer with. The period ends 30 days after receipt, which may be assumed five business days after
  sending (1006.34(b)(5)).
- United Kingdom: the notice of sums in arrears of CCA 1974 s. 86B with each payment that was missed (SI 2007/1167
  schedule 3), and where free advice is to be had. A default notice gives 14 days from its service (s. 88(2)).
- Mainland China: the contract, its rate, each instalment that is due, on what the demand rests, and how to object or
  complain (信用卡办法 art. 69, taken as the measure for all consumer loans).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from forbear.core.base.calendar import is_business_day
from forbear.core.loans.allocation import Spread, allocate, counted_payments
from forbear.core.loans.delinquency import arrears, past_due_of
from forbear.core.loans.loan import Amounts, Loan, Product, Snapshot

#: The approved text that is each pack's own form; the first pack of a lender that has one decides.
FORMS = {"us": "validation_notice", "uk": "arrears_notice", "cn": "written_notice"}
_TO_ANSWER = timedelta(days=30)
_BUSINESS_DAYS = 5
_TO_REMEDY = timedelta(days=14)
#: Post counts as served on the second working day (Interpretation Act 1978 s. 7; Practice Direction of 1985).
_POST_DAYS = 2


def form_of(packs: Sequence[str]) -> tuple[str, str]:
    """(pack, template) of the form that binds a lender with these packs."""
    pack = next((candidate for candidate in packs if candidate in FORMS), "cn")
    return pack, FORMS[pack]


def _after(day: date, business_days: int, calendar: str) -> date:
    while business_days:
        day += timedelta(days=1)
        business_days -= is_business_day(day, calendar)
    return day


def answer_until(pack: str, sent_on: date) -> date:
    """The last day for an answer: thirty days, in the United States from the assumed day of receipt."""
    return _after(sent_on, _BUSINESS_DAYS if pack == "us" else 0, "US") + _TO_ANSWER


def remedy_until(pack: str, sent_on: date) -> date:
    """The last day to put a default right: 14 days, in the United Kingdom from the day the notice counts as served."""
    return _after(sent_on, _POST_DAYS if pack == "uk" else 0, "GB-ENG") + _TO_REMEDY


@dataclass(frozen=True, slots=True)
class Account:
    """A loan as a notice states it, in minor units: `amount` + `interest` + `fees` - `paid` - `credited` = `now`.

    `amount` was owed on `on`, the day the money was paid out: the transaction date of 12 CFR 1006.34(b)(3)(iv).
    `interest` and `fees` (with penalty interest) are what fell due since, or was paid ahead; `credited` is what the
    lender took off. `now` has the whole principal and no interest that isn't due yet; where the lender told a payoff,
    `now` is that, with what it has more as interest and what it has less as credited. `past_due` are the instalments
    that are late, `late` their unpaid parts; it is what the borrower is asked for.

    Of an account without a schedule `on` and the rest are its itemization's, and `event` says which day it is; without
    one it is the day of the snapshot, with its balance, and `event` is "".
    """

    loan_id: str
    on: date
    amount: int
    interest: int
    fees: int
    paid: int
    credited: int
    now: int
    past_due: tuple[Spread, ...]
    event: str = "transaction"
    has_schedule: bool = True

    @property
    def late(self) -> Amounts:
        """The unpaid parts of what is past due."""
        return sum((spread.unpaid for spread in self.past_due), start=Amounts.ZERO)


def account_of(loan: Loan, product: Product, today: date) -> Account | None:
    """The account at the end of `today`.

    None where it can't be stated: the day of the loan is unknown, or its lines ask for more principal than was lent.
    """
    if loan.account is not None:
        return _of_snapshot(loan, loan.account, product, today)
    lent = sum(line.amounts.principal for line in loan.instalments)
    if loan.disbursed_on is None or lent > loan.principal:
        return None
    paid = sum(payment.amount for payment in counted_payments(loan.payments, today))
    spread = allocate(
        loan.instalments,
        paid,
        product.allocation_order,
        due_date_rule=product.due_date_rule,
        calendar=product.calendar,
    )
    paid -= spread.credit
    charged = sum((_charged(line, today) for line in spread.spreads), start=Amounts.ZERO)
    interest, fees, credited = charged.interest, charged.fee + charged.penalty, loan.principal - lent
    now = loan.principal + interest + fees - paid - credited
    left = sum(
        line.unpaid.principal if line.falls_due_on > today else line.unpaid.total for line in spread.spreads
    )
    assert now == left, "what was lent and charged, less what was paid, is what is left"
    owed = arrears(loan, product, today).payoff
    interest, credited, now = interest + max(0, owed - now), credited + max(0, now - owed), owed
    late = tuple(past_due_of(spread.spreads, product, loan.currency, today))
    return Account(loan.loan_id, loan.disbursed_on, loan.principal, interest, fees, paid, credited, now, late)


def _of_snapshot(loan: Loan, snapshot: Snapshot, product: Product, today: date) -> Account:
    """The account by its itemization, else by its snapshot, with what was paid since."""
    since = sum(payment.amount for payment in counted_payments(loan.payments, today))
    late = past_due_of(
        allocate(loan.instalments, since, product.allocation_order).spreads, product, loan.currency, today
    )
    owed = arrears(loan, product, today).payoff
    found = snapshot.itemization
    if found is None:
        parts = (snapshot.balance, 0, 0, since, 0)
    else:
        parts = (found.amount, found.interest, found.fees, found.paid + since, found.credited)
    amount, interest, fees, paid, credited = parts
    left = amount + interest + fees - paid - credited
    interest, credited = interest + max(0, owed - left), credited + max(0, left - owed)
    return Account(
        loan.loan_id,
        found.on if found else snapshot.as_of,
        amount,
        interest,
        fees,
        paid,
        credited,
        owed,
        tuple(late),
        found.event if found else "",
        has_schedule=False,
    )


def _charged(spread: Spread, today: date) -> Amounts:
    """What an instalment asks for beside principal: all of it once it is due, before that what was paid ahead."""
    parts = spread.instalment.amounts if spread.falls_due_on <= today else spread.paid
    return replace(parts, principal=0)
