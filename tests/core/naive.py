"""The same rules told slowly, day by day and coin by coin, to hold the real ones against.

Nothing here is shared with `forbear.core` but the loan's own lines. Where the rules take a difference of
dates, this walks the calendar; where they fill a schedule with a sum, this hands every payment down the
list by itself.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

import holidays

from forbear.core.loans.loan import Loan, Product

ONE_DAY = timedelta(days=1)
UNITS = {"CNY": 100, "USD": 100, "GBP": 100, "JPY": 1, "KWD": 1000}


@cache
def country(name: str) -> holidays.HolidayBase:
    return holidays.country_holidays(name, years=range(2023, 2026))


def falls_due(due_on: date, product: Product) -> date:
    while product.due_date_rule == "following" and not country(product.calendar).is_working_day(due_on):
        due_on += ONE_DAY
    return due_on


def walk(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += ONE_DAY


def slow_arrears(loan: Loan, product: Product, as_of: date) -> dict[str, object]:
    """What `core.delinquency.arrears` should say, by field name."""
    if loan.status == "closed" or (loan.disbursed_on is not None and as_of < loan.disbursed_on):
        return dict.fromkeys(
            ("days_past_due", "days_delinquent", "past_due_amount", "outstanding", "credit"), 0
        )
    lines = []
    for line in loan.instalments:
        owed = {name: getattr(line.amounts, name) for name in ("principal", "interest", "fee", "penalty")}
        lines.append({"number": line.number, "due": falls_due(line.due_on, product), "owed": owed})
    lines.sort(key=lambda line: (line["due"], line["number"]))
    credit = 0
    for payment in loan.payments:
        bounced = any(row.reverses == payment.payment_id for row in loan.payments)
        if payment.reverses == "" and not bounced and payment.paid_on <= as_of:
            credit += hand_down(payment.amount, lines, product)
    late = [line for line in lines if is_late(line, loan, product, as_of)]
    return {"credit": credit, "outstanding": sum(sum(line["owed"].values()) for line in lines)} | clocks(
        late, loan, product, as_of
    )


def hand_down(money: int, lines: list[dict], product: Product) -> int:
    """Give one payment to whoever is first in the queue and still owes; the rest comes back."""
    for line in lines:
        for component in product.allocation_order:
            while money and line["owed"][component]:
                coin = min(money, line["owed"][component])
                line["owed"][component] -= coin
                money -= coin
    return money


def is_late(line: dict, loan: Loan, product: Product, as_of: date) -> bool:
    unpaid = Fraction(sum(line["owed"].values()), UNITS[loan.currency])
    reached = line["due"] < as_of or (product.due_date_counts and line["due"] == as_of)
    return reached and unpaid > Fraction(product.tolerance)


def clocks(late: list[dict], loan: Loan, product: Product, as_of: date) -> dict[str, object]:
    components = ("principal", "interest", "fee", "penalty")
    by_component = tuple(sum(line["owed"][name] for line in late) for name in components)
    facts = {
        "past_due": by_component,
        "past_due_amount": sum(by_component),
        "instalments_past_due": len(late),
    }
    if not late:
        return facts | {
            "days_past_due": 0,
            "days_delinquent": 0,
            "paused_days": 0,
            "oldest_unpaid_due_on": None,
        }
    since = late[0]["due"]
    first_day = since if product.due_date_counts else since + ONE_DAY
    past_due = len(list(walk(first_day, as_of)))
    stopped = [
        day
        for day in walk(since, as_of - ONE_DAY)
        if product.pauses == "stop_the_clock"
        and any(p.starts_on <= day and (p.ends_on is None or day < p.ends_on) for p in loan.pauses)
    ]
    delinquent = past_due - len(stopped) - product.grace_days
    return facts | {
        "days_past_due": past_due,
        "days_delinquent": delinquent if delinquent > 0 else 0,
        "paused_days": len(stopped),
        "oldest_unpaid_due_on": since,
        "oldest_unpaid_number": late[0]["number"],
        "delinquent_since": list(walk(since, since + ONE_DAY * product.grace_days))[-1],
        "bucket": bucket(past_due - len(stopped), product) if delinquent > 0 else "M0",
        "five_class": five_class(past_due - len(stopped)) if delinquent > 0 else "normal",
    }


def bucket(days: int, product: Product) -> str:
    reached = 0
    for bound in product.buckets:
        if days >= bound:
            reached += 1
    return f"M{reached}"


def five_class(days: int) -> str:
    if days > 360:
        return "loss"
    if days > 270:
        return "doubtful"
    if days > 90:
        return "substandard"
    return "special_mention"
