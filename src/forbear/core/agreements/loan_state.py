"""What may be asked, paid, planned, forecast and reported of a loan, by the state it is in.

One table for pages, actions, letters, interfaces and nights. Whether a contact may leave is the rules' to say. The
sources: a debt that was sold or settled is owed to nobody here (民法典 art. 546, 557). A death ends the borrower's own
dealings (art. 1159). Breathing space stops interest, fees and enforcement (SI 2020/1311 reg. 7). A dispute suspends
collection until it is answered (12 CFR 1006.38).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from forbear.core.base.problem import Problem

#: What may be done with a loan. ask: tell the borrower to pay it. pay: take money for it. plan: agree on a promise, a
#: plan or a settlement. forecast: say what it will be if nothing is paid. report: tell a bureau that it is late.
DEEDS = ("ask", "pay", "plan", "forecast", "report")
#: Each state with what it forbids; the gravest first, whose word a page gives.
FORBIDS: Mapping[str, frozenset[str]] = {
    "sold": frozenset(DEEDS),
    "settled": frozenset(DEEDS),
    "closed": frozenset(DEEDS),
    "deceased": frozenset({"ask", "plan", "forecast"}),
    "moratorium": frozenset({"ask", "forecast"}),
    "bankrupt": frozenset({"ask", "plan", "forecast"}),
    "disputed": frozenset({"ask", "forecast"}),
    "paused": frozenset({"ask", "forecast"}),
    "hardship": frozenset({"ask"}),
    "planned": frozenset({"ask"}),
    "promised": frozenset({"ask"}),
    "time_barred": frozenset({"forecast"}),
    "placed": frozenset(),
}
#: The state that a hold of this kind means.
BY_HOLD: Mapping[str, str] = {
    "deceased": "deceased",
    "moratorium": "moratorium",
    "bankrupt": "bankrupt",
    "dispute": "disputed",
    "verification": "disputed",
    "forbearance": "paused",
    "hardship": "hardship",
    "plan": "planned",
    "promise": "promised",
}
_WHY: Mapping[str, Problem] = {
    "sold": Problem("loan_sold", "this loan was sold; whom to pay now stands on “Who is collecting”"),
    "settled": Problem("loan_settled", "this loan is settled; nothing more is owed"),
    "closed": Problem("loan_paid_off", "this loan is paid off; nothing more is owed"),
    "deceased": Problem("loan_of_deceased", "the borrower has died; nothing can be agreed with them"),
    "bankrupt": Problem("loan_in_insolvency", "the borrower is insolvent; nothing is agreed beside that"),
}
_ELSE = Problem("loan_not_now", "this can't be done with the loan now")


@dataclass(frozen=True, slots=True)
class LoanFacts:
    """What decides on the state: whose it is, whether anything is left, and the holds that run on it."""

    sold: bool = False
    settled: bool = False
    outstanding: int = 0
    time_barred: bool = False
    placed: bool = False
    holds: frozenset[str] = frozenset()


def states_of(facts: LoanFacts) -> tuple[str, ...]:
    """Every state the loan is in, the gravest first; none for a loan that is simply owed."""
    found = {BY_HOLD[kind] for kind in facts.holds if kind in BY_HOLD}
    for state, holds in (
        ("sold", facts.sold),
        ("settled", facts.settled),
        ("closed", facts.outstanding <= 0),
        ("time_barred", facts.time_barred),
        ("placed", facts.placed),
    ):
        if holds:
            found.add(state)
    return tuple(state for state in FORBIDS if state in found)


def may(states: Collection[str], deed: str) -> bool:
    """Whether a loan in these states allows it."""
    assert deed in DEEDS, deed
    return not any(deed in FORBIDS[state] for state in states)


def refusal(states: Collection[str], deed: str) -> Problem | None:
    """Why it may not be done, by the gravest state that forbids it; None when it may."""
    for state in FORBIDS:
        if state in states and deed in FORBIDS[state]:
            return _WHY.get(state, _ELSE)
    return None
