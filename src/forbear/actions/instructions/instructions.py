"""Tell the lender's loan system what was granted, and compare what its feed says: booked, contradicted or not yet.

An instruction is a row, a line of the daily file and a webhook. It counts over the feed until the feed shows it, its
time is over, or a person ends it with a reason.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.selectors.granted import adjustment_of
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import Problem
from forbear.core.loans.adjustments import Adjustment, feed_state
from forbear.core.loans.loan import COMPONENTS, Amounts
from forbear.core.loans.loan import Loan as BookLoan
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Instruction, Staff
from forbear.store.models.instruction import IN_FORCE
from forbear.store.situation import lock_borrower, lock_row

_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: After so long without an answer in the feed an instruction is overdue on the desk's list.
OVERDUE_AFTER = timedelta(days=7)


def instruct(
    borrower: Borrower,
    adjustment: Adjustment,
    currency: str,
    now: datetime,
    *,
    source: str,
    reference: str,
    actor: str,
) -> Instruction:
    """Write it down, have it sent, and let it count from now on. The caller holds the borrower.

    What the same source granted on the same loan before is replaced: a later day or amount is the one that counts.
    """
    assert transaction.get_connection().in_atomic_block, "what is granted and its instruction commit together"
    before = Instruction.objects.filter(
        borrower=borrower,
        loan_id=adjustment.loan_id,
        kind=adjustment.kind,
        instalment=adjustment.number,
        source=source,
        reference=reference,
        state__in=IN_FORCE,
    )
    for row in before:
        _change(row, "withdrawn", now, actor=actor)
    row = Instruction.objects.create(
        number="I" + "".join(secrets.choice(_SIGNS) for _ in range(11)),
        borrower=borrower,
        loan_id=adjustment.loan_id,
        kind=adjustment.kind,
        currency=currency,
        minor_unit=10 ** minor_digits(currency),
        granted_on=adjustment.granted_on,
        made_at=now,
        instalment=adjustment.number,
        on=adjustment.on,
        before_on=adjustment.before_on,
        before=_parts(adjustment.before),
        most=_parts(adjustment.most),
        paid_before=adjustment.paid_before,
        plan_lines=[[due_on.isoformat(), amount] for due_on, amount in adjustment.plan_lines],
        source=source,
        reference=reference,
        changed_at=now,
    )
    _log_event(row, "", now, actor)
    enqueue_webhooks("instruction.made", payload(row), now)
    return row


def _parts(amounts: Amounts) -> list[int]:
    return [getattr(amounts, part) for part in COMPONENTS]


def payload(row: Instruction) -> dict[str, object]:
    """An instruction as programs read it: amounts in minor units, days in ISO form, empty where it has none."""
    return {
        "number": row.number,
        "state": row.state,
        "kind": row.kind,
        "loan_id": row.loan_id,
        "borrower_id": row.borrower_id,
        "currency": row.currency,
        "granted_on": row.granted_on.isoformat(),
        "instalment": row.instalment,
        "due_on": row.before_on.isoformat() if row.before_on else "",
        "on": row.on.isoformat() if row.on else "",
        "before": dict(zip(COMPONENTS, row.before, strict=True)),
        "at_most": dict(zip(COMPONENTS, row.most, strict=True)),
        "plan": row.plan_lines,
        "source": row.source,
        "reference": row.reference,
    }


def withdraw(borrower: Borrower, source: str, reference: str, now: datetime, *, actor: str) -> int:
    """Take back what a source granted, as when a plan ends; how many. The caller holds the borrower."""
    rows = Instruction.objects.filter(
        borrower=borrower, source=source, reference=reference, state__in=IN_FORCE
    )
    return sum(_change(row, "withdrawn", now, actor=actor) for row in rows)


def end_instruction(
    instruction_id: int, state: str, staff: Staff, note: str, now: datetime
) -> Instruction | Problem:
    """A person says that it is booked, or withdraws it: with a reason, and never what they granted themselves.

    Booked in a form that a feed doesn't show, or granted by mistake: both end what counts over the feed.
    """
    assert state in ("booked", "withdrawn"), state
    if not note.strip():
        return Problem("instruction_reason_missing", "say why; it is saved with the instruction")
    with transaction.atomic():
        row = lock_row(Instruction, instruction_id, "decided_by")
        if row is None or row.state not in IN_FORCE:
            return Problem("no_such_instruction", "there is no such open instruction")
        row.decided_by, row.note = staff, note.strip()[:300]
        _change(row, state, now, actor=f"staff:{staff.number}")
        return row


def compare_with_feed(books: Mapping[str, Sequence[BookLoan]], now: datetime, *, actor: str = "night") -> int:
    """Compare all that is in force with `books`, the loans of each borrower as the feed has them; how many changed.

    The caller is in the transaction that publishes a night, so that a night never goes by what ended with its feed.
    """
    assert transaction.get_connection().in_atomic_block, "the night and what it compares commit together"
    rows = Instruction.objects.filter(state__in=IN_FORCE).order_by("borrower_id", "pk")
    changed = 0
    for row in [row for row in rows if row.borrower_id in books]:
        lock_borrower(row.borrower_id)
        loans = {loan.loan_id: loan for loan in books[row.borrower_id]}
        changed += _compare(row, loans, now, actor)
    return changed


def _compare(row: Instruction, loans: Mapping[str, BookLoan], now: datetime, actor: str) -> bool:
    if row.kind == "pause" and row.on is not None and row.on <= business_date(now):
        return _change(row, "withdrawn", now, actor=actor)  # its time is over
    state = feed_state(loans.get(row.loan_id), adjustment_of(row))
    return state != row.state and _change(row, state, now, actor=actor)


def _change(row: Instruction, state: str, now: datetime, *, actor: str) -> bool:
    before, row.state, row.changed_at = row.state, state, now
    row.save(update_fields=["state", "changed_at", "decided_by", "note"])
    _log_event(row, before, now, actor)
    enqueue_webhooks("instruction.changed", payload(row), now)
    return True


def _log_event(row: Instruction, before: str, now: datetime, actor: str) -> None:
    evidence.append(
        "instruction",
        at=now,
        actor=actor,
        borrower=row.borrower_id,
        body={"from": before, **payload(row)},
        personal={"note": row.note} if row.note else None,
    )
