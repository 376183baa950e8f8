"""A record in the manner of China's second-generation credit system (二代征信), one line of JSON a loan.

The bureau's own interface is not public; the names here are those its data items are known by. Repayment states by
month (还款状态): N on time, 1 to 7 instalments late (7: seven or more), C settled, G passed to somebody else, B
written off, / before it. An event is the same record as of its file's day, with what happened and when.
"""

import json
from decimal import Decimal
from typing import NotRequired, TypedDict

from forbear.core.base.money import format_amount
from forbear.core.bureaus.events import EVENTS, Occurrence
from forbear.core.bureaus.file_checks import LoanStanding, Month

#: 五级分类 as the record codes it.
CLASSES = {"normal": "1", "special_mention": "2", "substandard": "3", "doubtful": "4", "loss": "5"}
#: The account states: 1 normal, 2 overdue, 3 settled, 4 written off (呆账), 5 passed on (转出).
STATES = {"active": "1", "late": "2", "closed": "3", "written_off": "4", "sold": "5"}


def state_of(months_late: int) -> str:
    """A month's letter by how many instalments were past due."""
    return "N" if months_late <= 0 else str(min(months_late, 7))


def record(
    standing: LoanStanding, correction: bool = False, event: Occurrence | None = None
) -> dict[str, object]:
    """The record's items; amounts as decimals in the currency's unit."""
    gone = bool(standing.closed_on or standing.sold_on)

    def amount(minor: int) -> str:
        return format_amount(minor, standing.currency)

    return {
        "inf_rec_type": "event" if event else "correction" if correction else "monthly",
        **({"event": event.kind, "event_date": event.on.isoformat()} if event else {}),
        "acct_code": standing.loan_id,
        "acct_type": "D1",
        "rpt_date": standing.on.isoformat(),
        "open_date": standing.opened_on.isoformat() if standing.opened_on else "",
        "cy": standing.currency,
        "loan_amt": amount(standing.principal),
        "acct_status": STATES[
            "late" if standing.days_past_due and standing.status == "active" else standing.status
        ],
        "acct_bal": amount(0 if gone else standing.outstanding),
        "five_cate": CLASSES[standing.five_class],
        "overd_prd": standing.instalments_past_due,
        "tot_overd": amount(standing.past_due),
        "overd_days": standing.days_past_due,
        "overd_since": standing.first_late_on.isoformat()
        if standing.first_late_on and standing.days_past_due
        else "",
        "cur_rpy_amt": amount(standing.scheduled),
        "act_rpy_amt": amount(standing.paid),
        "lat_rpy_date": standing.last_paid_on.isoformat() if standing.last_paid_on else "",
        "close_date": (standing.closed_on or standing.sold_on or "")
        and str(standing.closed_on or standing.sold_on),
        "rpy_status": _now(standing),
        "rpy_status_24": "".join(_letter(month) for month in reversed(standing.history)),
        "objection": "1" if standing.disputed else "0",
    }


def _now(standing: LoanStanding) -> str:
    if standing.status in ("written_off", "sold"):
        return "B" if standing.status == "written_off" else "G"
    return "C" if standing.closed_on else state_of(standing.instalments_past_due)


def _letter(month: Month) -> str:
    return "/" if month.days_past_due is None else state_of(month.instalments)


def line(standing: LoanStanding, correction: bool = False, event: Occurrence | None = None) -> str:
    """The record as one line, its items in their order."""
    return json.dumps(record(standing, correction, event), ensure_ascii=False, separators=(",", ":"))


def flaws(text: str) -> list[str]:
    """What doesn't hold in a file of such lines, independently of how it was written."""
    flaws_found = []
    for number, row in enumerate(text.splitlines(), 1):
        try:
            one = json.loads(row)
        except ValueError:
            flaws_found.append(f"line {number}: is not JSON")
            continue
        flaws_found += [f"line {number}: {flaw}" for flaw in _record_errors(one)]
    return flaws_found


class _Read(TypedDict):
    """The items of a record that are looked at when it is read again."""

    inf_rec_type: str
    event: NotRequired[str]
    event_date: NotRequired[str]
    rpt_date: str
    acct_bal: str
    overd_prd: int
    tot_overd: str
    overd_days: int
    overd_since: str
    close_date: str
    rpy_status: str
    rpy_status_24: str


def _record_errors(one: _Read) -> list[str]:
    reasons = []
    late = one["overd_days"] > 0
    if late != bool(one["overd_since"]) or late != (one["overd_prd"] > 0):
        reasons.append("days, periods and the beginning of lateness don't agree")
    if late and not Decimal(one["tot_overd"]):
        reasons.append("what is late has an amount")
    if one["inf_rec_type"] == "event" and (
        one.get("event") not in EVENTS or not "" < one.get("event_date", "") <= one["rpt_date"]
    ):
        reasons.append("an event is a known one, on a day up to the record's")
    if one["rpy_status"] in "CG" and (Decimal(one["acct_bal"]) or not one["close_date"]):
        reasons.append("an account that is settled or passed on owes nothing and has its day")
    if len(one["rpy_status_24"]) != 24 or set(one["rpy_status_24"]) - set("/*N1234567CBG"):
        reasons.append("24 months of known states are reported")
    return reasons
