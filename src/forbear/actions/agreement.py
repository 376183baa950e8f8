"""What a promise, a plan and a settlement share: whose loans they are about, and the hold while they run."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from forbear.actions.place_hold import lift_hold, place_hold
from forbear.core.problem import Problem
from forbear.store.models import Borrower, Hold, Loan, Plan, Promise, Settlement
from forbear.store.situation import hold_borrower

Agreement = Promise | Plan | Settlement
Row = TypeVar("Row", Promise, Plan, Settlement)


def agreed_loans(
    borrower_id: str, loan_ids: Collection[str], what: str, what_zh: str
) -> tuple[Borrower, list[Loan]] | Problem:
    """The borrower, held, and the loans that an agreement is to be about: all theirs, of one currency.

    `what` names the agreement, as in "a plan", for whoever reads what is wrong.
    """
    borrower = hold_borrower(borrower_id)
    loans = list(Loan.objects.filter(borrower_id=borrower_id, loan_id__in=loan_ids))
    if borrower is None or not loans or len(loans) != len(set(loan_ids)):
        return Problem(
            f"{what} is about loans of one borrower with an open case",
            f"{what_zh}只针对同一借款人、有未结案件的贷款",
        )
    if len({loan.currency for loan in loans}) > 1:
        return Problem(
            f"{what} is in one currency; agree one for each", f"{what_zh}只能用一种货币，请按货币分别商定"
        )
    return borrower, loans


def held_agreement(model: type[Row], number: int) -> Row | None:
    """The agreement as it is once its borrower is held; None where there is none."""
    owner = model.objects.filter(pk=number).values_list("borrower_id", flat=True).first()
    if owner is None or hold_borrower(owner) is None:
        return None
    return model.objects.select_related("borrower", "hold").get(pk=number)


def hold_chase(
    borrower_id: str,
    kind: str,
    loans: tuple[str, ...],
    ends_at: datetime,
    now: datetime,
    actor: str,
    source: str,
) -> Hold:
    """Nothing of these loans is chased while their agreement runs."""
    made = place_hold(borrower_id, kind, now, actor=actor, loans=loans, ends_at=ends_at, source=source)
    assert isinstance(made, Hold), "the borrower is there"
    return made


def free_chase(agreement: Agreement, now: datetime, actor: str, because: str) -> None:
    """The agreement no longer stands in the way of chasing."""
    if agreement.hold is not None and agreement.hold.lifted_at is None:
        lift_hold(agreement.hold.pk, now, actor=actor, because=because)
