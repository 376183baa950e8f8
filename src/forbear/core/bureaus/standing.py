"""What lateness does to a credit record, and for how long.

A record of lateness goes a fixed time after the debt was settled, or after it began, by country:

- China: 5 years from the day the default ended (征信业管理条例 art. 16).
- United States: 7 years from the lateness (FCRA § 605(a)(5), 15 U.S.C. § 1681c(a)(5)). Where it led to a charge-off or
  collection they begin 180 days after it (§ 605(c)(1)). Less than 30 days late is not reported at all.
- United Kingdom: 6 years from the default or the settlement, as the credit reference agencies keep them.

The what-if is an estimate with its parts in the open, not a bureau's score.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.calendar import falls_due_on
from forbear.core.base.problem import MessageId, noop
from forbear.core.loans.allocation import counted_payments
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Loan, Product


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a record stays: `years` from `starts` (settled, first_late); where it is written.

    `after_days` more go by first where the lateness came to `long_days`. Below `least_days` nothing is reported.
    """

    years: int
    starts: str
    clause: MessageId
    after_days: int = 0
    long_days: int = 0
    least_days: int = 1


RETENTION: dict[str, Retention] = {
    "cn": Retention(5, "settled", noop("Regulation on Credit Reporting, article 16")),
    "us": Retention(7, "first_late", noop("FCRA § 605, 15 U.S.C. § 1681c"), 180, 180, 30),
    "uk": Retention(6, "first_late", noop("the credit reference agencies' own rules")),
}


def gone_on(pack: str, first_late: date, settled: date | None, worst_days: int = 0) -> date | None:
    """The day a record goes; None while it isn't known because the debt isn't settled.

    `worst_days` is how many days late it came to.
    """
    kept = RETENTION[pack]
    start = first_late if kept.starts == "first_late" else settled
    if start is None:
        return None
    if worst_days >= kept.long_days:
        start += timedelta(days=kept.after_days)
    year = start.year + kept.years
    return date(year, 3, 1) if (start.month, start.day) == (2, 29) else start.replace(year=year)


#: Points of 100 that lateness takes, by days past due at its worst; the part that time gives back each year.
POINTS = ((1, 4), (30, 15), (60, 25), (90, 40), (180, 55))
BACK_A_YEAR = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """Points of 100 with their reasons: what lateness took, and what time since it was settled gave back."""

    points: int
    taken: int
    given_back: int


def estimate(worst_days: int, settled_days_ago: int | None = None) -> Estimate:
    """What somebody with no other record would have of 100 points. Never more than before, never below 0."""
    taken = max((points for days, points in POINTS if worst_days >= days), default=0)
    back = 0 if settled_days_ago is None else min(taken, BACK_A_YEAR * max(settled_days_ago, 0) // 365)
    return Estimate(100 - taken + back, taken, back)


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of lateness on one loan: from the due date that was missed until it was cured (None: not yet), and the
    most days past due it came to."""

    since: date
    cured: date | None
    worst_days: int


def spells(loan: Loan, product: Product, today: date) -> list[Spell]:
    """When the loan was late, the oldest spell first, as its lines and payments tell by `today`.

    Delinquency counts after the product's grace: lateness within it leaves no record.
    """
    dues = [
        falls_due_on(instalment.due_on, product.due_date_rule, product.calendar)
        for instalment in loan.instalments
    ]
    days = {due + timedelta(days=1 + product.grace_days) for due in dues}
    days |= {payment.paid_on for payment in counted_payments(loan.payments, today)}
    late_spells: list[Spell] = []
    open_since, worst = None, 0
    for day in sorted(moment for moment in {*days, today} if moment <= today):
        state, before = arrears(loan, product, day), arrears(loan, product, day - timedelta(days=1))
        late = state.days_delinquent > 0
        worst = max(worst, before.days_past_due if open_since else 0, state.days_past_due if late else 0)
        if late and open_since is None:
            open_since = state.oldest_unpaid_due_on
        elif not late and open_since is not None:
            late_spells.append(Spell(open_since, day, worst))
            open_since, worst = None, 0
    if open_since is not None:
        late_spells.append(Spell(open_since, None, worst))
    return late_spells
