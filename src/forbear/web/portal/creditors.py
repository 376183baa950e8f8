"""Whose loans a borrower's are, where the creditor isn't the lender: how it is named, paid and reached."""

from collections.abc import Iterable
from dataclasses import dataclass

from forbear.actions.selectors.creditors import creditor_with_code
from forbear.store.models import Loan
from forbear.web.templatetags.forbear import chinese


@dataclass(frozen=True, slots=True)
class CreditorShown:
    """One creditor in the reader's language, and the loans of theirs that are its."""

    name: str
    loans: list[str]
    pay_in: str
    complaints: str
    phone: str
    address: str


def creditors_shown(loans: Iterable[Loan]) -> list[CreditorShown]:
    """The creditors of these loans that are others than the lender, each with its loans; none where all are its own."""
    by_code: dict[str, list[str]] = {}
    for loan in loans:
        if loan.creditor:
            by_code.setdefault(loan.creditor, []).append(loan.loan_id)
    return [_shown(code, names) for code, names in sorted(by_code.items())]


def creditor_names(loans: Iterable[Loan]) -> dict[str, str]:
    """By loan the name of its creditor, of those whose creditor isn't the lender."""
    return {name: one.name for one in creditors_shown(loans) for name in one.loans}


def _shown(code: str, loans: list[str]) -> CreditorShown:
    creditor, language = creditor_with_code(code), "zh" if chinese() else "en"
    own = dict(creditor.contact)
    return CreditorShown(
        creditor.name(language),
        sorted(loans),
        creditor.said(creditor.pay_in, language),
        creditor.said(creditor.complaints, language),
        own.get("phone", ""),
        own.get("address", ""),
    )
