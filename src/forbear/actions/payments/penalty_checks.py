"""Hold the lender's penalty interest against the contract's, loan by loan, and flag where they differ.

Once a night, over every loan of a case on which the lender's lines hold penalty. A difference ends by itself when
the figures agree again; a settled one is let rest for a month before it is reported again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.selectors.ledger import with_unbooked_payments
from forbear.actions.selectors.penalties import penalty_of
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import Problem
from forbear.core.loans.loan import Loan as BookLoan
from forbear.core.loans.loan import Product
from forbear.core.loans.penalty import Difference, difference
from forbear.core.loans.products import Products
from forbear.engine.columnar import connected
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.read import (
    BorrowerRecord,
    borrowers_with_penalty,
    part_of,
    read_borrowers,
)
from forbear.store import evidence
from forbear.store.models import Borrower, Loan, PenaltyDifference, Plan, PublishedNight, Staff
from forbear.store.situation import lock_borrower

#: How long a settled difference is let rest.
REST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Checked:
    """How many loans were looked at, and how many differences were found new and ended by themselves."""

    loans: int = 0
    found: int = 0
    gone: int = 0

    def __add__(self, other: "Checked") -> "Checked":
        return Checked(self.loans + other.loans, self.found + other.found, self.gone + other.gone)


def check_due(now: datetime) -> Checked | None:
    """Check the newest published night, once; None when there is nothing to do."""
    night = PublishedNight.objects.order_by("-as_of").first()
    if night is None or "penalties" in night.counts:
        return None
    checked = check_penalties(night.as_of, now, actor="timetable")
    with transaction.atomic():
        row = PublishedNight.objects.select_for_update().get(pk=night.pk)
        row.counts = {**row.counts, "penalties": checked.found if checked else 0}
        row.save(update_fields=["counts"])
    return checked


def check_penalties(as_of: date, now: datetime, *, actor: str) -> Checked | None:
    """Check every loan of a case in the book at `as_of`; None when there is no book."""
    try:
        book = open_book(settings.HOME.book)
        products = book.products()
    except FeedError:
        return None
    checked = Checked()
    # also those on which the lender took all penalty off since
    open_rows = PenaltyDifference.objects.filter(gone_at=None, settled_at=None)
    with connected(1) as engine:
        doubted = [
            (part_of(engine, book, name), name)
            for name in open_rows.values_list("loan__borrower_id", flat=True).distinct()
        ]
        for part in range(book.partitions):
            named = {name for at, name in doubted if at == part}
            named.update(borrowers_with_penalty(engine, book, part))
            known = Borrower.objects.filter(pk__in=named).order_by("pk").values_list("pk", flat=True)
            for record in read_borrowers(engine, book, part, list(known)) if known else ():
                checked += _check(record, products, as_of, now, actor)
    return checked


def _check(record: BorrowerRecord, products: Products, as_of: date, now: datetime, actor: str) -> Checked:
    """One borrower's loans, in one transaction."""
    with transaction.atomic():
        borrower = lock_borrower(record.borrower.borrower_id)
        assert borrower is not None, "only borrowers with a case are looked at"
        plans = list(Plan.objects.filter(borrower=borrower).exclude(agreed_on=None))
        rows = {row.loan_id: row for row in Loan.objects.filter(borrower=borrower)}
        checked = Checked()
        for loan in with_unbooked_payments([loan for loan in record.loans if loan.loan_id in rows]):
            difference_found = compare(loan, products.get(loan.product), as_of, plans)
            checked += _write(rows[loan.loan_id], difference_found, as_of, now, actor)
        return checked


def compare(loan: BookLoan, product: Product, as_of: date, plans: Iterable[Plan]) -> Difference | None:
    """How far the lender's penalty on one loan is from ours, None where it is near enough."""
    if product.penalty is None:
        return None
    allow = int(product.penalty.allow.scaleb(minor_digits(loan.currency)))
    return difference(loan, product, penalty_of(loan, product, as_of, plans), allow)


def _write(
    loan: Loan, penalty_difference: Difference | None, as_of: date, now: datetime, actor: str
) -> Checked:
    rows = loan.penalty_differences
    row = rows.filter(gone_at=None, settled_at=None).first()
    if penalty_difference is None:
        if row is None:
            return Checked(loans=1)
        row.gone_at = now
        row.save(update_fields=["gone_at"])
        _log_event(row, "gone", now, actor)
        return Checked(loans=1, gone=1)
    if row is None and rows.filter(settled_at__gt=now - REST).exists():
        return Checked(loans=1)
    new = row is None
    row = row or PenaltyDifference(loan=loan, found_at=now)
    row.as_of, row.reported, row.computed, row.cut = (
        as_of,
        penalty_difference.stated,
        penalty_difference.computed,
        penalty_difference.cut,
    )
    row.too_much = penalty_difference.too_much
    row.save()
    if new:
        _log_event(row, "found", now, actor)
    return Checked(loans=1, found=int(new))


def resolve_difference(difference_id: int, words: str, staff: Staff, now: datetime) -> Problem | None:
    """Say what came of a difference: corrected by the lender, or why it is right."""
    if not words.strip():
        return Problem("result_missing", "say what came of it; it is saved as evidence")
    with transaction.atomic():
        owner = PenaltyDifference.objects.filter(pk=difference_id).values_list("loan__borrower_id", flat=True)
        name = owner.first()
        if name is None or lock_borrower(name) is None:
            return Problem("no_such_difference", "there is no such difference")
        row = PenaltyDifference.objects.select_related("loan").get(pk=difference_id)
        if row.settled_at is not None or row.gone_at is not None:
            return Problem("difference_closed", "this difference is closed already")
        row.settled_at, row.settled_by, row.words = now, staff, words.strip()[:2000]
        row.save(update_fields=["settled_at", "settled_by", "words"])
        _log_event(row, "settled", now, f"staff:{staff.number}", {"words": row.words})
    return None


def resolve_differences(
    difference_ids: Collection[int], words: str, staff: Staff, now: datetime
) -> tuple[int, int] | Problem:
    """The same of many, in the same words: how many are resolved now, and how many were left, closed meanwhile."""
    done = 0
    with transaction.atomic():
        rows = PenaltyDifference.objects.filter(pk__in=difference_ids).order_by("loan__borrower_id", "pk")
        for key in rows.values_list("pk", flat=True):
            made = resolve_difference(key, words, staff, now)
            if made is None:
                done += 1
            elif made.code != "difference_closed":
                transaction.set_rollback(True)
                return made
    return done, len(difference_ids) - done


def _log_event(
    row: PenaltyDifference, what: str, now: datetime, actor: str, personal: dict[str, str] | None = None
) -> None:
    evidence.append(
        "penalty",
        at=now,
        actor=actor,
        borrower=row.loan.borrower_id,
        body={
            "what": what,
            "loan": row.loan_id,
            "as_of": row.as_of.isoformat(),
            "reported": row.reported,
            "computed": row.computed,
            "cut": row.cut,
            "currency": row.loan.currency,
        },
        personal=personal,
    )
