"""Settlements: less than all is paid and the rest is waived, within who may grant how much.

A discount is in basis points (1/100 of a percent) of what is outstanding. Principal has a floor: however high the
authority, that share of it is always paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from forbear.core.base.problem import Problem, noop
from forbear.core.base.setting import known, settings_class, several, whole

#: planned: the strategy's, until its letter has left. proposed: a person's, until somebody with the authority signs.
STATES = ("planned", "proposed", "offered", "kept", "lapsed", "declined", "cancelled")
WHOLE = 10_000


#: Who can grant a discount alone.
_ROLES = ("collector", "lead", "manager", "compliance", "legal")


@settings_class
class SettlementPolicy:
    """Who may waive how much.

    `authority` gives by role the largest discount in basis points that one person of that role may grant alone;
    above it a second person with enough authority signs. `floor` is the share of principal, in basis points,
    that is never waived. `longest_days` is how long an offer stands, `from_days_past_due` when one may first be made.
    `planned` is the discount in basis points that a strategy's step offers by itself; 0: it offers none.
    """

    authority: Annotated[
        Mapping[Annotated[str, known(_ROLES)], Annotated[int, Field(ge=0, le=WHOLE, strict=True)]],
        several(
            noop("Discount one person may grant"),
            noop("The largest discount one person of the role may grant"),
            "basis",
            codes="role",
        ),
    ] = field(default_factory=lambda: {"collector": 500, "lead": 2_000, "manager": 5_000})
    floor: Annotated[
        int, whole(noop("Floor of principal"), noop("The share of principal that is always paid"), "basis")
    ] = 5_000
    longest_days: Annotated[int, whole(noop("Longest offer"), noop("How long an offer is valid"), "days")] = (
        30
    )
    from_days_past_due: Annotated[
        int,
        whole(noop("Earliest day past due"), noop("No offer is made before this many days past due"), "days"),
    ] = 60
    planned: Annotated[
        int,
        whole(
            noop("Discount of a planned offer"),
            noop("What a settlement offer of the strategy waives; 0 means that none is sent"),
            "basis",
        ),
    ] = 0


@dataclass(frozen=True, slots=True)
class Owed:
    """What a settlement is about, in minor units."""

    outstanding: int
    principal: int
    days_past_due: int


@dataclass(frozen=True, slots=True)
class PlannedOffer:
    """`amount`, in minor units, settles all when it is paid by the day `by`, which counts."""

    amount: int
    by: date


def planned_offer(owed: Owed, today: date, policy: SettlementPolicy) -> PlannedOffer | None:
    """What the lender's policy offers by itself; None when it offers nothing for this.

    The discount is `policy.planned`, rounded in the lender's favour, and the floor of the principal is always paid.
    """
    if not policy.planned or owed.days_past_due < policy.from_days_past_due or policy.longest_days < 1:
        return None
    asked = -(-owed.outstanding * (WHOLE - policy.planned) // WHOLE)
    floor = -(-owed.principal * policy.floor // WHOLE)
    amount = max(asked, floor)
    if not 0 < amount < owed.outstanding:
        return None
    return PlannedOffer(amount, today + timedelta(days=policy.longest_days))


def discount(amount: int, outstanding: int) -> int:
    """What is waived, in basis points of what is outstanding, rounded up: authority is never exceeded by rounding."""
    assert 0 < amount <= outstanding, "a settlement is more than nothing and at most all"
    return -(-(outstanding - amount) * WHOLE // outstanding)


def check_settlement(
    amount: int, by: date, owed: Owed, today: date, policy: SettlementPolicy
) -> list[Problem]:
    """What is wrong with an offer; nothing when it may be made."""
    problems = []
    if not 0 < amount < owed.outstanding:
        return [
            Problem(
                "settlement_amount_invalid",
                "a settlement is more than nothing and less than what is outstanding",
            )
        ]
    if amount * WHOLE < owed.principal * policy.floor:
        problems.append(
            Problem(
                "settlement_below_principal",
                "at least %(percent)s%% of the principal is always paid",
                percent=f"{policy.floor / 100:g}",
            )
        )
    if owed.days_past_due < policy.from_days_past_due:
        problems.append(
            Problem(
                "settlement_too_early",
                "a settlement is offered from %(days)s days past due",
                days=policy.from_days_past_due,
            )
        )
    if not today < by <= today + timedelta(days=policy.longest_days):
        problems.append(
            Problem(
                "settlement_validity_invalid",
                "an offer is valid for at least one day and at most %(days)s days",
                days=policy.longest_days,
            )
        )
    if discount(amount, owed.outstanding) > max(policy.authority.values(), default=0):
        problems.append(
            Problem("settlement_above_every_authority", "nobody has the authority to waive so much")
        )
    return problems


def may_grant(role: str, amount: int, outstanding: int, policy: SettlementPolicy) -> bool:
    """Whether one person of this role may grant it alone."""
    return discount(amount, outstanding) <= policy.authority.get(role, -1)


def settlement_state(amount: int, by: date, paid: int, today: date) -> str:
    """offered, kept (all of it paid by its day) or lapsed; `paid` counts payments by value date up to that day."""
    if paid >= amount:
        return "kept"
    return "lapsed" if today > by else "offered"
