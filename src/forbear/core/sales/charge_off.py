"""Writing a loan off: when policy recommends it, and what stands against it.

A write-off is the lender's own bookkeeping: it ends no debt and changes nothing of what a borrower owes or may. The
days follow the FFIEC's Uniform Retail Credit Classification (closed-end 120, open-end 180; the dead and the insolvent
within 60 days of the news) and China's rules on bad debts (180 days, after claims led nowhere); a lender sets its own.
"""

from dataclasses import dataclass
from typing import Annotated

from forbear.core.base.problem import MessageId, noop
from forbear.core.base.setting import settings_class, whole

#: Why one is recommended.
REASONS: dict[str, MessageId] = {
    "long_overdue": noop("Long overdue, and nothing paid for long"),
    "deceased": noop("The borrower has died"),
    "bankrupt": noop("Insolvency"),
}
#: What stands against it while it is so.
AGAINST: dict[str, MessageId] = {
    "small": noop("Nothing is left"),
    "plan": noop("A plan is being kept"),
    "promise": noop("A promise is open"),
    "dispute": noop("A dispute is open"),
    "hardship": noop("A hardship review is open"),
    "doubt": noop("Its figures are in doubt"),
}
_HOLDS = ("plan", "promise", "dispute", "hardship")


@settings_class
class WriteOffPolicy:
    """From when: how many days past due and without a payment; sooner for the dead and insolvent."""

    from_days_past_due: Annotated[
        int, whole(noop("Earliest day past due"), noop("Recommended from this many days past due"), "days")
    ] = 180
    quiet_days: Annotated[
        int, whole(noop("Without a payment"), noop("And nothing was paid for this long"), "days")
    ] = 90
    deceased_days: Annotated[
        int, whole(noop("After a death"), noop("Days past due, where the borrower died"), "days")
    ] = 60
    bankrupt_days: Annotated[
        int, whole(noop("In insolvency"), noop("Days past due, where the borrower is insolvent"), "days")
    ] = 60


@dataclass(frozen=True, slots=True)
class Overdue:
    """A loan as the question sees it; amounts in minor units, `holds` the kinds that run on its borrower."""

    days_past_due: int
    days_since_payment: int
    outstanding: int
    holds: frozenset[str] = frozenset()
    in_doubt: bool = False


def reasons(loan: Overdue, policy: WriteOffPolicy) -> tuple[str, ...]:
    """Why policy recommends it, as codes of REASONS; nothing when it does not."""
    grounds = []
    if loan.days_past_due >= policy.from_days_past_due and loan.days_since_payment >= policy.quiet_days:
        grounds.append("long_overdue")
    if "deceased" in loan.holds and loan.days_past_due >= policy.deceased_days:
        grounds.append("deceased")
    if "bankrupt" in loan.holds and loan.days_past_due >= policy.bankrupt_days:
        grounds.append("bankrupt")
    return tuple(grounds)


def against(loan: Overdue) -> tuple[str, ...]:
    """What stands against it, as codes of AGAINST."""
    obstacles = ["small"] if loan.outstanding <= 0 else []
    obstacles += [kind for kind in _HOLDS if kind in loan.holds]
    return tuple([*obstacles, "doubt"] if loan.in_doubt else obstacles)


def recommended(loan: Overdue, policy: WriteOffPolicy) -> tuple[str, ...]:
    """The reasons, where nothing stands against it."""
    return () if against(loan) else reasons(loan, policy)
