"""Every golden case gives its known answer; a difference is printed field by field."""

from typing import Any

import pytest

from forbear.core.loans.allocation import Spread, allocate_each, counted_payments
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Amounts
from tests.golden.reader import (
    EXPECTED,
    Case,
    GoldenError,
    all_cases,
    date,
    expected_value,
    known,
    money,
    read_amounts,
    read_cases,
    shown,
)


def checks(folder: str) -> list[Any]:
    return [
        pytest.param(case, check, id=f"{case.name}:{check.get('on', place)}")
        for case in all_cases(folder)
        for place, check in enumerate(case.checks, 1)
    ]


def delinquency_differences(case: Case, check: dict[str, Any]) -> list[str]:
    """One line for each field that isn't as expected."""
    known(check, {"on", *EXPECTED})
    currency = case.loan.currency
    state = arrears(case.loan, case.product, date.fromisoformat(check["on"]))
    lines = []
    for name in sorted(set(check) - {"on"}):
        wanted, got = expected_value(name, check[name], currency), getattr(state, name)
        if wanted != got:
            lines.append(
                f"{name}: expected {shown(name, wanted, currency)}, got {shown(name, got, currency)}"
            )
    return lines


def allocation_differences(case: Case, check: dict[str, Any]) -> list[str]:
    """One line for each payment, instalment or credit that isn't as expected."""
    known(check, {"on", "spread", "unpaid", "credit", "each"})
    loan, product = case.loan, case.product
    counted = counted_payments(loan.payments, date.fromisoformat(check["on"]))
    each = allocate_each(
        loan.instalments,
        counted,
        product.allocation_order,
        due_date_rule=product.due_date_rule,
        calendar=product.calendar,
    )
    paid: dict[str, Amounts] = {}
    for one in each:
        for number, got in by_number(one.spreads).items():
            paid[number] = paid.get(number, Amounts.ZERO) + got
    unpaid = {
        str(line.number): line.amounts - paid.get(str(line.number), Amounts.ZERO) for line in loan.instalments
    }
    lines = []
    if "spread" in check:
        lines += compare("spread", check["spread"], paid, loan.currency)
    if "unpaid" in check:
        left = {number: rest for number, rest in unpaid.items() if rest != Amounts.ZERO}
        lines += compare("unpaid", check["unpaid"], left, loan.currency)
    credit = sum(one.credit for one in each)
    if "credit" in check and money(check["credit"], loan.currency) != credit:
        lines.append(f"credit: expected {check['credit']}, got {shown('credit', credit, loan.currency)}")
    if "each" in check:
        got = {one.payment.payment_id: by_number(one.spreads) for one in each}
        for payment_id in sorted(set(got) | set(check["each"])):
            wanted = check["each"].get(payment_id, {})
            lines += compare(f"payment {payment_id}", wanted, got.get(payment_id, {}), loan.currency)
    return lines


def by_number(spreads: tuple[Spread, ...]) -> dict[str, Amounts]:
    return {str(spread.instalment.number): spread.paid for spread in spreads}


def compare(what: str, wanted: dict[str, Any], got: dict[str, Amounts], currency: str) -> list[str]:
    """Differences of amounts by instalment number."""
    expected = {number: read_amounts(entry, currency) for number, entry in wanted.items()}
    return [
        f"{what}, instalment {number}: expected {shown('', expected.get(number, Amounts.ZERO), currency)}, "
        f"got {shown('', got.get(number, Amounts.ZERO), currency)}"
        for number in sorted(set(expected) | set(got))
        if expected.get(number, Amounts.ZERO) != got.get(number, Amounts.ZERO)
    ]


@pytest.mark.parametrize(("case", "check"), checks("delinquency"))
def test_delinquency(case, check):
    differences = delinquency_differences(case, check)
    assert not differences, f"{case.name} on {check['on']}:\n  " + "\n  ".join(differences)


@pytest.mark.parametrize(("case", "check"), checks("allocation"))
def test_allocation(case, check):
    differences = allocation_differences(case, check)
    assert not differences, f"{case.name} on {check['on']}:\n  " + "\n  ".join(differences)


def one_check(check: str, more: str = "") -> tuple[Case, dict[str, Any]]:
    text = f"""
theme: a case made to fail
cases:
  - id: one
    instalments: [{{due_on: 2024-01-10, principal: 100.00, fee: 5}}]
    payments: [{{paid_on: 2024-01-10, amount: 20}}]
    {more}
    checks: [{{on: 2024-01-12, {check}}}]
"""
    (case,) = read_cases(text, "made-up")
    return case, case.checks[0]


def test_a_difference_can_be_read():
    case, check = one_check("days_past_due: 3, past_due_amount: 80.00, bucket: M1")
    assert delinquency_differences(case, check) == [
        "days_past_due: expected 3, got 2",
        "past_due_amount: expected 80.00, got 85.00",
    ]
    case, check = one_check("past_due: {principal: 85, fee: 0.01}")
    assert delinquency_differences(case, check) == [
        "past_due: expected {principal 85.00, interest 0.00, fee 0.01, penalty 0.00}, "
        "got {principal 85.00, interest 0.00, fee 0.00, penalty 0.00}"
    ]
    case, check = one_check("spread: {1: {fee: 20}}, credit: 1, each: {P2: {1: {fee: 1}}}")
    lines = allocation_differences(case, check)
    assert [line.split(":")[0] for line in lines] == [
        "spread, instalment 1",
        "credit",
        "payment P1, instalment 1",
        "payment P2, instalment 1",
    ]


@pytest.mark.parametrize(
    ("check", "more"),
    [
        ("days_overdue: 2", ""),
        ("past_due: {capital: 3}", ""),
        ("past_due_amount: 1e2", ""),
        ("bucket: M1", "pause: []"),
        ("bucket: M1", "pauses: [{from: 2024-01-01}]"),
        ("bucket: M1, bucket: M2", ""),
        ("bucket: M1", "status: active\n    status: closed"),
    ],
)
def test_a_misspelt_or_doubled_key_fails(check, more):
    with pytest.raises(GoldenError):
        delinquency_differences(*one_check(check, more))


@pytest.mark.parametrize("key", ["spreads: {}", "spread: {1: {fees: 1}}", "each: {P1: {1: {capital: 1}}}"])
def test_a_misspelt_key_of_an_allocation_fails(key):
    with pytest.raises(GoldenError):
        allocation_differences(*one_check(key))


def test_a_misspelt_product_setting_fails():
    with pytest.raises(ValueError, match="did you mean 'grace_days'"):
        one_check("bucket: M1", "product: {grace: 3}")


def test_two_cases_of_one_name_fail():
    case = "{id: same, checks: []}"
    with pytest.raises(GoldenError, match="same id"):
        read_cases(f"theme: x\ncases: [{case}, {case}]", "made-up")
