"""The form of a written notice by country, and until when somebody may answer it.

- United States: the validation notice of Regulation F, 12 CFR 1006.34(c): who collects and for whom, the account, the
  amount on the itemization date and what was added and paid since, the end of the validation period, and the ways to
  answer. The period ends 30 days after receipt, which may be assumed five business days after sending (1006.34(b)(5)).
- United Kingdom: a statement of arrears in the spirit of CCA 1974 s. 86B, with where free advice is to be had.
- Mainland China: what is owed in its parts, and how to object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.calendar import is_business_day
from forbear.core.loans.allocation import counted_payments
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Loan, Product

#: The approved text that is each pack's own form; the first pack of a lender that has one decides.
FORMS = {"us": "validation_notice", "uk": "arrears_notice", "cn": "written_notice"}
_TO_ANSWER = timedelta(days=30)
_BUSINESS_DAYS = 5


def form_of(packs: Sequence[str]) -> tuple[str, str]:
    """(pack, template) of the form that binds a lender with these packs."""
    pack = next((candidate for candidate in packs if candidate in FORMS), "cn")
    return pack, FORMS[pack]


def answer_until(pack: str, sent_on: date) -> date:
    """The last day for an answer: thirty days, in the United States from the assumed day of receipt."""
    day, left = sent_on, _BUSINESS_DAYS if pack == "us" else 0
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, "US")
    return day + _TO_ANSWER


@dataclass(frozen=True, slots=True)
class Itemized:
    """A debt from the itemization date to today, in minor units: `amount` + `interest` + `fees` - `paid` = `now`.

    The itemization date is that of the last payment (12 CFR 1006.34(b)(3)(iii)), of the loan's beginning where nothing
    was paid. The amount is all that is left of the schedule then.
    """

    on: date
    amount: int
    interest: int
    fees: int
    paid: int
    now: int


def itemize(loan: Loan, product: Product, today: date) -> Itemized:
    """The debt since its last payment. The schedule is agreed beforehand, so nothing is added to it since."""
    counted = counted_payments(loan.payments, today)
    on = (
        counted[-1].paid_on
        if counted
        else (loan.disbursed_on or min(instalment.due_on for instalment in loan.instalments))
    )
    then, now = arrears(loan, product, on).outstanding, arrears(loan, product, today).outstanding
    history = Itemized(on, then, 0, 0, then - now, now)
    assert history.amount + history.interest + history.fees - history.paid == history.now
    return history
