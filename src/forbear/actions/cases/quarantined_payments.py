"""Payments of a feed that fit no loan of it: they wait on the desk's page as those do that programs report.

The import leaves such rows in the quarantine and puts the loans they may be for in doubt. Here each becomes an
unapplied payment that holds those loans by day, too. A later feed that has the payment on its loan ends it by itself.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.conf import settings
from django.db import transaction

from forbear.actions.cases.unapplied_payments import end_booked, keep_of_feed
from forbear.core.base.identifiers import LONGEST
from forbear.core.loans.incoming import IncomingPayment
from forbear.engine.columnar import connected
from forbear.interchange.book.book import Book
from forbear.interchange.book.doubts import ORPHAN
from forbear.store.models import UnappliedPayment

#: More rows of one feed than this are a mistake of the feed, and not payments for a person to look at one by one.
MOST_OF_A_FEED = 2_000


@dataclass(frozen=True, slots=True)
class _Row:
    """One payment of the quarantine that names no loan of the book."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: Decimal


def receive_quarantined(book: Book, now: datetime, *, actor: str = "feed") -> tuple[int, int]:
    """Keep what the quarantine of this book's feed has, and end what the book has booked; how many of each.

    The caller is in the transaction that publishes the night, so that nothing leaves to who may have paid.
    """
    assert transaction.get_connection().in_atomic_block, "the night and what holds it back commit together"
    ended = _end_booked(book, now, actor)
    rows = list(_orphans(settings.HOME.quarantine / book.version / "payments.csv"))[:MOST_OF_A_FEED]
    if not rows:
        return 0, ended
    names = {row.payment_id for row in rows}
    known = set(UnappliedPayment.objects.filter(payment_id__in=names).values_list("loan_named", "payment_id"))
    doubts, unit, kept = _doubted(book, names), _minor_unit(book), 0
    for row in rows:
        if (row.loan_id, row.payment_id) in known:
            continue
        known.add((row.loan_id, row.payment_id))
        amount = int((row.amount * unit).to_integral_value())
        incoming = IncomingPayment(row.payment_id, row.loan_id, row.paid_on, amount)
        keep_of_feed(incoming, doubts.get(row.payment_id, ()), now, actor=actor)
        kept += 1
    return kept, ended


def _orphans(path: Path) -> Iterator[_Row]:
    """The rows that only lack their loan and bring money; a reversal of one brings none."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row.get("reason") != ORPHAN or (row.get("reverses") or "").strip():
                continue
            payment, loan = (row.get("payment_id") or "").strip(), (row.get("loan_id") or "").strip()
            try:
                amount = Decimal((row.get("amount") or "").strip())
                paid_on = date.fromisoformat((row.get("paid_on") or "").strip()[:10])
            except (InvalidOperation, ValueError):
                continue  # a row with another mistake, too: its reason says so
            if payment and amount > 0 and max(len(payment), len(loan)) <= LONGEST:
                yield _Row(payment, loan, paid_on, amount)


def _doubted(book: Book, payments: set[str]) -> dict[str, tuple[str, ...]]:
    """By payment the loans that the import found it may be for."""
    with connected(settings.HOME.threads) as engine:
        rows = engine.execute(
            f"select distinct name, loan_id from read_parquet('{book.files('doubts')}', hive_partitioning = false) "
            "where file = 'payments' and list_contains($names, name) order by all",
            {"names": sorted(payments)},
        ).fetchall()
    found: dict[str, tuple[str, ...]] = {}
    for name, loan in rows:
        found[name] = (*found.get(name, ()), loan)
    return found


def _minor_unit(book: Book) -> int:
    """Minor units in one unit of the book's currency; of several the most frequent, since the row names none."""
    with connected(settings.HOME.threads) as engine:
        row = engine.execute(
            f"select minor_unit from read_parquet('{book.files('loans')}', hive_partitioning = false) "
            "group by 1 order by count(*) desc, 1 limit 1"
        ).fetchone()
    return int(row[0]) if row else 100


def _end_booked(book: Book, now: datetime, actor: str) -> int:
    """End the waiting payments that the book has on a loan: the same id, day and amount."""
    waiting = list(UnappliedPayment.objects.filter(state="waiting").order_by("pk"))
    if not waiting:
        return 0
    with connected(settings.HOME.threads) as engine:
        rows = engine.execute(
            f"""select distinct p.payment_id, l.loan_id, p.paid_on, p.amount
            from read_parquet('{book.files("payments")}', filename = true, hive_partitioning = false) p
            join read_parquet('{book.files("loans")}', filename = true, hive_partitioning = false) l
                on l.loan_key = p.loan_key and parse_path(l.filename)[-2] = parse_path(p.filename)[-2]
            where list_contains($names, p.payment_id)""",
            {"names": sorted({row.payment_id for row in waiting})},
        ).fetchall()
    booked: dict[tuple[str, date, int], list[str]] = {}
    for payment, loan, paid_on, amount in rows:
        booked.setdefault((payment, paid_on, amount), []).append(loan)
    ended = 0
    for row in waiting:
        loans = booked.get((row.payment_id, row.paid_on, row.amount), [])
        if len(loans) == 1:  # two loans may have a payment of one id: a person tells which is meant
            end_booked(row.pk, loans[0], now, actor=actor)
            ended += 1
    return ended
