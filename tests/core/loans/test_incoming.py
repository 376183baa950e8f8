"""Goal: a payment is checked alike from every reporter: by one function for programs, and by the feed's SQL.

Method: the function on each kind of flaw, then rows of many loans through it and through a real import.
"""

from datetime import date, timedelta

import pytest

from forbear.core.loans.incoming import IncomingPayment, payment_flaw
from forbear.core.loans.loan import Payment
from tests.interchange.book.small_feed import take_in, verdicts, write

TODAY = date(2026, 3, 11)
KNOWN = (
    Payment("A", date(2026, 2, 1), 20000),
    Payment("B", date(2026, 2, 2), 20000),
    Payment("RB", date(2026, 2, 3), 20000, "B"),
)


def flaw(**changes: object) -> str:
    usual = {"payment_id": "N", "loan_id": "L", "paid_on": TODAY, "amount": 20000}
    found = payment_flaw(
        IncomingPayment(**(usual | changes)),
        KNOWN,
        today=TODAY,
        disbursed_on=date(2026, 1, 1),
        minor_unit=100,
    )
    return found.code if found else ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"paid_on": TODAY + timedelta(days=1)}, ""),
        ({"paid_on": date(2026, 1, 1)}, ""),
        ({"reverses": "A"}, ""),
        ({"payment_id": ""}, "payment_unnamed"),
        ({"amount": 0}, "payment_not_positive"),
        ({"amount": 10**13 + 1}, "payment_too_large"),
        ({"paid_on": TODAY + timedelta(days=2)}, "payment_day_impossible"),
        ({"paid_on": date(2199, 3, 11)}, "payment_day_impossible"),
        ({"paid_on": date(1949, 12, 31)}, "payment_day_impossible"),
        ({"paid_on": date(2025, 12, 31)}, "payment_before_disbursement"),
        ({"reverses": "N"}, "reverses_itself"),
        ({"reverses": "NOPE"}, "reverses_nothing"),
        ({"reverses": "RB"}, "reverses_reversal"),
        ({"reverses": "A", "amount": 5000}, "reverses_other_amount"),
        ({"reverses": "B"}, "reversed_already"),
    ],
)
def test_each_flaw_has_its_code(changes, code):
    assert flaw(**changes) == code


def test_the_feed_judges_each_reversal_as_the_function_does(tmp_path):
    candidates = [
        (name, amount, reverses)
        for name in ("N", "A2")
        for amount in (20000, 5000)
        for reverses in ("A", "B", "RB", "NOPE", name, "")
    ]
    payments = []
    for number, (name, amount, reverses) in enumerate(candidates):
        rows = [*((row.payment_id, row.amount, row.reverses) for row in KNOWN), (name, amount, reverses)]
        payments += [
            f"{name},L{number},{TODAY},{amount / 100:.2f},{reverses}" for name, amount, reverses in rows
        ]
    folder = write(
        tmp_path / "feed",
        loans=[f"L{number},B1,cash,CNY,900.00,2026-01-01,active" for number in range(len(candidates))],
        payments=payments,
    )
    report, _ = take_in(tmp_path, folder)
    found = verdicts(report, "payments", len(payments))
    known = len(KNOWN)
    assert not any(found[place] for place in range(len(payments)) if place % (known + 1) < known)
    for number, (name, amount, reverses) in enumerate(candidates):
        said = found[number * (known + 1) + known]
        incoming = IncomingPayment(name, f"L{number}", TODAY, amount, reverses)
        judged = payment_flaw(incoming, KNOWN, today=TODAY, disbursed_on=date(2026, 1, 1))
        assert (said[1] if said else None) == (str(judged.message) if judged else None), incoming
