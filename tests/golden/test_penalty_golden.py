"""Every golden case of penalty interest gives its known answer; a difference is printed field by field."""

from datetime import date
from typing import Any

import pytest

from forbear.core.loans.penalty import difference, lender_penalty, penalty
from tests.golden.reader import Case, known, money, shown
from tests.golden.test_golden import checks


def penalty_differences(case: Case, check: dict[str, Any]) -> list[str]:
    """One line for each figure that isn't as expected."""
    known(check, {"on", "cap", "charged", "unpaid", "cut", "room", "each", "told", "too_much"})
    loan, terms, currency = case.loan, case.product.penalty, case.loan.currency
    cap = int(check["cap"]) if "cap" in check else None
    found = penalty(loan, case.product, date.fromisoformat(check["on"]), cap_percent=cap)
    got = {name: getattr(found, name) for name in ("charged", "unpaid", "cut", "room")}
    got["told"] = lender_penalty(loan)
    if "too_much" in check:
        apart = difference(loan, case.product, found, int(terms.allow * 100))
        got["too_much"] = apart.too_much if apart else 0
    wanted = {name: money(check[name], currency) for name in got if name in check}
    each = {str(one.number): one.charged for one in found.instalments}
    for number, text in check.get("each", {}).items():
        wanted[f"instalment {number}"], got[f"instalment {number}"] = (
            money(text, currency),
            each.get(number, 0),
        )
    return [
        f"{name}: expected {shown('charge', value, currency)}, got {shown('charge', got[name], currency)}"
        for name, value in wanted.items()
        if got[name] != value
    ]


@pytest.mark.parametrize(("case", "check"), checks("penalty"))
def test_penalty(case, check):
    differences = penalty_differences(case, check)
    assert not differences, f"{case.name} on {check['on']}:\n  " + "\n  ".join(differences)


def test_a_misspelt_expectation_fails():
    (case, check), *_ = [row.values for row in checks("penalty")]
    with pytest.raises(ValueError, match="charge"):
        penalty_differences(case, check | {"charge": "1"})
