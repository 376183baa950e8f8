"""Borrowers' loans as the book has them, with the payments received since: what the day works with."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from forbear.core.loans.loan import Loan as BookLoan
from forbear.core.loans.loan import Payment as BookPayment
from forbear.core.loans.products import Products
from forbear.engine.columnar import connected
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.read import BorrowerRecord, part_of, parts_of, read_borrowers
from forbear.store import rows
from forbear.store.models import Payment

#: What was read of the book lately, by its folder and the borrower: a version of a book never changes, and one act asks
#: for the same borrower several times.
_known: dict[tuple[Path, str], BorrowerRecord | None] = {}
_MOST_KNOWN = 5_000
#: The version of the book that was asked last.
_last: dict[str, Path] = {}
_UNREAD = object()
_BATCH = 500
#: A book of so few loans lies in one group of rows, which is decoded whole for one borrower too.
_SMALL = 20_480


def ledger_of(borrower_id: str) -> tuple[BorrowerRecord, Products] | None:
    """The borrower's loans with every payment known, and the products' terms; None when there is no book of them."""
    ledgers = ledgers_of([borrower_id])
    return (ledgers[0][borrower_id], ledgers[1]) if ledgers and borrower_id in ledgers[0] else None


def ledgers_of(borrowers: Collection[str]) -> tuple[dict[str, BorrowerRecord], Products] | None:
    """The same of many, in one pass over each partition; those whom the book doesn't know are left out.

    None when there is no book.
    """
    try:
        book = open_book(settings.HOME.book)
        records = _records(book, borrowers)
        products = book.products()
    except FeedError:
        return None
    unbooked = _unbooked_payments([loan.loan_id for record in records.values() for loan in record.loans])
    return {
        name: replace(
            record, loans=tuple(_with(loan, unbooked.get(loan.loan_id, ())) for loan in record.loans)
        )
        for name, record in records.items()
    }, products


def _records(book: Book, borrowers: Collection[str]) -> dict[str, BorrowerRecord]:
    """What the book has of these borrowers."""
    _carry_over(book)
    known = {name: _known.get((book.folder, name), _UNREAD) for name in borrowers}
    records_found = {name: record for name, record in known.items() if record is not _UNREAD}
    missing = sorted({name for name in borrowers if name not in records_found})
    if len(missing) == 1 and book.manifest["rows"]["loans"] <= _SMALL:
        missing += _others(book, missing[0])
    if missing:
        read: dict[str, BorrowerRecord | None] = dict.fromkeys(missing)
        with connected(1) as engine:
            one = len(missing) == 1
            parts = {part_of(engine, book, missing[0]): missing} if one else parts_of(engine, book, missing)
            for part, names in parts.items():
                records = read_borrowers(engine, book, part, names[0] if one else names)
                read |= {record.borrower.borrower_id: record for record in records}
        if len(_known) + len(read) > _MOST_KNOWN:
            _known.clear()
        _known.update({(book.folder, name): record for name, record in read.items()})
        records_found |= {name: record for name, record in read.items() if name in known}
    return {name: record for name, record in records_found.items() if record is not None}


def _carry_over(book: Book) -> None:
    """What was read of the version before counts for this one too, but for those whose rows the delta brought."""
    before = _last.get("folder")
    if before == book.folder:
        return
    _last["folder"] = book.folder
    touched = book.touched() if before == book.folder.parent / book.manifest["laid_over"] else None
    kept = (
        {}
        if touched is None
        else {
            (book.folder, name): record
            for (folder, name), record in _known.copy().items()
            if folder == before and name not in touched
        }
    )
    _known.clear()
    _known.update(kept)


def _others(book: Book, borrower: str) -> list[str]:
    """Others who may be asked for next: in a small book they cost little more than the one."""
    opened = rows.fetch_rows(f"select borrower_id from store_case where closed_on is null limit {_BATCH}")
    return sorted(
        {name for (name,) in opened} - {borrower, *(name for folder, name in _known if folder == book.folder)}
    )


def _unbooked_payments(loans: list[str]) -> dict[str, list[BookPayment]]:
    """The payments received by day, by loan."""
    payments: dict[str, list[BookPayment]] = {}
    for start in range(0, len(loans), _BATCH):
        batch = loans[start : start + _BATCH]
        named = f"loan_id in ({', '.join(['%s'] * len(batch))}) order by payment_id"
        for row in rows.fetch_all(Payment, named, batch):
            payment = BookPayment(row.payment_id, row.paid_on, row.amount, row.reverses)
            payments.setdefault(row.loan_id, []).append(payment)
    return payments


def _with(loan: BookLoan, unbooked: Collection[BookPayment]) -> BookLoan:
    """The loan with the payments received since the book was built."""
    known = {payment.payment_id for payment in loan.payments}
    new = [payment for payment in unbooked if payment.payment_id not in known]
    return replace(loan, payments=(*loan.payments, *new)) if new else loan


def with_unbooked_payments(loans: Sequence[BookLoan]) -> list[BookLoan]:
    """The loans with the payments received since the book was built, asked for together."""
    unbooked = _unbooked_payments([loan.loan_id for loan in loans])
    return [_with(loan, unbooked.get(loan.loan_id, ())) for loan in loans]
