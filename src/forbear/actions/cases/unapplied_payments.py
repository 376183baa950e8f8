"""A payment that fits nothing: it is kept, holds the loans it may be for, and a person applies or refuses it.

A program may name a loan that has no case here, write its id with other marks, or report more than the loan owes. Money
has moved all the same, so nobody is chased for a loan that may have been paid.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from forbear.actions.cases.payments import record_payment
from forbear.actions.cases.recompute_case import recompute_case
from forbear.actions.holds.holds import lift_hold, place_known_hold
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.base.identifiers import bare
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.incoming import IncomingPayment, payment_flaw
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Hold, Loan, Payment, Staff, UnappliedPayment
from forbear.store.situation import lock_borrower

#: More loans than this can't be told apart by an amount alone: then none of them is held for it.
MOST_BY_AMOUNT = 20
#: What may stand between the letters and digits of an id.
_MARKS = " -_./#:'"


def receive_payment(
    incoming: IncomingPayment, now: datetime, *, actor: str
) -> Payment | UnappliedPayment | Problem:
    """Record a payment where it fits; keep it as unapplied where it fits nothing. Problem for what can't be.

    Reported again it is the same payment. A reversal of one that waits takes it back.
    """
    try:
        return _receive(incoming, now, actor)
    except IntegrityError:  # the same was reported twice at once
        return _receive(incoming, now, actor)


def _receive(incoming: IncomingPayment, now: datetime, actor: str) -> Payment | UnappliedPayment | Problem:
    with transaction.atomic():
        known = _lock(loan_named=incoming.loan_id, payment_id=incoming.payment_id)
        if known is not None:
            return known if _is_same(known, incoming) else _reused(incoming)
        loan = Loan.objects.filter(pk=incoming.loan_id).first()
        if incoming.reverses:
            waiting = _waiting(incoming)
            if waiting is not None:
                return _take_back(waiting, now, actor)
        elif loan is None or _is_excess(incoming, loan):
            flaw = payment_flaw(incoming, (), today=business_date(now))
            if flaw is not None:
                return flaw
            why = "unknown_loan" if loan is None else "more_than_owed"
            return _keep(incoming, _held_for(incoming, loan), why, now, actor)
        if loan is None:
            return payment_flaw(incoming, (), today=business_date(now)) or _no_loan(incoming)
        return record_payment(incoming, now, actor=actor)


def apply_payment(unapplied_id: int, loan_id: str, staff: Staff, now: datetime) -> Payment | Problem:
    """Record it as a payment of this loan: a person has found whose it is. Its holds end."""
    with transaction.atomic():
        waiting = _locked(unapplied_id)
        if isinstance(waiting, Problem):
            return waiting
        incoming = IncomingPayment(waiting.payment_id, loan_id, waiting.paid_on, waiting.amount)
        made = record_payment(incoming, now, actor=f"staff:{staff.number}")
        if isinstance(made, Problem):
            return made
        waiting.applied_to_id = loan_id
        _decide(waiting, "applied", staff, now)
        return made


def keep_of_feed(
    incoming: IncomingPayment, doubted: Collection[str], now: datetime, *, actor: str
) -> UnappliedPayment:
    """Keep a payment that a feed brought and its import could place on no loan; `doubted` are those it put in doubt."""
    found = Loan.objects.filter(pk__in=doubted, sold_at=None).order_by("loan_id")
    loans = {loan.pk: loan for loan in (*loans_it_may_be_for(incoming), *found)}
    return _keep(incoming, [loans[name] for name in sorted(loans)], "not_in_feed", now, actor)


def end_booked(unapplied_id: int, loan_id: str, now: datetime, *, actor: str) -> None:
    """A feed has booked it on a loan: it waits for nobody any more, and its holds end."""
    waiting = _locked(unapplied_id)
    if isinstance(waiting, UnappliedPayment):
        waiting.applied_to = Loan.objects.filter(pk=loan_id).first()
        _decide(waiting, "applied", None, now, actor)


def refuse_payment(
    unapplied_id: int, staff: Staff, now: datetime, *, note: str
) -> UnappliedPayment | Problem:
    """It is nobody's here, and who reported it has to send it back; `note` says why. Its holds end."""
    if not note.strip():
        return Problem("refusal_note_missing", "Say why it is refused.")
    with transaction.atomic():
        waiting = _locked(unapplied_id)
        if isinstance(waiting, Problem):
            return waiting
        waiting.note = note.strip()[:300]
        return _decide(waiting, "refused", staff, now)


def loans_it_may_be_for(incoming: IncomingPayment) -> list[Loan]:
    """The loans of cases that somebody may have meant: by the id without its marks, by a borrower's id, by the amount.

    By the amount alone only where nothing else fits and few loans are late by it.
    """
    named = bare(incoming.loan_id)
    if named:
        plain = {"plain": Lower(_without_marks("loan_id")), "owner": Lower(_without_marks("borrower_id"))}
        meant = Loan.objects.annotate(**plain).filter(Q(plain=named) | Q(owner=named), sold_at=None)
        if found := list(meant.order_by("loan_id")):
            return found
    due = Q(past_due_amount=incoming.amount) | Q(payoff=incoming.amount) | Q(outstanding=incoming.amount)
    by_amount = list(Loan.objects.filter(due, sold_at=None).order_by("loan_id")[: MOST_BY_AMOUNT + 1])
    return by_amount if len(by_amount) <= MOST_BY_AMOUNT else []


def _without_marks(column: str) -> Func:
    """SQL for an id without marks."""
    name: F | Func = F(column)
    for mark in _MARKS:
        name = Func(name, Value(mark), Value(""), function="replace")
    assert isinstance(name, Func)
    return name


def _is_excess(incoming: IncomingPayment, loan: Loan) -> bool:
    """Whether it is new, to the desk and the book, and more than all the loan owes by the desk's figures."""
    if incoming.amount <= max(loan.outstanding, loan.payoff, loan.past_due_amount):
        return False
    if Payment.objects.filter(loan=loan, payment_id=incoming.payment_id).exists():
        return False
    ledger = ledger_of(loan.borrower_id)
    booked = [each for each in (ledger[0].loans if ledger else ()) if each.loan_id == loan.loan_id]
    return not any(each.payment_id == incoming.payment_id for one in booked for each in one.all_payments)


def _held_for(incoming: IncomingPayment, loan: Loan | None) -> list[Loan]:
    """The loans that what was reported may be for: of a known loan all of its borrower's."""
    if loan is None:
        return loans_it_may_be_for(incoming)
    return list(Loan.objects.filter(borrower_id=loan.borrower_id, sold_at=None).order_by("loan_id")) or [loan]


def _keep(
    incoming: IncomingPayment, loans: Sequence[Loan], why: str, now: datetime, actor: str
) -> UnappliedPayment:
    row = UnappliedPayment.objects.create(
        payment_id=incoming.payment_id,
        loan_named=incoming.loan_id,
        paid_on=incoming.paid_on,
        amount=incoming.amount,
        why=why,
        loans=[each.loan_id for each in loans],
        source=actor[:64],
        received_at=now,
    )
    row.holds = _hold(loans, now, actor)
    row.save(update_fields=["holds"])
    _log_event(row, "unapplied", now, actor)
    return row


def _hold(loans: Iterable[Loan], now: datetime, actor: str) -> list[int]:
    """Hold these loans, borrower by borrower in the order of their names, and recompute their cases."""
    by_borrower: dict[str, list[str]] = {}
    for loan in loans:
        by_borrower.setdefault(loan.borrower_id, []).append(loan.loan_id)
    placed = []
    for name, about in sorted(by_borrower.items()):
        borrower = lock_borrower(name)
        assert borrower is not None, "a loan has its borrower"
        hold = place_known_hold(name, "unapplied", now, actor=actor, loans=tuple(about), source="payment")
        placed.append(hold.pk)
        recompute_case(borrower, now, actor=actor, reason=Reason.of("hold", kind="unapplied"))
    return placed


def _decide(
    row: UnappliedPayment, state: str, staff: Staff | None, now: datetime, actor: str = ""
) -> UnappliedPayment:
    """Write down what became of it, and lift the holds that no other waiting payment needs."""
    actor = f"staff:{staff.number}" if staff else actor or row.source
    row.state, row.decided_at, row.decided_by = state, now, staff
    row.save(update_fields=["state", "decided_at", "decided_by", "applied_to", "note"])
    others = UnappliedPayment.objects.filter(state="waiting").values_list("holds", flat=True)
    needed = {hold for holds in others for hold in holds}
    reason = Reason.of("unapplied_decided", payment=row.payment_id)
    for hold in Hold.objects.filter(pk__in=set(row.holds) - needed, lifted_at=None).order_by("borrower_id"):
        lift_hold(hold.pk, now, actor=actor, reason=reason)
        borrower = lock_borrower(hold.borrower_id)
        assert borrower is not None, "a hold has its borrower"
        recompute_case(borrower, now, actor=actor, reason=reason)
    _log_event(row, state, now, actor)
    return row


def _take_back(waiting: UnappliedPayment, now: datetime, actor: str) -> UnappliedPayment:
    assert waiting.state == "waiting", "only what waits is taken back"
    return _decide(waiting, "reversed", None, now)


def _waiting(incoming: IncomingPayment) -> UnappliedPayment | None:
    """The waiting payment that a reversal takes back whole."""
    return _lock(
        loan_named=incoming.loan_id, payment_id=incoming.reverses, amount=incoming.amount, state="waiting"
    )


def _lock(**which: object) -> UnappliedPayment | None:
    return UnappliedPayment.objects.select_for_update().filter(**which).first()


def _locked(unapplied_id: int) -> UnappliedPayment | Problem:
    return _lock(pk=unapplied_id, state="waiting") or Problem(
        "unapplied_payment_decided", "this payment waits for nobody any more"
    )


def _is_same(known: UnappliedPayment, incoming: IncomingPayment) -> bool:
    return not incoming.reverses and (known.paid_on, known.amount) == (incoming.paid_on, incoming.amount)


def _reused(incoming: IncomingPayment) -> Problem:
    return Problem(
        "payment_id_reused",
        "payment %(payment_id)s was reported before with other content; give each payment its own id",
        payment_id=incoming.payment_id,
    )


def _no_loan(incoming: IncomingPayment) -> Problem:
    return Problem(
        "no_such_open_loan", "there is no loan %(loan_id)s with an open case", loan_id=incoming.loan_id
    )


def _log_event(row: UnappliedPayment, what: str, now: datetime, actor: str) -> None:
    body = {"unapplied": row.pk, "what": what, "payment": row.payment_id, "amount": row.amount}
    body |= {"paid_on": row.paid_on.isoformat(), "loans": row.loans, "why": row.why}
    personal = {"note": row.note} if row.note else None
    evidence.append("payment", at=now, actor=actor, body=body, personal=personal)
