"""Goal: one table says what each state of a loan allows; nothing grave is outvoted by anything else."""

from itertools import combinations

import pytest

from forbear.core.agreements.hold_kinds import BY_HAND, OF_HOLD, check_lift
from forbear.core.agreements.loan_state import BY_HOLD, DEEDS, FORBIDS, LoanFacts, may, refusal, states_of
from forbear.core.facts.context import HOLD_KINDS

OWED = LoanFacts(outstanding=100)


@pytest.mark.parametrize(
    ("facts", "states", "allowed"),
    [
        (OWED, (), DEEDS),
        (LoanFacts(sold=True, outstanding=100), ("sold",), ()),
        (LoanFacts(settled=True, outstanding=100), ("settled",), ()),
        (LoanFacts(outstanding=0), ("closed",), ()),
        (LoanFacts(outstanding=100, holds=frozenset({"forbearance"})), ("paused",), ("pay", "plan", "report")),
        (LoanFacts(outstanding=100, holds=frozenset({"deceased"})), ("deceased",), ("pay", "report")),
        (LoanFacts(outstanding=100, holds=frozenset({"dispute"})), ("disputed",), ("pay", "plan", "report")),
        (LoanFacts(outstanding=100, placed=True), ("placed",), DEEDS),
        (LoanFacts(outstanding=100, time_barred=True), ("time_barred",), ("ask", "pay", "plan", "report")),
        (LoanFacts(outstanding=100, holds=frozenset({"no_visits", "vulnerable"})), (), DEEDS),
    ],
)  # fmt: skip
def test_what_a_state_allows(facts, states, allowed):
    assert states_of(facts) == states
    assert tuple(deed for deed in DEEDS if may(states, deed)) == tuple(allowed)


def test_more_states_never_allow_more():
    for one, other in combinations(FORBIDS, 2):
        for deed in DEEDS:
            assert may((one, other), deed) == (may((one,), deed) and may((other,), deed))
            assert (refusal((one, other), deed) is None) == may((one, other), deed)
    assert refusal(("placed", "sold"), "pay").code == "loan_sold"
    assert BY_HOLD.keys() <= HOLD_KINDS.keys()


def lift(kind: str, **more: object) -> str:
    given = {
        "note": "checked",
        "request": "",
        "asked_by": None,
        "staff": 1,
        "may_lift": True,
        "source": "desk",
    }
    given |= more
    wrong = check_lift(kind, given.pop("source"), given.pop("note"), **given)
    return wrong.code if wrong else ""


@pytest.mark.parametrize("kind", HOLD_KINDS)
def test_every_kind_says_who_ends_it(kind):
    terms = OF_HOLD[kind]
    assert terms.review_days > 0
    assert (kind in BY_HAND) != terms.by_act
    if terms.by_act:
        assert lift(kind) == "hold_ends_by_act"
        return
    assert lift(kind) == ""
    assert lift(kind, note=" ") == "lift_reason_missing"
    assert lift(kind, request="R1") == "hold_kept_by_request"
    assert lift(kind, source="sale") == "hold_ends_by_act"
    assert lift(kind, may_lift=False) == ("" if terms.two else "lift_not_allowed")
    assert lift(kind, asked_by=1) == ("lift_own_approval" if terms.two else "")
    assert lift(kind, asked_by=2, may_lift=False) == "lift_not_allowed"
    assert lift(kind, asked_by=2) == ""


def test_two_people_end_what_the_law_protects():
    assert {kind for kind, terms in OF_HOLD.items() if terms.two} == {
        "cease", "deceased", "lawyer", "dispute", "moratorium",
    }  # fmt: skip
