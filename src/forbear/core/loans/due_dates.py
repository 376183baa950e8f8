"""Moving a due date by product rules: what a lender agrees to at once; whatever else is asked, a person answers.

One move at a time, of the next instalment that isn't due yet, asked for early enough by somebody who has paid for a
while. The defaults are those of a flexible-repayment service in consumer finance: five instalments paid, fifteen days
before the due date, thirty days at most, once a year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.problem import Problem

_A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ExtensionPolicy:
    """What is agreed to at once: `after_paid` instalments paid, `days_before` the due date, by `longest_days` at most,
    `a_year` times in 365 days."""

    after_paid: int = 5
    days_before: int = 15
    longest_days: int = 30
    a_year: int = 1


@dataclass(frozen=True, slots=True)
class NextDue:
    """A loan's next instalment that isn't due yet, how many were paid before, and whether any is late."""

    number: int
    due_on: date
    amount: int
    paid_before: int
    late: bool


def check_extension(
    due: NextDue, to: date, today: date, moved: Sequence[date], policy: ExtensionPolicy
) -> list[Problem]:
    """Why a due date isn't moved at once; nothing when it is. `moved` are the days on which it was done before."""
    found = []
    if due.late:
        found.append(
            Problem(
                "an instalment is late; a person looks at it with you",
                "有一期已逾期，将由工作人员与您一起处理",
            )
        )
    if due.paid_before < policy.after_paid:
        found.append(
            Problem(
                f"{policy.after_paid} instalments must be paid before", f"须先还清 {policy.after_paid} 期"
            )
        )
    if due.due_on - today < timedelta(days=policy.days_before):
        found.append(
            Problem(
                f"it must be asked for {policy.days_before} days before the due date",
                f"须在到期日前 {policy.days_before} 天提出",
            )
        )
    if not due.due_on < to <= due.due_on + timedelta(days=policy.longest_days):
        found.append(
            Problem(
                f"the new day lies at most {policy.longest_days} days after the old one",
                f"新的日期最多比原日期晚 {policy.longest_days} 天",
            )
        )
    if sum(today - day < _A_YEAR for day in moved) >= policy.a_year:
        found.append(
            Problem(
                f"it was moved within a year already; {policy.a_year} a year is agreed at once",
                f"一年之内已改过；每年可直接办理 {policy.a_year} 次",
            )
        )
    return found
