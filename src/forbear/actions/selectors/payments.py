"""The payments on many loans at once: the book's, with those received since, each with what reversed it."""

from collections.abc import Collection
from datetime import date

from django.conf import settings

from forbear.core.agencies.commission import Paid
from forbear.engine.columnar import connected, parquet
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.store.models import Payment

_BATCH = 5_000


def payments_on(loans: Collection[str], since: date) -> list[Paid]:
    """Payments on these loans with a value date from `since` on, in the order of value dates and ids.

    One pass over each partition of the book, whatever the number of loans.
    """
    rows = {
        (loan, payment): booked
        for booked in _of_book(loans, since)
        for loan, payment in [(booked[1], booked[0])]
    }
    for paid in _received_payments(loans, since):
        rows.setdefault((paid[1], paid[0]), paid)
    back: dict[tuple[str, str], date] = {}
    for _, loan, paid_on, _, _, reverses in rows.values():
        if reverses:
            known = back.get((loan, reverses))
            back[loan, reverses] = min(known, paid_on) if known else paid_on
    return sorted(
        (
            Paid(payment, loan, paid_on, amount, currency, back.get((loan, payment)))
            for payment, loan, paid_on, amount, currency, reverses in rows.values()
            if not reverses
        ),
        key=lambda one: (one.paid_on, one.payment_id),
    )


def _of_book(loans: Collection[str], since: date) -> list[tuple]:
    try:
        book = open_book(settings.HOME.book)
    except FeedError:
        return []
    rows = []
    with connected(settings.HOME.threads) as engine:
        engine.execute("create temp table wanted (loan_id varchar)")
        engine.execute("insert into wanted select unnest($loans)", {"loans": sorted(set(loans))})
        for number in range(book.partitions):
            folder = book.part(number)
            rows += engine.execute(
                f"""select p.payment_id, l.loan_id, p.paid_on, p.amount, l.currency, p.reverses
                from {parquet(folder, "payments.parquet")} p
                join {parquet(folder, "loans.parquet")} l using (loan_key)
                where p.paid_on >= $since and l.loan_id in (select loan_id from wanted)""",
                {"since": since},
            ).fetchall()
    return rows


def _received_payments(loans: Collection[str], since: date) -> list[tuple]:
    names = ("payment_id", "loan_id", "paid_on", "amount", "loan__currency", "reverses")
    wanted = sorted(set(loans))
    unbooked: list[tuple] = []
    for start in range(0, len(wanted), _BATCH):
        rows = Payment.objects.filter(loan_id__in=wanted[start : start + _BATCH], paid_on__gte=since)
        unbooked += rows.values_list(*names)
    return unbooked
