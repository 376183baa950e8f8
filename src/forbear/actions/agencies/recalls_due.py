"""Take back what should be back with the lender: what a night changed in sets, and what time alone has changed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from forbear.actions.agencies.recalls import end_placement
from forbear.actions.selectors.active_holds import holds_of
from forbear.core.agencies.placement import recalled_by
from forbear.store.business_date import business_date
from forbear.store.models import Case, Loan, Placement
from forbear.store.situation import lock_borrower


def recall_due(now: datetime) -> int:
    """Take back what should be back: paid since, held, over its term, or with an agency that has ended. How many.

    Each act that changes a case recalls it at once; this catches what a night's publishing changed in sets.
    """
    today, done = business_date(now), 0
    running = (
        # of somebody who never had a case no night has said yet what is owed: imported before the first one
        Placement.objects.filter(Exists(Case.objects.filter(borrower=OuterRef("borrower"))), ended_at=None)
        .select_related("agency", "borrower")
        .order_by("borrower_id")
    )
    names = set(running.values_list("borrower_id", flat=True))
    owed = _past_due(names)
    holds = holds_of(names, now)
    for one in running.iterator(chunk_size=2000):
        due = sum(
            amount
            for loan, amount in owed.get(one.borrower_id, {}).items()
            if not one.loans or loan in one.loans
        )
        kinds = {
            kind for kind, about in holds.get(one.borrower_id, []) if not about or set(about) & set(one.loans)
        }
        stands = "ended" if one.agency.state in ("ended", "declined") else one.agency.suspended_for
        ending = recalled_by(due, kinds, one.due_back_on or today, today, stands)
        if ending:
            with transaction.atomic():
                lock_borrower(one.borrower_id)
                done += end_placement(one, ending, now, actor="timetable")
    return done


def _past_due(names: set[str]) -> dict[str, dict[str, int]]:
    """Past due by loan, of borrowers with an open case."""
    by_borrower: dict[str, dict[str, int]] = {}
    open_cases = Case.objects.filter(closed_on=None, borrower_id__in=names).values("borrower_id")
    rows = Loan.objects.filter(borrower_id__in=open_cases)
    for borrower, loan, amount in rows.values_list("borrower_id", "loan_id", "past_due_amount"):
        by_borrower.setdefault(borrower, {})[loan] = amount
    return by_borrower
