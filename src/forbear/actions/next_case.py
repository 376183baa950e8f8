"""Hand a collector the next case: the most valuable one that may be contacted now, leased to them alone.

The value of a case is the cash expected from a call, in minor units of the lender's main currency: what is past due
times how likely a call is to bring it (falling with age), more where a promise was just broken. It is computed
in sets when a night is published, so that handing out is one indexed look.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from forbear.actions.ask_permit import judge
from forbear.core.compliance import Decision
from forbear.core.contact import Wish
from forbear.store.models import Borrower, Case, Contact, ContactPoint, Staff
from forbear.store.situation import hold_borrower

LEASE = timedelta(minutes=30)
#: How many cases are tried before saying that none may be contacted now.
_TRIES = 40
_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Handed:
    """The case handed out, and the door's answer on calling its borrower now."""

    case: Case
    decision: Decision


def next_case(staff: Staff, now: datetime) -> Handed | None:
    """Lease the next case to a collector; None when no case may be contacted now.

    Whoever has called and not said how it ended gets that case again. Then a collector works off what is theirs, the
    most valuable first, before the queue. A case the rules refuse is put off until the time they give; one that was
    given to the collector stays theirs.
    """
    unsaid = _without_outcome(staff, now)
    if unsaid is not None:
        with transaction.atomic():
            borrower = hold_borrower(unsaid.borrower_id)
            assert borrower is not None, "a case has its borrower"
            return Handed(unsaid, judge(borrower, call_wish(borrower), now)[0])
    due = Q(next_at=None) | Q(next_at__lte=now)
    mine = Case.objects.filter(due, collector=staff, closed_on=None, leased_until__gt=now)
    for case in mine.order_by("-value", "id")[:_TRIES]:
        with transaction.atomic():
            borrower = hold_borrower(case.borrower_id)
            assert borrower is not None, "a case has its borrower"
            decision = judge(borrower, call_wish(borrower), now)[0]
            if decision.permitted:
                return Handed(case, decision)
            Case.objects.filter(pk=case.pk).update(next_at=decision.until or now + _AGAIN)
    for _ in range(_TRIES):
        case = _lease(staff, now)
        if case is None:
            return None
        with transaction.atomic():
            borrower = hold_borrower(case.borrower_id)
            assert borrower is not None, "a case has its borrower"
            decision = judge(borrower, call_wish(borrower), now)[0]
            if decision.permitted:
                return Handed(case, decision)
            Case.objects.filter(pk=case.pk).update(
                next_at=decision.until or now + _AGAIN, collector=None, leased_until=None
            )
    return None


def _without_outcome(staff: Staff, now: datetime) -> Case | None:
    """The case in hand whose call has no outcome yet."""
    called = Contact.objects.filter(staff=staff, channel="call", state="sent", outcome="pending")
    mine = Case.objects.filter(collector=staff, closed_on=None, leased_until__gt=now)
    return mine.filter(borrower_id__in=called.values("borrower_id")).first()


def _lease(staff: Staff, now: datetime) -> Case | None:
    with transaction.atomic():
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        rows = (
            Case.objects.filter(free, closed_on=None, held=False, handler="internal")
            .filter(Q(next_at=None) | Q(next_at__lte=now))
            .order_by("-value", "id")
        )
        case = rows.select_for_update(skip_locked=True).first()
        if case is None:
            return None
        case.collector, case.leased_until = staff, now + LEASE
        case.save(update_fields=["collector", "leased_until"])
        return case


def release_case(case: Case, now: datetime, *, until: datetime | None = None) -> None:
    """Give a case back; it is not handed out again before `until`."""
    Case.objects.filter(pk=case.pk).update(leased_until=None, next_at=until)


def call_wish(borrower: Borrower, *, party: str = "debtor") -> Wish:
    """A call by a person to the borrower's newest working number, about all late loans of the case."""
    point = (
        ContactPoint.objects.filter(borrower=borrower, kind="phone", party=party, invalid_at=None)
        .order_by("-pk")
        .first()
    )
    loans = tuple(
        borrower.loans.filter(past_due_amount__gt=0).order_by("loan_id").values_list("loan_id", flat=True)
    )
    return Wish(
        "call",
        "collect",
        party,
        point.digest if point else "",
        loans,
        automated=False,
        own_line=True,
        states_identity=True,
        offers_opt_out=True,
        recorded=True,
    )
