"""Repayment plans: what is past due spread over instalments that the borrower can afford.

Chinese cards: at most 60 months, with six required terms (信用卡业务监督管理办法 art. 70). Amounts are whole minor
units; the instalments sum to the amount exactly, the last one taking what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated

from forbear.core.base.calendar import add_months
from forbear.core.base.problem import Problem, noop
from forbear.core.base.setting import settings_class, whole

STATES = ("proposed", "active", "kept", "broken", "ended")
#: The lengths in months that are offered beside the shortest.
_LENGTHS = (6, 12, 24, 36, 60)


@settings_class
class PlanPolicy:
    """What a lender agrees to.

    `most_months` is the longest plan, `least_instalment` in minor units the smallest instalment, `first_within`
    the days to the first one, `own_limit` the amount in minor units and `own_months` the length up to which one
    signature is enough, `grace_days` after a due date, `missed_to_break` how many missed instalments break it.
    """

    most_months: Annotated[int, whole(noop("Longest plan"), noop("A plan has at most"), "months")] = 60
    least_instalment: Annotated[
        int, whole(noop("Least instalment"), noop("No plan has smaller instalments"), "minor")
    ] = 5_000
    first_within: Annotated[
        int, whole(noop("First instalment within"), noop("From the day it is agreed"), "days")
    ] = 31
    own_limit: Annotated[
        int,
        whole(
            noop("One person may approve up to this amount"),
            noop("Above this amount a second person approves"),
            "minor",
        ),
    ] = 2_000_000
    own_months: Annotated[
        int,
        whole(
            noop("One person may approve up to this length"),
            noop("Beyond this length a second person approves"),
            "months",
        ),
    ] = 12
    grace_days: Annotated[
        int, whole(noop("Grace"), noop("After its day an instalment still counts"), "days")
    ] = 5
    missed_to_break: Annotated[
        int,
        whole(
            noop("Missed instalments to end it"),
            noop("This many missed instalments end the plan"),
            "instalments",
        ),
    ] = 2
    tolerance: Annotated[
        int, whole(noop("Tolerance"), noop("A shortfall up to this still counts as paid"), "percent")
    ] = 5


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One instalment of a plan; numbers start at 1."""

    number: int
    due_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Budget:
    """A month's income and expenditure in minor units, as the borrower stated it."""

    income: int
    housing: int = 0
    living: int = 0
    dependants: int = 0
    other_debts: int = 0

    @property
    def left(self) -> int:
        """What is left in a month; below 0 when nothing is."""
        return self.income - self.housing - self.living - self.dependants - self.other_debts


def spread(amount: int, months: int, first_on: date) -> list[PlanLine]:
    """The amount over a number of monthly instalments, equal but for the last, which takes the rest."""
    assert amount > 0, "a plan is for something owed"
    assert months > 0, "a plan has an instalment"
    payment = -(-amount // months)
    lines, left = [], amount
    for number in range(1, months + 1):
        part = min(payment, left)
        if not part:
            break
        lines.append(PlanLine(number, add_months(first_on, number - 1), part))
        left -= part
    assert sum(line.amount for line in lines) == amount, "no cent is lost or made"
    return lines


def affordable(budget: Budget, share: int = 60) -> int:
    """What may go into a plan each month: `share` percent of what is left, so that some room stays."""
    return max(budget.left, 0) * share // 100


def busiest_month(running: Sequence[PlanLine], lines: Sequence[PlanLine], today: date) -> int:
    """The most that falls due on other instalments in one month of a plan: after one of its days, up to the next."""
    starts = [today, *(line.due_on for line in lines)]
    return max(
        (
            sum(other.amount for other in running if since < other.due_on <= until)
            for since, until in pairwise(starts)
        ),
        default=0,
    )


def affordable_offers(
    amount: int,
    budget: Budget,
    policy: PlanPolicy,
    first_on: date,
    today: date,
    running: Sequence[PlanLine] = (),
    share: int = 60,
) -> list[list[PlanLine]]:
    """The plans a budget can carry beside the instalments that go on falling due (`running`), the shortest first.

    From what is left in a month the busiest month's instalments go first; of the rest `share` percent may go into the
    plan. Offers the shortest length that fits and, where they are longer, 6, 12, 24, 36 and 60 months.
    """
    fitting: list[list[PlanLine]] = []
    for months in range(1, policy.most_months + 1):
        if fitting and months not in _LENGTHS:
            continue
        lines = spread(amount, months, first_on)
        due = busiest_month(running, lines, today)
        room = affordable(replace(budget, income=budget.income - due), share)
        least = months == 1 or amount // months >= policy.least_instalment
        if lines[0].amount <= room and least and room >= policy.least_instalment:
            fitting.append(lines)
    return fitting


def offers(amount: int, monthly: int, policy: PlanPolicy, first_on: date) -> list[list[PlanLine]]:
    """The plans policy allows at this monthly amount, the shortest first; none when it is too little.

    Offers the shortest affordable length and, where they are longer, 6, 12, 24, 36 and 60 months.
    """
    if monthly < policy.least_instalment:
        return []
    shortest = -(-amount // monthly)
    lengths = {shortest, *(months for months in _LENGTHS if months > shortest)}
    allowed = [
        months
        for months in sorted(lengths)
        if months <= policy.most_months and (months == 1 or amount // months >= policy.least_instalment)
    ]
    return [spread(amount, months, first_on) for months in allowed]


def check_plan(
    lines: Sequence[PlanLine],
    past_due: int,
    today: date,
    policy: PlanPolicy,
    budget: Budget | None = None,
    running: Sequence[PlanLine] = (),
) -> list[Problem]:
    """What is wrong with a plan; nothing when it may be agreed. `running` are instalments that fall due beside it."""
    problems = []
    if not lines or sum(line.amount for line in lines) != past_due:
        problems.append(Problem("plan_sum_differs", "the instalments must sum to what is past due"))
        return problems
    if len(lines) > policy.most_months:
        problems.append(
            Problem(
                "plan_too_many_instalments",
                "a plan has at most %(most)s instalments",
                most=policy.most_months,
            )
        )
    if any(line.amount < policy.least_instalment for line in lines[:-1]):
        problems.append(
            Problem("plan_instalment_too_small", "an instalment is below the smallest that is accepted")
        )
    if not today <= lines[0].due_on <= today + timedelta(days=policy.first_within):
        problems.append(
            Problem(
                "plan_first_too_late",
                "the first instalment is due within %(days)s days",
                days=policy.first_within,
            )
        )
    if any(b.due_on <= a.due_on for a, b in pairwise(lines)):
        problems.append(Problem("plan_dates_not_rising", "the instalments must fall due one after another"))
    left = max(budget.left - busiest_month(running, lines, today), 0) if budget is not None else 0
    if budget is not None and max(line.amount for line in lines) > left:
        problems.append(Problem("plan_above_budget", "an instalment is more than is left in a month"))
    return problems


def needs_second_signature(lines: Sequence[PlanLine], policy: PlanPolicy) -> bool:
    """Whether somebody else must agree too."""
    return sum(line.amount for line in lines) > policy.own_limit or len(lines) > policy.own_months


def outstanding_lines(lines: Sequence[PlanLine], paid: int) -> list[PlanLine]:
    """What is still to be paid of each instalment, the earliest paid first; those that are paid are left out."""
    left_lines = []
    for line in lines:
        taken = min(paid, line.amount)
        paid -= taken
        if line.amount > taken:
            left_lines.append(replace(line, amount=line.amount - taken))
    return left_lines


def missed(lines: Sequence[PlanLine], paid: int, today: date, policy: PlanPolicy) -> list[PlanLine]:
    """The instalments that are missed at the end of `today`, `paid` being all paid towards the plan so far."""
    missed_lines, so_far = [], 0
    for line in lines:
        so_far += line.amount
        short = so_far - paid
        if (
            line.due_on + timedelta(days=policy.grace_days) < today
            and short * 100 > line.amount * policy.tolerance
        ):
            missed_lines.append(line)
    return missed_lines


def plan_state(lines: Sequence[PlanLine], paid: int, today: date, policy: PlanPolicy) -> str:
    """active, kept (all paid) or broken (too many instalments missed, or anything once the last one's grace is over).

    At its end a plan that is short by no more than the tolerance was kept.
    """
    if paid >= sum(line.amount for line in lines):
        return "kept"
    missed_lines = missed(lines, paid, today, policy)
    if lines[-1].due_on + timedelta(days=policy.grace_days) < today:
        return "broken" if missed_lines else "kept"
    return "broken" if len(missed_lines) >= policy.missed_to_break else "active"
