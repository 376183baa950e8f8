"""What a borrower asks for, and by when a person answers.

The clocks are a lender's own promise within the law. Where a rule gives a time it is the default: an objection to a
credit record 20 days (征信业管理条例 art. 25), a complaint 15 days (银行保险机构消费投诉处理管理办法 art. 18).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.calendar import is_business_day

STATES = ("open", "answered", "withdrawn")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request.

    `days` is the clock, in business days where `business`. `hold` is placed at once ("" for none) and lifted by an
    answer in `lifts`. `outcomes` are the answers a person may choose from.
    """

    days: int
    business: bool = False
    hold: str = ""
    outcomes: tuple[str, ...] = ("done", "refused")
    lifts: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "hardship": Kind(5, True, "hardship", ("reduced", "deferred", "refused"), ("reduced", "deferred", "refused")),
    "dispute": Kind(15, False, "dispute", ("upheld", "partly", "refused"), ("upheld", "partly", "refused")),
    "complaint": Kind(15, False, "", ("upheld", "partly", "refused")),
    "plan": Kind(3, True, "", ("done", "refused")),
    "extension": Kind(3, True),
    "written_notice": Kind(5, False, "verification", ("done", "refused"), ("done",)),
    "credit_objection": Kind(20, False, "", ("corrected", "refused")),
    "data_copy": Kind(15, True),
    "correction": Kind(15, True),
    "wrong_person": Kind(5, True, "dispute", ("confirmed", "refused"), ("refused",)),
    "report_caller": Kind(3, True, "", ("ours", "not_ours")),
    "lawyer": Kind(3, True, "lawyer", ("done", "refused"), ("refused",)),
    "other": Kind(5, True),
}  # fmt: skip


def due_on(kind: str, opened_on: date, calendar: str, clocks: Mapping[str, int] | None = None) -> date:
    """The last day of the clock; the day it was asked doesn't count. `clocks` are a lender's own days by kind."""
    one = KINDS[kind]
    left = (clocks or {}).get(kind, one.days)
    if not one.business:
        return opened_on + timedelta(days=left)
    day = opened_on
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, calendar)
    return day
