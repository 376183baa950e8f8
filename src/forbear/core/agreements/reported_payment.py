"""Payments that borrowers report before the lender's book has them: what each still counts for, and what became of it.

A reported payment lowers nothing that is owed. While it counts, nobody is asked for its amount. The book decides: a
payment of the same loan and amount near its day books it, and so do several that make up the amount. What the book has
is taken off what is still counted, so that no money counts twice. A payment is taken for one report only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Annotated

from forbear.core.base.least_amounts import Currency, amounts_by_currency, same_number
from forbear.core.base.problem import Problem, noop
from forbear.core.base.setting import settings_class, several, whole

#: unconfirmed: the book hasn't got it yet. booked: it has. bounced: it had, and the bank took it back. lapsed: its last
#: day passed and no feed showed it. refused: a second person refused it. withdrawn: it was a mistake.
STATES = ("unconfirmed", "booked", "bounced", "lapsed", "refused", "withdrawn")
#: States that a person gave; the book changes them no more.
ENDED_BY_PERSON = ("refused", "withdrawn")
#: How it was paid, as the borrower says.
WAYS = ("transfer", "branch", "card", "app", "agent", "other")
#: The oldest payment that is reported rather than disputed.
OLDEST = timedelta(days=60)


@settings_class
class ReportedPaymentPolicy:
    """What a payment that only the borrower knows of does, and for how long.

    It counts for `days` days, and for `unsigned_days` where a second person has to look at it and has not. That is
    so above `second_above` (minor units by currency), and after an earlier one on the loan lapsed. A payment in the
    book within `match_days` of its day may be it.
    """

    days: Annotated[
        int,
        whole(
            noop("Reported payment counts"),
            noop("So long nobody asks for its amount"),
            "days",
            least=1,
            most=30,
        ),
    ] = 5
    unsigned_days: Annotated[
        int,
        whole(
            noop("Without approval"),
            noop("So long one counts that a second person has to approve and has not"),
            "days",
            least=1,
            most=30,
        ),
    ] = 2
    match_days: Annotated[
        int,
        whole(
            noop("Days apart"),
            noop("The book may have it on a day so far from the reported one"),
            "days",
            least=0,
            most=30,
        ),
    ] = 5
    second_above: Annotated[
        Mapping[Currency, int],
        amounts_by_currency(),
        several(
            noop("Second person above"),
            noop("A larger payment needs proof and a second person"),
            "money",
            codes="currency",
        ),
    ] = field(default_factory=partial(same_number, 500_000))


@dataclass(frozen=True, slots=True)
class Reported:
    """A payment as reported: `amount` in minor units, paid on `paid_on`, counting through `ends_on`.

    `known` are the loan's payments that the book or the desk had when it was reported: none of them is it.
    """

    report: int
    paid_on: date
    amount: int
    ends_on: date
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A payment of the loan as the book or a program has it; `reversed` when the bank took it back."""

    payment_id: str
    paid_on: date
    amount: int
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a report: its state, how much of it still counts, and the payments that booked it."""

    state: str
    counts: int = 0
    payments: tuple[str, ...] = ()


def standings(
    reports: Sequence[Reported], payments: Collection[BookedPayment], today: date, match_days: int
) -> list[Standing]:
    """What became of the reports on one loan, in their order; the earlier report has the payment first.

    What counts is never more than was reported, and never what the book has already.
    """
    found: dict[int, Standing] = {}
    free = sorted(payments, key=lambda each: (each.paid_on, each.payment_id))
    for report in reports:  # first each with a payment of its very amount
        fitting = [each for each in _candidates(report, free, match_days) if each.amount == report.amount]
        if fitting:
            one = min(fitting, key=lambda each: (each.reversed, abs(each.paid_on - report.paid_on)))
            free.remove(one)
            state = "bounced" if one.reversed else "booked"
            found[report.report] = Standing(state, payments=(one.payment_id,))
    for report in reports:
        if report.report not in found:
            parts = [each for each in _candidates(report, free, match_days) if not each.reversed]
            found[report.report] = _of_parts(report, parts, today)
            free = [each for each in free if each not in parts]
    answer = [found[report.report] for report in reports]
    assert all(0 <= one.counts <= report.amount for one, report in zip(answer, reports, strict=True))
    return answer


def _candidates(report: Reported, free: Sequence[BookedPayment], match_days: int) -> list[BookedPayment]:
    """The payments that may be the one reported."""
    near = timedelta(days=match_days)
    return [
        each
        for each in free
        if each.payment_id not in report.known and abs(each.paid_on - report.paid_on) <= near
    ]


def _of_parts(report: Reported, parts: Sequence[BookedPayment], today: date) -> Standing:
    """A report that no single payment is equal to: several may make it up, or a part of it has come."""
    come = sum(each.amount for each in parts)
    names = tuple(each.payment_id for each in parts)
    if come >= report.amount:
        return Standing("booked", payments=names)
    if today > report.ends_on:
        return Standing("lapsed", payments=names)
    return Standing("unconfirmed", report.amount - come, names)


def needs_second(amount: int, currency: str, policy: ReportedPaymentPolicy, *, lapsed_before: bool) -> bool:
    """Whether a second person has to look at it: it is large, or the last one on this loan never came."""
    return lapsed_before or amount > policy.second_above.get(currency, 0)


def report_problem(
    amount: int,
    paid_on: date,
    payoff: int,
    today: date,
    known: Collection[BookedPayment],
    *,
    second: bool,
    proof: bool,
) -> Problem | None:
    """Why it can't be reported so; None when it can. `payoff` is the most that can still be paid on the loan."""
    if not today - OLDEST <= paid_on <= today:
        return Problem(
            "reported_day_invalid",
            "the day of the payment is today or within the last %(days)s days",
            days=OLDEST.days,
        )
    if not 0 < amount <= payoff:
        return Problem("reported_amount_invalid", "the amount is above 0 and at most all that the loan owes")
    if any((each.paid_on, each.amount) == (paid_on, amount) and not each.reversed for each in known):
        return Problem("reported_already_booked", "this payment is on the loan already")
    if second and not proof:
        return Problem(
            "reported_proof_missing",
            "this payment needs proof: it is large, or an earlier one that was reported never came",
        )
    return None


def covers(counts: int, past_due: int) -> bool:
    """Whether nothing that is past due is left to be asked for: then the loan's collection rests."""
    assert counts >= 0
    return 0 < past_due <= counts
