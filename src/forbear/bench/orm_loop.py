"""The common way: one loan after another through the ORM, with the care a good engineer would take.

Related rows are fetched in batches, amounts are whole numbers, products are held in memory, results are
written in bulk and in one transaction, and only late loans are written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db import models, transaction

from forbear.bench.orm_models import CaseState, Instalment, Loan, LoanState, Payment
from forbear.core.loans.products import Products

BATCH = 2_000
COMPONENTS = ("principal", "interest", "fee", "penalty")
COURT_FROM = 500_000  # 5,000.00


@dataclass(slots=True)
class Terms:
    """What the loop needs of a product."""

    tolerance: int
    order: tuple[str, ...]
    due_date_counts: bool


class TermsOf(dict):
    """Terms by product and currency, worked out once each."""

    def __init__(self, products: Products) -> None:
        super().__init__()
        self._products = products

    def __missing__(self, key: tuple[str, str]) -> Terms:
        product = self._products.get(key[0])
        terms = Terms(product.tolerance_minor(key[1]), product.allocation_order, product.due_date_counts)
        self[key] = terms
        return terms


def decide(products: Products, as_of: date) -> None:
    """Find every late loan and the stage of every late borrower, and write them down."""
    terms = TermsOf(products)
    states: list[LoanState] = []
    cases: list[CaseState] = []
    with transaction.atomic():
        for borrower_id, loans in groupby(_loans(as_of), key=lambda loan: loan.borrower_id):
            late = [
                state
                for loan in loans
                if (state := state_of(loan, terms[loan.product, loan.currency], as_of)) is not None
            ]
            if late:
                states += late
                worst = min(late, key=lambda s: (-s.days_past_due, -s.past_due_amount, s.loan.loan_id))
                cases.append(CaseState(borrower_id=borrower_id, loan=worst.loan, stage=stage_of(worst)))
            if len(states) >= BATCH:
                _write(states, cases)
        _write(states, cases)


def _loans(as_of: date) -> Iterator[Loan]:
    paid = Payment.objects.filter(paid_on__lte=as_of, bounced=False)
    return (
        Loan.objects.exclude(status="closed")
        .filter(models.Q(disbursed_on=None) | models.Q(disbursed_on__lte=as_of))
        .order_by("borrower_id", "loan_id")
        .prefetch_related(
            models.Prefetch("instalments", Instalment.objects.order_by("due_on", "number")),
            models.Prefetch("payments", paid),
        )
        .iterator(chunk_size=BATCH)
    )


def _write(states: list[LoanState], cases: list[CaseState]) -> None:
    LoanState.objects.bulk_create(states, batch_size=BATCH)
    CaseState.objects.bulk_create(cases, batch_size=BATCH)
    states.clear()
    cases.clear()


def state_of(loan: Loan, terms: Terms, as_of: date) -> LoanState | None:
    """The state of one loan, None when it is not late."""
    left = sum(payment.amount for payment in loan.payments.all())
    past_due = dict.fromkeys(COMPONENTS, 0)
    outstanding, oldest = 0, None
    for line in loan.instalments.all():
        total = line.principal + line.interest + line.fee + line.penalty
        if left >= total:
            left -= total
            continue
        unpaid = total - left
        outstanding += unpaid
        is_due = line.due_on < as_of or (terms.due_date_counts and line.due_on == as_of)
        if is_due and unpaid > terms.tolerance:
            oldest = oldest or line.due_on
            for name in terms.order:
                owed = getattr(line, name)
                taken = min(left, owed)
                left -= taken
                past_due[name] += owed - taken
        left = 0
    if oldest is None:
        return None
    return LoanState(
        loan=loan,
        days_past_due=(as_of - oldest).days + terms.due_date_counts,
        oldest_unpaid_due_on=oldest,
        past_due_amount=sum(past_due.values()),
        outstanding=outstanding,
        **{f"past_due_{name}": amount for name, amount in past_due.items()},
    )


def stage_of(state: LoanState) -> str:
    """The stage as strategies/consumer-cn.yaml has it, written out."""
    if state.days_past_due <= 3:
        return "reminder"
    if state.days_past_due <= 29:
        return "conversation"
    if state.days_past_due <= 179:
        return "intensive"
    return "legal" if state.outstanding >= COURT_FROM else "long_overdue"
