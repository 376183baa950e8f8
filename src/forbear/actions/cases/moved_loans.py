"""A loan that the lender's book gives to another borrower: what stood between it and a contact goes with it.

A core gives a customer a new number, merges two customers, or a debt is taken over. Holds of the loan, and promises,
plans, settlements, moved due dates and requests about it, go to its new borrower. What can't go, as an agreement about
loans that stay, holds the loan until a person has looked.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.holds.holds import NOT_CHASING, place_hold, place_known_hold
from forbear.core.base.reason import Reason
from forbear.core.court.lawsuit import OVER
from forbear.core.visits.visit import OPEN
from forbear.store import evidence
from forbear.store.models import (
    Consent,
    ContactPoint,
    DueChange,
    Hold,
    Instruction,
    Lawsuit,
    Loan,
    Placement,
    Plan,
    Promise,
    Request,
    Settlement,
    Visit,
)
from forbear.store.situation import lock_borrower

#: Tables whose rows are about loans and go with them, with the states in which they still bind somebody.
_AGREED: tuple[tuple[type[Promise | Plan | Settlement | Request], tuple[str, ...]], ...] = (
    (Promise, ("open",)),
    (Plan, ("proposed", "active")),
    (Settlement, ("proposed", "offered")),
    (Request, ("open",)),
)
#: Why a loan waits for a person, as its hold's source.
SOURCE = "loan_moved"


@dataclass(frozen=True, slots=True)
class LoanMove:
    """A loan, the borrower who had it, and who has it now."""

    loan_id: str
    before: str
    after: str


def carry_over(moves: Iterable[LoanMove], now: datetime, *, actor: str = "night") -> int:
    """Take what binds these loans to their new borrowers; how many loans wait for a person.

    The caller is in the transaction that moved the loans. Borrowers are locked in the order of their names.
    """
    assert transaction.get_connection().in_atomic_block, "a loan and what binds it move together"
    pairs: dict[tuple[str, str], set[str]] = {}
    for move in moves:
        pairs.setdefault((move.before, move.after), set()).add(move.loan_id)
    for name in sorted({name for pair in pairs for name in pair}):
        lock_borrower(name)
    return sum(_carry(*pair, loans, now, actor) for pair, loans in sorted(pairs.items()))


def _carry(before: str, after: str, loans: set[str], now: datetime, actor: str) -> int:
    """Between two borrowers; how many of the loans wait for a person."""
    _cancel_chasing(before, after, loans, now, actor)
    stay = _carry_agreements(before, after, loans)
    _carry_holds(before, after, loans, now, actor)
    same_person = _share_address(before, after)
    if same_person:
        _carry_stops(before, after, now, actor)
    _log_move(before, after, loans, now, actor)
    if same_person and not stay and not _others_work(before, loans):
        return 0
    place_known_hold(after, "other", now, actor=actor, loans=tuple(sorted(loans)), source=SOURCE)
    return len(loans)


def _carry_agreements(before: str, after: str, loans: set[str]) -> bool:
    """Give what is agreed about these loans alone to their new borrower; whether anything about them stays behind."""
    DueChange.objects.filter(borrower_id=before, loan_id__in=loans).update(borrower_id=after)
    Instruction.objects.filter(borrower_id=before, loan_id__in=loans).update(borrower_id=after)
    left = Loan.objects.filter(borrower_id=before).exists()
    stay = False
    for table, states in _AGREED:
        for row in table.objects.filter(borrower_id=before, state__in=states):
            if _is_about(row.loans, loans, left):
                table.objects.filter(pk=row.pk).update(borrower_id=after)
            else:
                stay = stay or not row.loans or bool(loans & set(row.loans))
    return stay


def _is_about(about: Collection[str], loans: set[str], others_left: bool) -> bool:
    """Whether something is about the moved loans and none that stays; about no loan by name means about all."""
    return set(about) <= loans if about else not others_left


def _carry_holds(before: str, after: str, loans: set[str], now: datetime, actor: str) -> None:
    """Holds of these loans go with them; one of all loans holds them at their new borrower too."""
    for hold in Hold.objects.filter(borrower_id=before, lifted_at=None).order_by("pk"):
        if hold.ends_at is not None and hold.ends_at <= now:
            continue
        if hold.loans and set(hold.loans) <= loans:
            Hold.objects.filter(pk=hold.pk).update(borrower_id=after)
            _log_hold(hold, after, sorted(hold.loans), now, actor)
        elif not hold.loans or loans & set(hold.loans):
            place_hold(
                after,
                hold.kind,
                now,
                actor=actor,
                loans=tuple(sorted(loans & set(hold.loans) if hold.loans else loans)),
                ends_at=hold.ends_at,
                reason=hold.reason,
                source=hold.source,
            )


def _share_address(before: str, after: str) -> bool:
    """Whether both have one number or address of their own in common."""
    own = ContactPoint.objects.filter(party="debtor")
    theirs = own.filter(borrower_id=before).values("digest")
    return own.filter(borrower_id=after, digest__in=theirs).exists()


def _running_stops(name: str) -> list[Consent]:
    """What they opted out of at any number, and never took back.

    Opt-outs of one number need no copy: they count for everybody who has it.
    """
    running: dict[tuple[str, str], Consent] = {}
    for said in Consent.objects.filter(borrower_id=name, point="", night=False).order_by("at", "pk"):
        running[said.channel, said.purpose] = said
    return [said for said in running.values() if not said.given]


def _carry_stops(before: str, after: str, now: datetime, actor: str) -> None:
    """What a person opted out of they need not say again under another customer number."""
    for said in _running_stops(before):
        Consent.objects.create(
            borrower_id=after,
            channel=said.channel,
            purpose=said.purpose,
            given=False,
            at=now,
            source=said.source if said.source != "feed" else SOURCE,
        )
        body = {"given": False, "channel": said.channel, "purpose": said.purpose, "point": "", "night": False}
        evidence.append("consent", at=now, actor=actor, borrower=after, body=body | {"source": SOURCE})


def _others_work(before: str, loans: set[str]) -> bool:
    """Whether an agency, a court or a visit is at these loans in the name of their former borrower."""
    work = (
        Placement.objects.filter(borrower_id=before, ended_at=None),
        Lawsuit.objects.filter(borrower_id=before).exclude(state__in=OVER),
        Visit.objects.filter(borrower_id=before, state__in=OPEN),
    )
    return any(not row.loans or loans & set(row.loans) for rows in work for row in rows)


def _cancel_chasing(before: str, after: str, loans: set[str], now: datetime, actor: str) -> None:
    """Nobody is asked for what is no longer theirs."""
    owner = lock_borrower(before)
    assert owner is not None, "a borrower is never deleted"
    cancel_contacts(
        owner,
        now,
        actor=actor,
        reason=Reason.of("loan_left", borrower=after, loans=", ".join(sorted(loans))),
        which=lambda contact: contact.purpose not in NOT_CHASING and bool(loans & set(contact.loans)),
    )


def _log_move(before: str, after: str, loans: set[str], now: datetime, actor: str) -> None:
    named = ", ".join(sorted(loans))
    for name, other, reason in (
        (before, after, Reason.of("loan_left", borrower=after, loans=named)),
        (after, before, Reason.of("loan_moved", borrower=before, loans=named)),
    ):
        body = {"what": reason.code, "loans": sorted(loans), "borrower": other, "reason": reason.as_dict()}
        evidence.append("note", at=now, actor=actor, borrower=name, body=body)


def _log_hold(hold: Hold, after: str, loans: list[str], now: datetime, actor: str) -> None:
    ends_at = hold.ends_at.isoformat() if hold.ends_at else ""
    body = {"hold": hold.pk, "kind": hold.kind, "loans": loans, "ends_at": ends_at, "source": SOURCE}
    evidence.append("hold", at=now, actor=actor, borrower=after, body=body)
