"""Moving a due date by product rules: what a lender agrees to at once; whatever else is asked, a person answers.

One move at a time, of the next instalment that isn't due yet, asked for early enough by somebody who has paid for a
while. The defaults are those of a flexible-repayment service in consumer finance: five instalments paid, fifteen days
before the due date, thirty days at most, once a year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from forbear.core.base.problem import Problem, noop
from forbear.core.base.setting import settings_class, whole

_A_YEAR = timedelta(days=365)


@settings_class
class ExtensionPolicy:
    """What is agreed to at once: `after_paid` instalments paid, `days_before` the due date, by `longest_days` at most,
    `a_year` times in 365 days."""

    after_paid: Annotated[
        int,
        whole(noop("Instalments paid before"), noop("This many instalments were paid before"), "instalments"),
    ] = 5
    days_before: Annotated[
        int, whole(noop("Asked before"), noop("At least this long before the due date"), "days")
    ] = 15
    longest_days: Annotated[int, whole(noop("Longest move"), noop("A due date moves by at most"), "days")] = (
        30
    )
    a_year: Annotated[
        int, whole(noop("Times a year"), noop("Agreed to at once in 365 days at most"), "times")
    ] = 1


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
    problems = []
    if due.late:
        problems.append(
            Problem("extension_instalment_late", "an instalment is late; a person looks at it with you")
        )
    if due.paid_before < policy.after_paid:
        problems.append(
            Problem(
                "extension_paid_too_few",
                "%(after_paid)s instalments must be paid before",
                after_paid=policy.after_paid,
            )
        )
    if due.due_on - today < timedelta(days=policy.days_before):
        problems.append(
            Problem(
                "extension_asked_too_late",
                "it must be asked for %(days_before)s days before the due date",
                days_before=policy.days_before,
            )
        )
    if not due.due_on < to <= due.due_on + timedelta(days=policy.longest_days):
        problems.append(
            Problem(
                "extension_too_long",
                "the new day lies at most %(longest_days)s days after the old one",
                longest_days=policy.longest_days,
            )
        )
    if sum(today - day < _A_YEAR for day in moved) >= policy.a_year:
        problems.append(
            Problem(
                "extension_too_often",
                "it was moved within a year already; %(a_year)s a year is agreed at once",
                a_year=policy.a_year,
            )
        )
    return problems
