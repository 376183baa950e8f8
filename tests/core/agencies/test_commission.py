"""Goal: commission is right to the cent, told once, and taken back exactly: one sum from one set of rows."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agencies.commission import (
    Band,
    Line,
    Paid,
    Placed,
    commission,
    rate_for,
    read_schedule,
    statement,
    taken_back,
    totals,
)
from forbear.core.base.problem import Problem

CASES = yaml.load(
    (Path(__file__).parents[2] / "golden" / "commission" / "cases.yaml").read_text("utf-8"),
    Loader=yaml.CSafeLoader,
)
DAY = date(2026, 1, 1)
DAYS = st.integers(0, 120).map(lambda days: DAY + timedelta(days=days))


@pytest.mark.parametrize("case", CASES["rates"], ids=lambda case: case["case"])
def test_the_rate(case):
    assert rate_for([Band(*band) for band in case["schedule"]], case["days"]) == case["rate"]


@pytest.mark.parametrize("case", CASES["shares"], ids=lambda case: case["case"])
def test_a_share(case):
    assert commission(case["amount"], case["rate"]) == case["commission"]


@pytest.mark.parametrize("case", CASES["statements"], ids=lambda case: case["case"])
def test_a_statement(case):
    placed = [
        Placed(
            one["placement"], (one["loan"],), one["first"], one.get("last"), one["rate"], one.get("tail", 0)
        )
        for one in case["placed"]
    ]
    paid = [
        Paid(one["id"], one["loan"], one["paid_on"], one["amount"], "CNY", one.get("reversed"))
        for one in case["paid"]
    ]
    told = {
        name: Line(1, name, "L1", date(2026, 2, 1), "CNY", amount, 1, earned)
        for name, amount, earned in case.get("told", [])
    }
    lines = statement(placed, paid, told, case["until"])
    assert [[line.payment_id, line.amount, line.commission] for line in lines] == case["lines"]


@given(
    st.lists(st.tuples(DAYS, st.integers(1, 10**9), st.none() | st.integers(0, 60)), max_size=12),
    st.integers(0, 5_000),
    st.lists(DAYS, min_size=1, max_size=4),
)
def test_over_all_statements_each_standing_payment_is_told_once(rows, rate, days):
    """However the months are cut, what was told and not taken back is what stands at the end."""
    placed = [Placed(1, ("L1",), DAY, None, rate)]
    paid = [
        Paid(f"P{number}", "L1", on, amount, "CNY", None if back is None else on + timedelta(days=back))
        for number, (on, amount, back) in enumerate(rows)
    ]
    told: dict[str, Line] = {}
    everything = []
    last = max([*days, DAY + timedelta(days=400)])
    for until in sorted({*days, last}):
        lines = statement(placed, paid, told, until)
        everything += lines
        for line in lines:
            assert (line.payment_id in told) == line.back
            told.pop(line.payment_id) if line.back else told.update({line.payment_id: line})
    standing = [one for one in paid if one.reversed_on is None]
    assert told.keys() == {one.payment_id for one in standing}
    assert totals(everything).get("CNY", (0, 0)) == (
        sum(one.amount for one in standing),
        sum(commission(one.amount, rate) for one in standing),
    )


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_commission_is_within_half_a_unit_of_its_share(amount, rate):
    assert abs(commission(amount, rate) * 10_000 - amount * rate) <= 5_000


def test_taken_back_twice_is_a_slip_of_ours():
    line = Line(1, "P1", "L1", DAY, "CNY", 100, 1_000, 10)
    with pytest.raises(AssertionError):
        taken_back(taken_back(line))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], "rows of days"),
        ("15%", "rows of days"),
        ([[30, 1500], [30, 2500]], "rise"),
        ([[30, 0.15]], "rows of days"),
        ([[30, True]], "rows of days"),
        ([[30, 6000]], "between 0 and 5000"),
    ],
)
def test_a_schedule_that_cannot_be_used(told, said):
    found = read_schedule(told)
    assert isinstance(found, Problem)
    assert said in str(found)
