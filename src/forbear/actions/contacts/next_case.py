"""Hand a collector the next case: a call-back that is due, then the most valuable call that the night planned.

A case on which the strategy plans no call today is handed to nobody, though it can be opened. What the night planned
is for its day: it lapses with the next night, and on the day after it when none comes.

The value of a case is the cash expected from a call, in minor units of the lender's main currency: what is past due
times how likely a call is to bring it (falling with age), more where a promise was just broken. It is computed
in sets when a night is published, so that handing out is one indexed look.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from forbear.actions.contacts.certificates import uncertified
from forbear.actions.contacts.permit_gate import evaluate
from forbear.actions.selectors.due_calls import planned_now
from forbear.core.facts.contact import PlannedContact
from forbear.core.permits.decision import Decision
from forbear.store.access import cases_for
from forbear.store.models import Borrower, Case, Contact, ContactPoint, Loan, Staff, Vulnerability
from forbear.store.situation import lock_borrower

LEASE = timedelta(minutes=30)
#: How long a call-back waits for who agreed to it; then it is anybody's.
_OWN_FOR = timedelta(minutes=30)
#: How many cases are tried before saying that none may be contacted now.
_TRIES = 40
_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Handed:
    """The case handed out, and the permit gate's answer on calling its borrower now."""

    case: Case
    decision: Decision


def next_case(staff: Staff, now: datetime) -> Handed | None:
    """Lease the next case to a collector; None when no case may be contacted now.

    Anyone who has called and not said how it ended gets that case again. Then come call-backs whose time has come: the
    collector's own, and those nobody has taken within `_OWN_FOR`. Then a collector works off what is theirs, the most
    valuable first, before the queue. A case the rules refuse is put off until the time they give; one that was given
    to the collector stays theirs.
    """
    unsaid = _without_outcome(staff, now)
    if unsaid is not None:
        with transaction.atomic():
            return Handed(unsaid, _call_decision(unsaid, staff, now))
    if uncertified(staff, now) is not None:
        return None  # what this person may not call stays in the queue for those who may
    if handed := _first_leased(_callbacks(staff, now), staff, now):
        return handed
    mine = _not_put_off(staff, now).filter(planned_now(now), collector=staff, leased_until__gt=now)
    for case in list(mine[:_TRIES]):
        if handed := _handed(case, staff, now, give_back=False):
            return handed
    return _first_leased(_not_put_off(staff, now).filter(planned_now(now)), staff, now)


def _callbacks(staff: Staff, now: datetime) -> QuerySet[Case]:
    """Call-backs whose time has come, the earliest first."""
    mine_or_late = Q(callback_by=staff) | Q(callback_by=None) | Q(callback_at__lte=now - _OWN_FOR)
    due = _seen_by(staff).filter(mine_or_late, callback_at__lte=now, closed_on=None)
    return due.filter(Q(next_at=None) | Q(next_at__lte=now)).order_by("callback_at", "pk")


def _first_leased(queue: QuerySet[Case], staff: Staff, now: datetime) -> Handed | None:
    """The first case of the queue that may be called now, leased; those refused are put off."""
    for _ in range(_TRIES):
        leased = _lease(queue, staff, now)
        if leased is None:
            return None
        if handed := _handed(leased, staff, now, give_back=True):
            return handed
    return None


def _seen_by(staff: Staff) -> QuerySet[Case]:
    """The cases that they may see, to be locked: of one table alone."""
    return cases_for(staff).select_related(None)


def _not_put_off(staff: Staff, now: datetime) -> QuerySet[Case]:
    """Open cases that may be handed to them by now, the most valuable first."""
    due = Q(next_at=None) | Q(next_at__lte=now)
    return _seen_by(staff).filter(due, closed_on=None).order_by("-value", "pk")


def _handed(case: Case, staff: Staff, now: datetime, *, give_back: bool) -> Handed | None:
    """The case, if its borrower may be called now; else it is put off until the time the rules give.

    With `give_back` it is nobody's then.
    """
    with transaction.atomic():
        decision = _call_decision(case, staff, now)
        if decision.permitted:
            return Handed(case, decision)
        nobodys = {"collector": None, "leased_until": None} if give_back else {}
        Case.objects.filter(pk=case.pk).update(next_at=decision.until or now + _AGAIN, **nobodys)
        return None


def _call_decision(case: Case, staff: Staff, now: datetime) -> Decision:
    """What the rules say to this person's calling the borrower of a case, who is held."""
    borrower = lock_borrower(case.borrower_id)
    assert borrower is not None, "a case has its borrower"
    case.borrower = borrower
    return evaluate(borrower, planned_call(borrower, by=staff), now)[0]


def _without_outcome(staff: Staff, now: datetime) -> Case | None:
    """The case in hand whose call has no outcome yet."""
    # asked case by case: a collector has few in hand, and calls without end in the past
    unsaid = Contact.objects.filter(
        borrower_id=OuterRef("borrower_id"), staff=staff, channel="call", state="sent", outcome="pending"
    )
    mine = Case.objects.filter(collector=staff, closed_on=None, leased_until__gt=now)
    return mine.filter(Exists(unsaid)).order_by("pk").first()


def _lease(queue: QuerySet[Case], staff: Staff, now: datetime) -> Case | None:
    """The first case of the queue, from now on this collector's; those that others are leasing are passed over."""
    free = Q(leased_until=None) | Q(leased_until__lte=now) | Q(collector=staff)
    with transaction.atomic():
        if not staff.cares:
            queue = queue.exclude(Exists(_for_trained()))
        case = queue.filter(free, held=False).select_for_update(skip_locked=True).first()
        if case is None:
            return None
        if case.collector_id != staff.pk or case.leased_until is None or case.leased_until < now + LEASE:
            case.collector, case.leased_until = staff, now + LEASE
        case.save(update_fields=["collector", "leased_until"])
        return case


def _for_trained() -> QuerySet[Vulnerability]:
    """Of the case's borrower, that only people trained for it speak with them."""
    return Vulnerability.objects.filter(borrower_id=OuterRef("borrower_id"), ended_at=None, trained_only=True)


def planned_call(borrower: Borrower, *, party: str = "debtor", by: Staff | None = None) -> PlannedContact:
    """A call by a person to the borrower's newest working number, about all late loans of the case."""
    points = ContactPoint.objects.filter(borrower=borrower, kind="phone", party=party, invalid_at=None)
    point = points.order_by("-pk").first()
    late = Loan.objects.filter(borrower=borrower, past_due_amount__gt=0).order_by("loan_id")
    loans = tuple(late.values_list("loan_id", flat=True))
    return PlannedContact(
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
        callers=(by.number,) if by is not None else (),
    )
