"""The golden settlement offers: what is owed, the lender's policy, and what is offered by when."""

from datetime import date

import pytest

from forbear.core.agreements.settlement import Owed, PlannedOffer, SettlementPolicy, planned_offer
from tests.golden.fact_reader import HERE, only, read_file

TODAY = date(2026, 3, 10)
CASES = read_file(HERE / "settlement.yaml")["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_planned_offer(case):
    only(case, "says", "policy", "owed", "expect")
    policy = SettlementPolicy(**{name: int(value) for name, value in case["policy"].items()})
    owed = Owed(**{name: int(value) for name, value in case["owed"].items()})
    made, expected = planned_offer(owed, TODAY, policy), case["expect"]
    if expected == "none":
        assert made is None
    else:
        assert made == PlannedOffer(int(expected["amount"]), date.fromisoformat(expected["by"]))
