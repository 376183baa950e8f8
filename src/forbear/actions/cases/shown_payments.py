"""Payments that an account's snapshot names and nobody reported: each is recorded once, when the night brings it.

A lender without schedules may have no table of payments: its snapshots name the last one, with day and amount. Each
becomes a payment of the loan, so that promises and plans are judged by it, and agencies and recoveries have it, also
after a later snapshot names another. It lowers nothing: the snapshot's balance has it already. What was agreed is
judged by it right after the publishing, with all else that a night brings.
"""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from forbear.engine.columnar import connected, parquet
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.store import evidence
from forbear.store.models import Loan, Payment
from forbear.store.situation import lock_borrower

#: How the payment of a day is called that only a snapshot names.
_NAME = "snapshot-{day}"


def record_shown_payments(now: datetime, *, actor: str = "night") -> int:
    """Record those of loans at the desk; how many. The caller is in the transaction that publishes the night.

    A day on which the book or the desk knows a payment of the loan needs no other.
    """
    assert transaction.get_connection().in_atomic_block, "the night and what it brings commit together"
    named = _named()
    known = set(
        Payment.objects.filter(reverses="", paid_on__in={day for day, _ in named.values()}).values_list(
            "loan_id", "paid_on"
        )
    )
    new = {loan: what for loan, what in named.items() if (loan, what[0]) not in known}
    owners: dict[str, list[Loan]] = {}
    for loan in Loan.objects.filter(pk__in=new):
        owners.setdefault(loan.borrower_id, []).append(loan)
    recorded = 0
    for borrower_id, loans in sorted(owners.items()):
        borrower = lock_borrower(borrower_id)
        assert borrower is not None, "a loan has its borrower"
        for loan in loans:
            _record(loan, *new[loan.loan_id], now, actor)
        recorded += len(loans)
    return recorded


def _named() -> dict[str, tuple[date, int]]:
    """By loan the day and amount of the last payment that its snapshot names, and the book has no row of."""
    try:
        book = open_book(settings.HOME.book)
    except FeedError:
        return {}
    if not book.manifest["account_loans"]:
        return {}
    found: dict[str, tuple[date, int]] = {}
    with connected(settings.HOME.threads) as engine:
        for number in range(book.partitions):
            part = book.part(number)
            rows = engine.execute(
                f"""select l.loan_id, a.last_payment_on, a.last_payment_amount
                from {parquet(part, "accounts.parquet")} a
                join {parquet(part, "loans.parquet")} l using (loan_key)
                where a.newest and a.last_payment_on is not null and a.last_payment_amount > 0
                    and not exists (
                        select 1 from {parquet(part, "payments.parquet")} p
                        where p.loan_key = a.loan_key and p.paid_on = a.last_payment_on)"""
            ).fetchall()
            found |= {loan: (day, amount) for loan, day, amount in rows}
    return found


def _record(loan: Loan, paid_on: date, amount: int, now: datetime, actor: str) -> None:
    payment = Payment(
        payment_id=_NAME.format(day=paid_on),
        loan=loan,
        paid_on=paid_on,
        amount=amount,
        received_at=now,
    )
    evidence.append(
        "payment",
        at=now,
        actor=actor,
        borrower=loan.borrower_id,
        body={
            "payment": payment.payment_id,
            "loan": loan.loan_id,
            "paid_on": paid_on.isoformat(),
            "amount": amount,
            "currency": loan.currency,
            "reverses": "",
        },
        new_rows=[payment],
    )
