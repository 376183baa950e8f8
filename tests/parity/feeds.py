"""Core's loans written as a feed, as a lender would send them."""

import csv
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

from forbear.core.base.money import format_amount
from forbear.core.facts.borrower import Borrower
from forbear.core.loans.account import SnapshotRow
from forbear.core.loans.loan import Loan
from forbear.core.loans.products import Products
from tests.core.strategies import FedAccount, products_yaml


def as_a_lender_has_it(loan: Loan) -> Loan:
    """The same debt, disbursed before its first instalment; its numbers may run against its dates."""
    if loan.account is not None:
        return loan
    first = min((line.due_on for line in loan.instalments), default=None)
    if loan.disbursed_on and first:
        return replace(loan, disbursed_on=min(loan.disbursed_on, first))
    return loan


def write_feed(folder: Path, lender: Products, loans: Iterable[Loan], borrowers: Iterable[Borrower]) -> None:
    """Write `loans` as a whole CSV feed with products.yaml."""
    folder.mkdir(parents=True)
    loans = list(loans)
    (folder / "products.yaml").write_text(products_yaml(lender), encoding="utf-8")
    tables = {
        "loans": (
            "loan_id borrower_id product currency principal disbursed_on status balance payoff payoff_on payoff_until",
            map(_loan, loans),
        ),
        "instalments": (
            "loan_id number due_on principal interest fee penalty",
            (row for loan in loans for row in _instalments(loan)),
        ),
        "payments": (
            "payment_id loan_id paid_on amount reverses",
            (row for loan in loans for row in _payments(loan)),
        ),
        "accounts": (
            " ".join(_ACCOUNT),
            (_account(loan) for loan in loans if isinstance(loan, FedAccount)),
        ),
        "pauses": (
            "loan_id starts_on ends_on",
            ((loan.loan_id, p.starts_on, p.ends_on or "") for loan in loans for p in loan.pauses),
        ),
        "borrowers": (
            "borrower_id name phone email language region timezone born_on consent_sms",
            map(_borrower, borrowers),
        ),
    }
    for name, (columns, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            out = csv.writer(stream)
            out.writerow(columns.split())
            out.writerows(rows)


def _loan(loan: Loan) -> tuple:
    principal = format_amount(loan.principal, loan.currency)
    disbursed: date | str = loan.disbursed_on or ""
    row = (loan.loan_id, loan.borrower_id, loan.product, loan.currency, principal, disbursed, loan.status)
    quote = loan.quote
    if quote is None:
        return (*row, "", "", "", "")
    given = ("" if m is None else format_amount(m, loan.currency) for m in (quote.balance, quote.payoff))
    return (*row, *given, quote.on, quote.until)


#: The columns of an account in a feed; those of dates and numbers of days are no amounts.
_ACCOUNT = ("loan_id", *(field.name for field in fields(SnapshotRow) if field.name != "itemization"))


def _account(loan: FedAccount) -> tuple:
    values: list[object] = []
    for name in _ACCOUNT[1:]:
        value = getattr(loan.row, name)
        amount = isinstance(value, int) and name != "days_past_due"
        values.append(format_amount(value, loan.currency) if amount else "" if value is None else value)
    return (loan.loan_id, *values)


def _instalments(loan: Loan) -> Iterable[tuple]:
    if loan.account is not None:
        return
    for line in loan.instalments:
        parts = (line.amounts.principal, line.amounts.interest, line.amounts.fee, line.amounts.penalty)
        yield (
            loan.loan_id,
            line.number,
            line.due_on,
            *(format_amount(part, loan.currency) for part in parts),
        )


def _payments(loan: Loan) -> Iterable[tuple]:
    for payment in loan.all_payments:
        amount = format_amount(payment.amount, loan.currency)
        yield (payment.payment_id, loan.loan_id, payment.paid_on, amount, payment.reverses)


def _borrower(borrower: Borrower) -> tuple:
    return (
        borrower.borrower_id,
        "林安宁",
        "+8610012345678" if borrower.has_phone else "",
        "b@example.com" if borrower.has_email else "",
        borrower.language,
        borrower.region,
        borrower.timezone,
        borrower.born_on or "",
        "true",
    )
