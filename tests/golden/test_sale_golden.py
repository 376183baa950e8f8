"""The golden write-offs and sales: what policy recommends, what is never sold, and why."""

import pytest
import yaml

from forbear.core.facts.context import HOLD_KINDS
from forbear.core.sales.charge_off import AGAINST, REASONS, Overdue, WriteOffPolicy, against, recommended
from forbear.core.sales.sale import EXCLUDED, Offered, SalePolicy, sort_out
from tests.golden.fact_reader import HERE

WRITE_OFFS = yaml.load((HERE / "sale" / "write_off.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
SALES = yaml.load((HERE / "sale" / "sale.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)


@pytest.mark.parametrize("case", WRITE_OFFS, ids=lambda case: case["says"])
def test_write_offs(case):
    loan = Overdue(
        case["days"],
        case["quiet"],
        case.get("outstanding", 100_000),
        frozenset(case.get("holds", ())),
        case.get("doubt", False),
    )
    assert list(recommended(loan, WriteOffPolicy())) == case.get("recommended", [])
    assert list(against(loan)) == case.get("against", [])


@pytest.mark.parametrize("case", SALES, ids=lambda case: case["says"])
def test_sales(case):
    loans = [
        Offered(name, "B1", told.get("outstanding", 100_000), frozenset(told.get("holds", ())),
                **{key: value for key, value in told.items() if key not in ("holds", "outstanding")})
        for name, told in case["loans"].items()
    ]  # fmt: skip
    found = sort_out(loans, SalePolicy())
    assert {name: list(codes) for name, codes in found.items()} == case["out"]


def test_every_reason_has_a_case():
    assert {code for case in WRITE_OFFS for code in case.get("recommended", [])} == REASONS.keys()
    assert {code for case in WRITE_OFFS for code in case.get("against", [])} == AGAINST.keys()
    assert {code for case in SALES for codes in case["out"].values() for code in codes} == EXCLUDED.keys()
    told = {kind for case in SALES for loan in case["loans"].values() for kind in loan.get("holds", [])}
    assert told == HOLD_KINDS.keys(), "each kind of hold is looked at"


def test_a_lender_may_sell_what_is_not_written_off():
    loan = Offered("L1", "B1", 1, written_off=False)
    assert sort_out([loan], SalePolicy(only_written_off=0)) == {"L1": ()}
