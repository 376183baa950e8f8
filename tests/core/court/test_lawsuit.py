"""Goal: nothing out of time or held is a candidate, fees are the schedule's to the cent, no state is a dead end."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.court.lawsuit import (
    AGAINST,
    AT_COURT,
    DEADLINES,
    MOVES,
    OVER,
    STATES,
    STOPPING,
    WAYS,
    Claimable,
    CourtPolicy,
    assess,
    court_fee,
    deadlines,
    ends_by,
    lacks_ground,
    may_move,
    way_ahead,
)
from forbear.core.facts.context import HOLD_KINDS

GOLDEN = Path(__file__).parents[2] / "golden" / "court"
PACKS = ("cn", "uk", "us")
TODAY = date(2026, 3, 10)
POLICY = CourtPolicy()


class Exact(yaml.CSafeLoader):
    """Amounts are read as they are written."""


Exact.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(node.value))


def cases(name: str) -> list[dict]:
    return yaml.load((GOLDEN / name).read_text("utf-8"), Loader=Exact)


def minor(amount: Decimal) -> int:
    return int(amount * 100)


@pytest.mark.parametrize("case", cases("fees.yaml"), ids=lambda case: case["case"])
def test_fees(case):
    assert court_fee(case["pack"], case["way"], minor(case["amount"])) == minor(case["fee"])


@pytest.mark.parametrize("case", cases("assess.yaml"), ids=lambda case: case["case"])
def test_whether_to_sue(case):
    debt = Claimable(
        minor(case["amount"]),
        case["days"],
        case.get("last_day"),
        case.get("holds", ()),
        case.get("running", False),
        currency="CNY",
    )
    found = assess(debt, POLICY, case["pack"], TODAY)
    assert (found.way, list(found.against)) == (case["way"], case["against"])
    assert found.urgent is case.get("urgent", False)
    assert found.net == found.expected - found.cost


AMOUNTS = st.integers(0, 10**10)


@given(st.sampled_from(PACKS), st.sampled_from(WAYS), AMOUNTS, AMOUNTS)
def test_a_larger_claim_never_costs_less(pack, way, one, other):
    low, high = sorted((one, other))
    assert court_fee(pack, way, low) <= court_fee(pack, way, high)


@given(
    st.sampled_from(PACKS),
    AMOUNTS,
    st.integers(0, 4000),
    st.none() | st.dates(date(2020, 1, 1), date(2032, 1, 1)),
    st.sets(st.sampled_from(sorted(HOLD_KINDS)), max_size=3),
    st.booleans(),
)
def test_what_is_out_of_time_or_held_is_never_a_candidate(pack, amount, days, last_day, holds, running):
    found = assess(Claimable(amount, days, last_day, holds, running, currency="GBP"), POLICY, pack, TODAY)
    if (last_day is not None and last_day < TODAY) or holds & STOPPING or running:
        assert found.against
    if not found.against:
        assert found.net > 0
        assert amount >= POLICY.least_amount["GBP"]
    assert set(found.against) <= AGAINST.keys()


def test_every_state_leads_to_an_end_and_is_reached():
    assert HOLD_KINDS.keys() >= STOPPING
    for state in STATES:
        seen, front = set(), {state}
        while front:
            seen |= front
            front = {to for each in front for to in MOVES[each]} - seen
        assert seen & set(OVER), state
    assert {to for moves in MOVES.values() for to in moves} == set(STATES) - {"proposed"}


@pytest.mark.parametrize(
    ("state", "to", "way", "may"),
    [
        ("served", "objected", "payment_order", True),
        ("served", "in_force", "payment_order", True),
        ("served", "judged", "payment_order", False),
        ("served", "judged", "claim", True),
        ("served", "objected", "claim", False),
        ("judged", "appealed", "claim", True),
        ("judged", "appealed", "small_claim", False),
        ("proposed", "filed", "claim", False),
        ("signed", "filed", "claim", False),
        ("ended", "filed", "claim", False),
    ],
)
def test_the_way_bounds_the_moves(state, to, way, may):
    assert may_move(state, to, way) is may


@given(
    st.sampled_from(STATES),
    st.sampled_from(WAYS),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.sampled_from(PACKS),
)
def test_deadlines_lie_ahead_in_their_order_and_name_their_clause(state, way, on, pack):
    found = deadlines(state, way, on, POLICY, pack)
    assert list(found) == sorted(found, key=lambda each: (each.due_on, each.kind))
    for each in found:
        assert each.due_on > on
        assert each.kind in DEADLINES
        assert each.clause
    if state in OVER:
        assert found == ()


def test_some_deadlines_by_hand():
    served = deadlines("served", "payment_order", date(2026, 3, 1), POLICY, "cn")
    assert [(each.kind, each.due_on, each.ours) for each in served] == [
        ("objection", date(2026, 3, 16), False)
    ]
    force = deadlines("in_force", "claim", date(2024, 2, 29), POLICY, "cn")
    assert [(each.kind, each.due_on, each.ours) for each in force] == [("enforce", date(2026, 3, 1), True)]
    assert deadlines("demanded", "claim", TODAY, POLICY, "cn")[0].due_on == TODAY + timedelta(days=14)


@given(
    st.sampled_from(STATES), st.integers(-5, 5), st.booleans(), st.sets(st.sampled_from(sorted(HOLD_KINDS)))
)
def test_what_is_paid_settled_or_planned_stops_every_suit_and_a_hold_what_is_not_with_a_court(
    state, left, settled, holds
):
    ending = ends_by(state, left, settled, holds)
    if state in OVER or state == "withdrawing":
        assert ending == ""
    elif left <= 0:
        assert ending == "paid"
    elif settled or "plan" in holds:
        assert ending in ("settled", "plan")
    elif holds & STOPPING:
        assert (ending == "") is (state in AT_COURT or state == "in_force")
    else:
        assert ending == ""


@given(st.sampled_from(STATES), st.integers(-5, 5))
def test_only_what_is_due_is_sued_on_until_a_court_has_decided(state, past_due):
    before = {"proposed", "signed", "demanded", "mediating", "filed", "rejected", "served", "objected"}
    assert lacks_ground(state, past_due) is (state in before and past_due <= 0)


def test_after_an_objection_the_amount_decides():
    most = POLICY.small_claim_most
    assert way_ahead("objected", "payment_order", most, POLICY) == "small_claim"
    assert way_ahead("objected", "payment_order", most + 1, POLICY) == "claim"
    assert way_ahead("rejected", "small_claim", most + 1, POLICY) == "claim"
    assert way_ahead("rejected", "payment_order", most + 1, POLICY) == "payment_order"
