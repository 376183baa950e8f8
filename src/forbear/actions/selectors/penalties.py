"""Penalty interest of a borrower's loans as core computes it, with the lender's cap and the plans that stop it."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings

from forbear.core.loans.loan import Loan, Pause, Product
from forbear.core.loans.penalty import Penalty, Stretch, growth, penalty
from forbear.interchange.home.packs import rulebook
from forbear.store.models import Plan


def cap_percent() -> int | None:
    """The all-in annual rate of the lender's rule packs; None where no pack sets one."""
    return rulebook(settings.HOME).parameters.get("all_in_rate_percent")


def free_periods(plans: Iterable[Plan], loan_id: str) -> tuple[Pause, ...]:
    """While a plan about the loan runs nothing is charged on top of it."""
    return tuple(
        Pause(plan.agreed_on, plan.ended_on)
        for plan in plans
        if plan.agreed_on is not None and loan_id in plan.loans
    )


def penalty_of(loan: Loan, product: Product, as_of: date, plans: Iterable[Plan]) -> Penalty:
    """What lateness has cost by `as_of`, by the contract and within the cap."""
    return penalty(loan, product, as_of, cap_percent=cap_percent(), free=free_periods(plans, loan.loan_id))


def penalty_ahead(
    loan: Loan, product: Product, today: date, day: date, plans: Iterable[Plan]
) -> list[Stretch]:
    """What lateness will cost from `today` to `day` if nothing is paid."""
    free = free_periods(plans, loan.loan_id)
    return growth(loan, product, today, day, cap_percent=cap_percent(), free=free)
