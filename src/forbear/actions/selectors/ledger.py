"""Borrowers' loans as the book has them, with what was paid and granted since: what the day works with.

Of an open case the lines lie in the database since the night was published. Others are read from the book.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from django.conf import settings

from forbear.actions.selectors.granted import granted_on, with_granted
from forbear.core.loans.account import with_payments
from forbear.core.loans.adjustments import adjusted
from forbear.core.loans.loan import Loan as BookLoan
from forbear.core.loans.loan import Payment as BookPayment
from forbear.core.loans.loan import Snapshot
from forbear.core.loans.products import Products
from forbear.engine.columnar import connected
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.ledger_lines import read_ledger_lines
from forbear.interchange.book.read import BorrowerRecord, parts_of, read_borrowers
from forbear.store.models import BorrowerLedger, Loan, Payment

#: A borrower's loans, and the terms of the products they are of.
Ledger = tuple[BorrowerRecord, Products]
_BATCH = 500


def ledger_of(borrower_id: str, lines: Ledger | None = None) -> Ledger | None:
    """The borrower's loans with every payment known and all that was granted on them, and the products' terms.

    None when there is no book of them.

    `lines` are the borrower's own of `book_lines_of`, where many are read before each is held in turn.
    """
    read = {borrower_id: lines} if lines else book_lines_of([borrower_id])
    if borrower_id not in read:
        return None
    record, products = read[borrower_id]
    return with_paid_and_granted([record])[0], products


def with_snapshots(borrower_id: str, loans: Iterable[Loan]) -> list[tuple[Loan, Snapshot | None]]:
    """Each of a borrower's loans at the desk with the snapshot of its account, None for one with a schedule."""
    lines = book_lines_of([borrower_id]).get(borrower_id)
    found = {loan.loan_id: loan.account for loan in lines[0].loans} if lines else {}
    return [(loan, found.get(loan.loan_id)) for loan in loans]


def ledgers_of(borrowers: Collection[str]) -> dict[str, Ledger]:
    """The same of many, by a few queries; those whom no book knows are left out."""
    lines = book_lines_of(borrowers)
    records = with_paid_and_granted([record for record, _ in lines.values()])
    return {
        name: (record, products) for (name, (_, products)), record in zip(lines.items(), records, strict=True)
    }


def book_lines_of(borrowers: Collection[str], *, published: bool = True) -> dict[str, Ledger]:
    """Their loans as the book alone has them: who is held later gets the payments received by then, see `ledger_of`.

    Without `published` the book itself is read, also of those whose lines the last night brought to the desk.
    """
    try:
        book = open_book(settings.HOME.book)
        products = book.products()
        records = _published(borrowers) if published else {}
        records |= _read_from_book(book, [name for name in borrowers if name not in records])
    except FeedError:
        return {}
    return {name: (record, products) for name, record in records.items()}


def with_paid_and_granted(records: Sequence[BorrowerRecord]) -> list[BorrowerRecord]:
    """The records with the payments received since the book was built, and with what was granted meanwhile."""
    names = [loan.loan_id for record in records for loan in record.loans]
    unbooked, granted = _unbooked_payments(names), granted_on(names)
    return [
        replace(
            record,
            loans=tuple(
                adjusted(_with(loan, unbooked.get(loan.loan_id, ())), granted.get(loan.loan_id, ()))
                for loan in record.loans
            ),
        )
        for record in records
    ]


def _published(borrowers: Collection[str]) -> dict[str, BorrowerRecord]:
    """The lines which the published night brought to the desk."""
    records: dict[str, BorrowerRecord] = {}
    names = sorted(set(borrowers))
    for start in range(0, len(names), _BATCH):
        rows = BorrowerLedger.objects.filter(pk__in=names[start : start + _BATCH]).values_list("pk", "lines")
        records |= {name: read_ledger_lines(name, lines) for name, lines in rows}
    return records


def _read_from_book(book: Book, borrowers: Collection[str]) -> dict[str, BorrowerRecord]:
    """Those without an open case, in one pass over each partition."""
    if not borrowers:
        return {}
    with connected(1) as engine:
        return {
            record.borrower.borrower_id: record
            for part, names in parts_of(engine, book, sorted(set(borrowers))).items()
            for record in read_borrowers(engine, book, part, names)
        }


def _unbooked_payments(loans: list[str]) -> dict[str, list[BookPayment]]:
    """The payments received by day, by loan."""
    payments: dict[str, list[BookPayment]] = {}
    for start in range(0, len(loans), _BATCH):
        rows = Payment.objects.filter(loan__in=loans[start : start + _BATCH]).order_by("payment_id")
        columns = rows.values_list("loan_id", "payment_id", "paid_on", "amount", "reverses")
        for loan_id, payment_id, paid_on, amount, reverses in columns:
            payment = BookPayment(payment_id, paid_on, amount, reverses)
            payments.setdefault(loan_id, []).append(payment)
    return payments


def _with(loan: BookLoan, unbooked: Collection[BookPayment]) -> BookLoan:
    """The loan with the payments received since the book was built."""
    known = {payment.payment_id for payment in loan.all_payments}
    return with_payments(loan, [payment for payment in unbooked if payment.payment_id not in known])


def with_unbooked_payments(loans: Sequence[BookLoan]) -> list[BookLoan]:
    """The loans with what was paid and granted since the book was built, asked for together.

    For a report to a credit bureau: a sale is told there in its own way.
    """
    unbooked = _unbooked_payments([loan.loan_id for loan in loans])
    return with_granted([_with(loan, unbooked.get(loan.loan_id, ())) for loan in loans], sold=False)
