"""What a borrower owes and why: each loan line by line, and what it will be if nothing is paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from django.http import HttpResponse
from django.shortcuts import render

from forbear.actions.selectors.ledger import ledger_of
from forbear.actions.selectors.penalties import cap_percent, penalty_ahead, penalty_of
from forbear.core.agreements.loan_state import may
from forbear.core.base.money import minor_digits
from forbear.core.loans.allocation import (
    Allocation,
    PaymentAllocation,
    Spread,
    allocate,
    allocate_each,
    counted_payments,
)
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import COMPONENTS, Loan, Payment, PenaltyTerms, Product, Snapshot
from forbear.core.loans.penalty import Penalty, Stretch, lender_penalty, percent_a_day
from forbear.store.access import penalty_differences_for
from forbear.store.business_date import business_date
from forbear.store.loan_states import loan_states
from forbear.store.models import Instruction, Plan
from forbear.web.portal.creditors import creditor_names
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest

AHEAD_DAYS = (7, 30)


@dataclass(frozen=True, slots=True)
class Line:
    """One instalment on the page; amounts in minor units. `parts`: each component, its amount and what is left.

    `corrected_on` is when it was found wrong, `before` what it asked for until then.
    """

    number: int
    due_on: date
    amount: int
    paid: int
    left: int
    late: bool
    key: str
    parts: tuple[tuple[str, int, int], ...] = ()
    corrected_on: date | None = None
    before: int = 0
    kind: str = "instalment"


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of penalty interest as a calculator has it: its product with four decimals of the currency's unit."""

    part: Stretch
    exact: str


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment: whether the bank took it back, and which instalments it paid."""

    payment: Payment
    bounced: bool
    effect: PaymentAllocation | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would be late on another day if nothing were paid: `fallen_due` is new, `penalty` is added."""

    days: int
    on: date
    amount: int
    fallen_due: int = 0
    penalty: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class PenaltyShown:
    """What lateness costs: the contract's terms, the lender's figure `told`, and ours."""

    terms: PenaltyTerms
    reported: int
    found: Penalty
    differs: bool
    key: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One loan on the page."""

    name: str
    currency: str
    minor_unit: int
    lines: list[Line]
    payments: list[Paid]
    past_due: int
    outstanding: int
    payoff: int
    yesterday: int
    ahead: list[Ahead]
    penalty: PenaltyShown | None
    percent_a_day: Decimal | None
    account: Snapshot | None = None
    revolving: bool = False
    creditor: str = ""  # its name, where it isn't the lender


@own
def owe(request: BorrowerRequest) -> HttpResponse:
    """Each loan line by line, what it was yesterday and will be if nothing happens."""
    borrower, today = request.borrower, business_date(request.now)
    found = ledger_of(borrower.borrower_id)
    plans = list(borrower.plans.exclude(agreed_on=None))
    differences = penalty_differences_for(borrower).filter(gone_at=None, settled_at=None, too_much__gt=0)
    differing = set(differences.values_list("loan_id", flat=True))
    corrected = {
        f"{one.loan_id}:{one.instalment}": one
        for one in borrower.instructions.filter(kind="line").exclude(state="withdrawn").order_by("pk")
    }
    loans = []
    if found:
        record, products = found
        known = list(borrower.loans.all())
        states, creditors = loan_states(known, request.now), creditor_names(known)
        loans = [
            shown_loan(
                loan,
                products.get(loan.product),
                today,
                plans,
                loan.loan_id in differing,
                forecast=may(states.get(loan.loan_id, ()), "forecast"),
                corrected=corrected,
                creditor=creditors.get(loan.loan_id, ""),
            )
            for loan in record.loans
        ]
    shown = {
        "loans": sorted(
            (loan for loan in loans if loan.outstanding or loan.payoff or loan.payments),
            key=lambda loan: (not loan.past_due, not loan.outstanding, loan.name),
        ),
        "stored": [] if found else list(borrower.loans.order_by("loan_id")),
        "disputed": {each.line for each in borrower.requests.filter(kind="dispute", state="open")},
        "today": today,
        "cap": cap_percent(),
    }
    return render(request, "portal/owe.html", shown)


def shown_loan(
    loan: Loan,
    product: Product,
    today: date,
    plans: list[Plan],
    differs: bool,
    *,
    forecast: bool = True,
    corrected: Mapping[str, Instruction] = MappingProxyType({}),
    creditor: str = "",
) -> Shown:
    """One loan as the page shows it; `corrected` are the lines found wrong, by loan and number."""
    counted = counted_payments(loan.payments, today)
    spread = allocate(
        loan.instalments,
        sum(payment.amount for payment in counted),
        product.allocation_order,
        due_date_rule=product.due_date_rule,
        calendar=product.calendar,
    )
    now = arrears(loan, product, today)
    return Shown(
        loan.loan_id,
        loan.currency,
        10 ** minor_digits(loan.currency),
        _lines(loan, spread, today, corrected),
        _payments(loan, product, counted),
        now.past_due_amount,
        now.outstanding,
        now.payoff,
        _yesterday(loan, product, today, plans),
        [_ahead(loan, product, today, days, plans, now.past_due_amount) for days in AHEAD_DAYS if forecast],
        _penalty(loan, product, today, plans, differs),
        percent_a_day(product.penalty) if product.penalty else None,
        loan.account,
        product.kind == "revolving",
        creditor,
    )


def _payments(loan: Loan, product: Product, counted: list[Payment]) -> list[Paid]:
    """Every payment, the newest first, also those that the bank took back."""
    effects = {
        each.payment.payment_id: each
        for each in allocate_each(
            loan.instalments,
            counted,
            product.allocation_order,
            due_date_rule=product.due_date_rule,
            calendar=product.calendar,
        )
    }
    back = {payment.reverses for payment in loan.all_payments if payment.reverses}
    made = [
        Paid(payment, payment.payment_id in back, effects.get(payment.payment_id))
        for payment in loan.all_payments
        if not payment.reverses
    ]
    return sorted(made, key=lambda each: each.payment.paid_on, reverse=True)


def _steps(stretches: Iterable[Stretch], loan: Loan, product: Product) -> tuple[Step, ...]:
    if product.penalty is None:
        return ()
    rate, unit = percent_a_day(product.penalty), 10 ** minor_digits(loan.currency)
    return tuple(
        Step(part, f"{Decimal(part.base) / unit * rate / 100 * part.days:,.4f}") for part in stretches
    )


def _lines(loan: Loan, spread: Allocation, today: date, corrected: Mapping[str, Instruction]) -> list[Line]:
    return [_line(loan, each, today, corrected) for each in spread.spreads]


def _line(loan: Loan, spread: Spread, today: date, corrected: Mapping[str, Instruction]) -> Line:
    amounts, left = spread.instalment.amounts, spread.unpaid
    wrong = corrected.get(f"{loan.loan_id}:{spread.instalment.number}")
    return Line(
        spread.instalment.number,
        spread.falls_due_on,
        amounts.total,
        spread.paid.total,
        left.total,
        left.total > 0 and spread.falls_due_on < today,
        f"{loan.loan_id}:{spread.instalment.number}"[:64],
        tuple(
            (name, getattr(amounts, name), getattr(left, name))
            for name in COMPONENTS
            # what isn't past due of an account has no parts that its lender told
            if getattr(amounts, name) and spread.instalment.kind in ("instalment", "past_due")
        ),
        wrong.granted_on if wrong else None,
        sum(wrong.before) if wrong else 0,
        spread.instalment.kind,
    )


def _yesterday(loan: Loan, product: Product, today: date, plans: list[Plan]) -> int:
    """What was late yesterday: the lender's lines as they were, without the penalty of today."""
    before = today - timedelta(days=1)
    then = arrears(loan, product, before).past_due_amount
    since = sum(each.amount for each in penalty_ahead(loan, product, before, today, plans))
    return max(0, then - min(since, lender_penalty(loan)))


def _ahead(loan: Loan, product: Product, today: date, days: int, plans: list[Plan], late: int) -> Ahead:
    day = today + timedelta(days=days)
    fallen_due = arrears(loan, product, day).past_due_amount - late
    stretches = tuple(each for each in penalty_ahead(loan, product, today, day, plans) if each.amount)
    added = sum(each.amount for each in stretches)
    return Ahead(days, day, late + fallen_due + added, fallen_due, added, _steps(stretches, loan, product))


def _penalty(
    loan: Loan, product: Product, today: date, plans: list[Plan], differs: bool
) -> PenaltyShown | None:
    if product.penalty is None or loan.account is not None:
        return None
    found, reported = penalty_of(loan, product, today, plans), lender_penalty(loan)
    if not found.charged and not reported:
        return None
    return PenaltyShown(
        product.penalty,
        reported,
        found,
        differs,
        f"{loan.loan_id}:penalty"[:64],
        _steps((part for line in found.instalments for part in line.stretches), loan, product),
    )
