"""A case with an agency: which cases may go out, how long they stay, and what calls them back at once."""

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import date, timedelta
from functools import partial
from typing import Annotated

from forbear.core.base.least_amounts import Currency, amounts_by_currency, same_number
from forbear.core.base.problem import MessageId, noop
from forbear.core.base.setting import settings_class, several, whole

#: proposed: on a list that nobody has signed. signed: waits for the permit gate. placed: with the agency.
#: refused: the rules said no. dropped: the list was declined, or the case changed before it was placed.
PROPOSED_STATES = ("proposed", "signed", "placed", "refused", "dropped")

#: Why a case came back.
ENDINGS: dict[str, MessageId] = {
    "paid": noop("Nothing is past due any more"),
    "dispute": noop("The borrower disputes the debt"),
    "hardship": noop("The borrower is in hardship"),
    "plan": noop("A repayment plan runs"),
    "stopped": noop("Contact has to stop"),
    "vulnerable": noop("The borrower is vulnerable"),
    "time": noop("The term is over"),
    "misconduct": noop("The agency broke the rules"),
    "agency_ended": noop("The agency's contract ended"),
    "legal": noop("The case goes to court"),
    "sold": noop("The debt was sold"),
    "lender": noop("The lender took it back"),
    "returned": noop("The agency gave it back"),
}

#: A hold of this kind takes the case away from the agency at once: with it the lender itself must deal. A promise or
#: a written notice only pauses the agency's work. (A plan: 信用卡业务监督管理办法 art. 70, bank and agency stop.)
RECALLED_BY_HOLD: dict[str, str] = {
    "dispute": "dispute",
    "hardship": "hardship",
    "forbearance": "hardship",
    "plan": "plan",
    "moratorium": "stopped",
    "counsellor": "stopped",
    "cease": "stopped",
    "lawyer": "stopped",
    "deceased": "stopped",
    "bankrupt": "stopped",
    "vulnerable": "vulnerable",
    "crisis": "vulnerable",
}

#: Endings after which this agency never gets the case again; after the others it may.
NOT_AGAIN = frozenset({"misconduct", "agency_ended", "returned", "time"})
#: Endings by the term alone, after which a late payment may still count as the agency's.
WITH_TAIL = frozenset({"time", "agency_ended"})


@settings_class
class PlacementPolicy:
    """How cases are given out.

    `longest_days` is a placement's term and `tail_days` what still counts after it; `from_days_past_due` and
    `least_amount` (minor units by currency) what goes out at all. `chance_share` is the percentage dealt evenly at
    random, so that agencies can be compared fairly; `most_share` the largest percentage of a list one agency may get;
    `least_conduct` the conduct score (0 to 100) below which an agency gets nothing new; `harm_price` what one
    finding against an agency's conduct costs in the computation, in minor units. `answer_days` is within how many days
    a demanded recording is handed in before the agency's permits stop.
    """

    longest_days: Annotated[int, whole(noop("Term"), noop("A placement lasts at most"), "days")] = 90
    tail_days: Annotated[
        int, whole(noop("Tail"), noop("After it ends, payments still count as the agency's"), "days")
    ] = 7
    from_days_past_due: Annotated[
        int,
        whole(
            noop("Earliest day past due"), noop("Nothing is placed before this many days past due"), "days"
        ),
    ] = 30
    least_amount: Annotated[
        Mapping[Currency, int],
        amounts_by_currency(),
        several(noop("Least amount"), noop("Smaller arrears are not placed"), "money", codes="currency"),
    ] = field(default_factory=partial(same_number, 10_000))
    chance_share: Annotated[
        int,
        whole(
            noop("Placed at random"),
            noop("Placed evenly at random, so that agencies can be compared fairly"),
            "percent",
        ),
    ] = 20
    most_share: Annotated[int, whole(noop("Most for one"), noop("Of a list, for one agency"), "percent")] = 60
    least_conduct: Annotated[
        int, whole(noop("Least conduct score"), noop("Below it an agency gets no new cases"), "points")
    ] = 60
    harm_price: Annotated[
        int,
        whole(
            noop("Price of a finding"),
            noop("What a finding against conduct costs in the calculation"),
            "minor",
        ),
    ] = 20_000
    answer_days: Annotated[
        int, whole(noop("Recordings within"), noop("After this an agency's permits stop"), "days")
    ] = 3


def due_back(placed_on: date, policy: PlacementPolicy) -> date:
    """The last day of a placement's term."""
    return placed_on + timedelta(days=policy.longest_days)


def may_go_out(
    facts: Mapping[str, int | str | bool], handler: str, held: bool, policy: PlacementPolicy, least: int = 0
) -> bool:
    """Whether a case is one for an agency: the strategy says so, nothing holds it, late and large enough.

    A case of the hold-out is none, as long as that has not ended for it.

    `facts` is the case's row from the night, `least` from what amount the strategy has it placed. Whether the rules
    allow it is asked at the permit gate, when it is placed.
    """
    return (
        handler == "agency"
        and not held
        and not facts.get("in_holdout")
        and int(facts.get("days_past_due", 0)) >= policy.from_days_past_due
        and int(facts.get("total_past_due", facts.get("past_due_amount", 0)))
        >= max(policy.least_amount.get(str(facts.get("currency", "")), 0), least)
    )


def recalled_by(past_due: int, holds: Collection[str], due_on: date, today: date, agency: str) -> str:
    """Why a placement ends today, or "" while it goes on; the gravest reason first.

    `holds` are the kinds that run, `due_on` the term's last day, `agency` how the agency stands: "" for well,
    else misconduct, review, papers, own_plan or ended.
    """
    if agency == "misconduct":
        return "misconduct"
    if agency == "ended":
        return "agency_ended"
    for kind, ending in RECALLED_BY_HOLD.items():
        if kind in holds:
            return ending
    if past_due <= 0:
        return "paid"
    return "time" if today > due_on else ""
