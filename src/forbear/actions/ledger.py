"""One borrower's loans as the book has them, with the payments heard of since: what the day reckons with."""

from dataclasses import replace

from django.conf import settings

from forbear.core.loan import Loan as BookLoan
from forbear.core.loan import Payment as BookPayment
from forbear.core.products import Products
from forbear.engine.columnar import connected
from forbear.interchange.book import Book, open_book
from forbear.interchange.book_read import BorrowerRecord, part_of, read_borrowers
from forbear.interchange.feed_files import FeedError
from forbear.store.models import Payment


def ledger_of(borrower_id: str) -> tuple[BorrowerRecord, Products] | None:
    """The borrower's loans with every payment known, and the products' terms; None when there is no book of them."""
    try:
        book = open_book(settings.HOME.book)
        record = _record(book, borrower_id)
        if record is None:
            return None
        return replace(record, loans=tuple(with_heard(loan) for loan in record.loans)), book.products()
    except FeedError:
        return None


def _record(book: Book, borrower_id: str) -> BorrowerRecord | None:
    """The borrower's loans from the one partition they lie in."""
    with connected(1) as engine:
        found = read_borrowers(engine, book, part_of(engine, book, borrower_id), borrower_id)
    return found[0] if found else None


def with_heard(loan: BookLoan) -> BookLoan:
    """The loan with the payments heard of since the book was built."""
    known = {payment.payment_id for payment in loan.payments}
    heard = [
        BookPayment(row.payment_id, row.paid_on, row.amount, row.reverses)
        for row in Payment.objects.filter(loan_id=loan.loan_id)
        if row.payment_id not in known
    ]
    return replace(loan, payments=(*loan.payments, *heard)) if heard else loan
