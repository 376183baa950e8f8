"""Selling debts: which are never sold, and why each is left out.

A sale changes who is owed, nothing else. Excluded is what a buyer could not lawfully collect, or would collect at the
cost of somebody the lender has to protect (guidance of OCC and CFPB on debt sales; the rules of China's registry for
transfers of personal bad loans; CONC 7; directive (EU) 2021/2167 art. 10).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from forbear.core.base.problem import MessageId, noop
from forbear.core.base.setting import settings_class, whole

#: Why a loan is left out, the gravest first.
EXCLUDED: dict[str, MessageId] = {
    "deceased": noop("The borrower has died"),
    "vulnerable": noop("The borrower is vulnerable"),
    "hardship": noop("Hardship help is asked for or given"),
    "disputed": noop("It is disputed"),
    "protected": noop("Breathing space, a lawyer, an adviser, or a stop"),
    "bankrupt": noop("Insolvency"),
    "time_barred": noop("It is time-barred"),
    "unlawful": noop("The debt itself is unlawful"),
    "on_plan": noop("A plan is being kept"),
    "promised": noop("A promise is open"),
    "held": noop("It is on hold"),
    "with_agency": noop("It is with an agency"),
    "in_court": noop("A lawsuit runs about it"),
    "in_doubt": noop("Its figures are in doubt"),
    "sold": noop("It was sold already"),
    "nothing_left": noop("Nothing is left of it"),
    "not_written_off": noop("It is not written off"),
    "split": noop("The borrower has another loan that is not sold"),
}

#: What each kind of hold that runs excludes by.
_BY_HOLD = {
    "deceased": "deceased",
    "vulnerable": "vulnerable",
    "hardship": "hardship",
    "dispute": "disputed",
    "moratorium": "protected",
    "counsellor": "protected",
    "lawyer": "protected",
    "cease": "protected",
    "bankrupt": "bankrupt",
    "plan": "on_plan",
    "promise": "promised",
    "verification": "held",
    "other": "held",
    "complaint": "disputed",
    "ombudsman": "disputed",
    "military": "protected",
    "crisis": "vulnerable",
    "bereavement": "held",
    "refusal": "held",
    "unapplied": "held",
    "unconfirmed": "held",
    "forbearance": "hardship",
}


@settings_class
class SalePolicy:
    """What a lender sells: with `only_written_off` 1 nothing that is not written off."""

    only_written_off: Annotated[
        int, whole(noop("Only charged-off loans"), noop("No other loan is sold"), "yes", most=1)
    ] = 1


@dataclass(frozen=True, slots=True)
class Offered:
    """A loan that might be sold; `outstanding` in minor units, `holds` the kinds that run on its borrower or on it."""

    loan_id: str
    borrower_id: str
    outstanding: int
    holds: frozenset[str] = frozenset()
    written_off: bool = True
    time_barred: bool = False
    unlawful: bool = False
    sold: bool = False
    with_agency: bool = False
    in_court: bool = False
    in_doubt: bool = False


def excluded(loan: Offered, policy: SalePolicy) -> tuple[str, ...]:
    """Why this loan by itself may not be sold, as codes of EXCLUDED, the gravest first."""
    exclusions = {_BY_HOLD[kind] for kind in loan.holds if kind in _BY_HOLD}
    exclusions |= {
        name
        for name in ("time_barred", "unlawful", "sold", "with_agency", "in_court", "in_doubt")
        if getattr(loan, name)
    }
    if loan.outstanding <= 0:
        exclusions.add("nothing_left")
    if policy.only_written_off and not loan.written_off:
        exclusions.add("not_written_off")
    return tuple(code for code in EXCLUDED if code in exclusions)


def sort_out(loans: Collection[Offered], policy: SalePolicy) -> dict[str, tuple[str, ...]]:
    """By loan_id why it is left out; empty for what may be sold.

    `loans` are all loans of each borrower with something left. A borrower's loans are sold together or not at all, so
    that nobody has two creditors for what was one lender's.
    """
    exclusions = {loan.loan_id: excluded(loan, policy) for loan in loans}
    stays = {
        loan.borrower_id
        for loan in loans
        if exclusions[loan.loan_id] and loan.outstanding > 0 and not loan.sold
    }
    for loan in loans:
        if loan.borrower_id in stays and not exclusions[loan.loan_id]:
            exclusions[loan.loan_id] = ("split",)
    return exclusions
