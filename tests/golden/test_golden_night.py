"""Every golden case of delinquency through a real feed, a real import and the set-based step.

The known answers are those that core is held against: one book of all loans, asked once for each date.
"""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from forbear.core.base.money import format_amount
from forbear.core.facts.borrower import Borrower
from forbear.core.loans.loan import COMPONENTS, Amounts, Product
from forbear.core.loans.products import Products
from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.night.arrears import write_arrears
from tests.golden.reader import all_cases, expected_value
from tests.parity.feeds import as_a_lender_has_it, write_feed

# an instalment that is due before its loan was disbursed can't come by a feed
NOT_BY_A_FEED = {"status:before-disbursement"}
CASES = {case.name: case for case in all_cases("delinquency") if case.name not in NOT_BY_A_FEED}
DATES = sorted({date.fromisoformat(check["on"]) for case in CASES.values() for check in case.checks})
# what a feed may not say, by loan; the known answers are the same without these rows
REFUSED = {
    "payments": [
        ("corrections:reversed-twice", "the payment it reverses is reversed already"),
        (
            "corrections:reversed-twice",
            "reverses names a row that is itself a reversal; send the payment again under a new payment_id",
        ),
    ],
}
# what `arrears` writes; the other fields of a golden case (paid, paused_days, oldest_unpaid_number) are the night's own
WRITTEN = {
    *("days_past_due", "days_delinquent", "oldest_unpaid_due_on", "delinquent_since", "instalments_past_due"),
    *(
        "past_due",
        "past_due_amount",
        "outstanding",
        "payoff",
        "balance",
        "credit",
        "bucket",
        "five_class",
        "paused",
    ),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """For each date, each case's row of `arrears`."""
    root = tmp_path_factory.mktemp("golden")
    codes: dict[Product, str] = {}  # products of equal terms are one product
    for case in CASES.values():
        codes.setdefault(replace(case.product, code=""), f"terms-{len(codes)}")
    products = Products({code: replace(terms, code=code) for terms, code in codes.items()})
    loans = [
        replace(
            case.loan,
            loan_id=name,
            borrower_id=name,
            product=codes[replace(case.product, code="")],
            # a lender numbers by due date; the figures compared here name no number
            instalments=as_a_lender_has_it(case.loan).instalments,
        )
        for name, case in CASES.items()
    ]
    write_feed(root / "feed", products, loans, [Borrower(name) for name in CASES])
    report = import_feed(
        root / "book", root / "feed", quarantine=root / "quarantine", partitions=1, largest_quarantine=1
    )
    assert {path.stem: _reasons(path) for path in report.quarantine.iterdir()} == REFUSED
    book, found = open_book(root / "book"), {}
    for day in DATES:
        scratch = root / f"scratch-{day}"
        scratch.mkdir()
        write_arrears(book, day, root / f"{day}.csv", scratch)
        with (root / f"{day}.csv").open(encoding="utf-8", newline="") as stream:
            found[day] = {row["loan_id"]: row for row in csv.DictReader(stream)}
    return found


def _reasons(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return [(row["loan_id"], row["reason"]) for row in csv.DictReader(stream)]


def written(row, name, currency):
    """A field of the row as the golden reader would give it."""
    if name == "past_due":
        return Amounts(**{part: minor(row[f"past_due_{part}"], currency) for part in COMPONENTS})
    text = row[name]
    if name in ("past_due_amount", "outstanding", "payoff", "balance", "credit"):
        return minor(text, currency)
    if name in ("oldest_unpaid_due_on", "delinquent_since"):
        return date.fromisoformat(text) if text else None
    if name == "paused":
        return text == "true"
    return text if name in ("bucket", "five_class") else int(text)


def minor(text, currency):
    """Minor units of a decimal that may have more places than the currency, all of them zero."""
    whole = Decimal(text) / Decimal(format_amount(1, currency))
    assert whole == int(whole), f"{text} is no amount of {currency}"
    return int(whole)


def test_the_night_gives_the_known_answers(answers):
    differences, compared = [], 0
    for name, case in CASES.items():
        currency = case.loan.currency
        for check in case.checks:
            row = answers[date.fromisoformat(check["on"])][name]
            for field in sorted(set(check) & WRITTEN):
                wanted, got = expected_value(field, check[field], currency), written(row, field, currency)
                compared += 1
                if wanted != got:
                    differences.append(f"{name} on {check['on']}, {field}: expected {wanted}, got {got}")
    assert differences == []
    assert compared > 4 * len(CASES), "the cases say something that is written"
