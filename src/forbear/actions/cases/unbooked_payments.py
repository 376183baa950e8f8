"""After a night on a book that lacks payments the desk has received: those cases are recomputed, at once.

A feed may come late, or not at all; the night then decides on the book it has. Nobody is chased for what they have
paid meanwhile.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.actions.selectors.ledger import book_lines_of
from forbear.core.base.reason import Reason
from forbear.engine.columnar import connected
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.store.models import Payment
from forbear.store.situation import lock_borrower

#: A payment that no feed has brought for so long is one for a person.
_LONGEST = timedelta(days=60)


def reapply_unbooked_payments(now: datetime, *, actor: str = "night") -> int:
    """Compute them again, and cancel what chases the loans paid on; how many borrowers.

    The caller is in the transaction that publishes the night, so that nothing leaves on its figures before.
    """
    assert transaction.get_connection().in_atomic_block, "the night and what corrects it commit together"
    rows = Payment.objects.filter(received_at__gte=now - _LONGEST).values_list(
        "payment_id", "loan_id", "paid_on", "loan__borrower_id"
    )
    unbooked = {(loan, payment): borrower for payment, loan, _, borrower in rows}
    if not unbooked:
        return 0
    booked = _booked(sorted({payment for _, payment in unbooked}))
    shown_until = _shown_until(sorted({loan for loan, _ in unbooked}))
    booked |= {(loan, payment) for payment, loan, day, _ in rows if day <= shown_until.get(loan, date.min)}
    missing: dict[str, set[str]] = {}
    for (loan, payment), borrower in unbooked.items():
        if (loan, payment) not in booked:
            missing.setdefault(borrower, set()).add(loan)
    lines = book_lines_of(missing)  # in one pass, before each is held
    for borrower_id in sorted(missing):
        locked = lock_borrower(borrower_id)
        assert locked is not None, "a payment has its borrower"
        cancel_pending_contacts(
            locked,
            missing[borrower_id],
            now,
            actor=actor,
            reason=Reason.of("payment_not_in_book"),
            book_lines=lines.get(borrower_id),
        )
    return len(missing)


def _shown_until(loans: list[str]) -> dict[str, date]:
    """By loan the last day of whose payments its account's snapshot knows."""
    try:
        book = open_book(settings.HOME.book)
    except FeedError:
        return {}
    with connected(settings.HOME.threads) as engine:
        rows = engine.execute(
            f"""select loan_id, shown_until from {book.rows("loans")}
            where shown_until is not null and loan_id in (select unnest($loans))""",
            {"loans": loans},
        ).fetchall()
    return dict(rows)


def _booked(payments: list[str]) -> set[tuple[str, str]]:
    """Which of these the book has, with their loan."""
    try:
        book = open_book(settings.HOME.book)
    except FeedError:
        return set()
    with connected(settings.HOME.threads) as engine:
        engine.execute(
            "create temp table unbooked as select unnest($payments) as payment_id", {"payments": payments}
        )
        booked = engine.execute(
            f"""select distinct l.loan_id, p.payment_id
            from read_parquet('{book.files("payments")}', filename = true, hive_partitioning = false) p
            join read_parquet('{book.files("loans")}', filename = true, hive_partitioning = false) l
                on l.loan_key = p.loan_key and parse_path(l.filename)[-2] = parse_path(p.filename)[-2]
            where p.payment_id in (select payment_id from unbooked)"""
        )
        return set(booked.fetchall())
