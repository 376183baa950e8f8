"""Who may end a hold, and when somebody looks at it again: no stop of contact is lifted by a click or forgotten.

What the law or the borrower's own word protects ends only when two people agree, both on record: a death, a stop
(PIPL art. 44, 15 U.S.C. § 1692c(c)), a lawyer (§ 1692c(a)(2)), a dispute, and a moratorium (SI 2020/1311 for
breathing space). A hold that an act of its own placed ends with that act, such as a promise or a plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.problem import Problem
from forbear.core.facts.context import HOLD_KINDS


@dataclass(frozen=True, slots=True)
class HoldKind:
    """How a kind of hold ends. `two` people must agree where it says so; with `by_act` no person lifts it by hand.

    `review_days` is after how many days a person looks at one that has no end of its own.
    """

    review_days: int
    two: bool = False
    by_act: bool = False


OF_HOLD: Mapping[str, HoldKind] = {
    "dispute": HoldKind(15, two=True),
    "hardship": HoldKind(30),
    "promise": HoldKind(14, by_act=True),
    "plan": HoldKind(90, by_act=True),
    "moratorium": HoldKind(60, two=True),
    "counsellor": HoldKind(60),
    "cease": HoldKind(180, two=True),
    "lawyer": HoldKind(180, two=True),
    "deceased": HoldKind(180, two=True),
    "bankrupt": HoldKind(180),
    "vulnerable": HoldKind(90),
    "no_visits": HoldKind(365),
    "no_calls": HoldKind(365),
    "no_robots": HoldKind(365),
    "verification": HoldKind(30),
    "other": HoldKind(30),
    "complaint": HoldKind(30),
    "ombudsman": HoldKind(60),
    "military": HoldKind(180),
    "crisis": HoldKind(90),
    "bereavement": HoldKind(60),
    "refusal": HoldKind(60),
    "unapplied": HoldKind(5, by_act=True),
    "unconfirmed": HoldKind(5, by_act=True),
    "forbearance": HoldKind(90, by_act=True),
}
assert OF_HOLD.keys() == HOLD_KINDS.keys(), "every kind of hold says how it ends"
#: Sources whose holds end only with the act that placed them, whatever their kind.
BY_ACT_SOURCES = frozenset({"sale", "vulnerability"})
#: What a person may put on a case by hand.
BY_HAND = tuple(kind for kind in HOLD_KINDS if not OF_HOLD[kind].by_act)


def review_day(kind: str, placed_on: date) -> date:
    """The day on which a person looks at it again."""
    return placed_on + timedelta(days=OF_HOLD[kind].review_days)


def check_lift(
    kind: str, source: str, note: str, *, request: str, asked_by: int | None, staff: int, may_lift: bool
) -> Problem | None:
    """Why this person can't end the hold, or None when they may take this step.

    `request` is the number of an open request that keeps it, "" for none. `asked_by` is who asked before, None for
    nobody. `may_lift` says whether the person may end holds, or only ask.
    """
    terms = OF_HOLD[kind]
    if terms.by_act or source in BY_ACT_SOURCES:
        return Problem("hold_ends_by_act", "this hold ends with what placed it, not by hand")
    if request:
        return Problem(
            "hold_kept_by_request",
            "request %(request)s is open and keeps this hold; answer the request",
            request=request,
        )
    if not note.strip():
        return Problem("lift_reason_missing", "say why the hold ends; it is saved with it")
    if terms.two and asked_by == staff:
        return Problem("lift_own_approval", "a second person must agree that this hold ends")
    if not may_lift and not (terms.two and asked_by is None):
        return Problem("lift_not_allowed", "a lead or a compliance officer ends this hold")
    return None
