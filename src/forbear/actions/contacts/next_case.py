"""Hand a collector the next case: the most valuable one that may be contacted now, leased to them alone.

The value of a case is the cash expected from a call, in minor units of the lender's main currency: what is past due
times how likely a call is to bring it (falling with age), more where a promise was just broken. It is computed
in sets when a night is published, so that handing out is one indexed look.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.contacts.permit_gate import evaluate
from forbear.core.facts.contact import PlannedContact
from forbear.core.permits.decision import Decision
from forbear.store import rows
from forbear.store.models import Borrower, Case, ContactPoint, Staff
from forbear.store.situation import lock_borrower

LEASE = timedelta(minutes=30)
#: How many cases are tried before saying that none may be contacted now.
_TRIES = 40
_AGAIN = timedelta(hours=1)
_FREE = (
    "closed_on is null and not held and handler = 'internal' and (leased_until is null or leased_until <= %s) "
    "and (next_at is null or next_at <= %s) order by value desc, id"
)
_PUT_OFF = "update store_case set next_at = %s where id = %s"
_GIVE_BACK = "update store_case set next_at = %s, collector_id = null, leased_until = null where id = %s"


@dataclass(frozen=True, slots=True)
class Handed:
    """The case handed out, and the permit gate's answer on calling its borrower now."""

    case: Case
    decision: Decision


def next_case(staff: Staff, now: datetime) -> Handed | None:
    """Lease the next case to a collector; None when no case may be contacted now.

    Anyone who has called and not said how it ended gets that case again. Then a collector works off what is theirs, the
    most valuable first, before the queue. A case the rules refuse is put off until the time they give; one that was
    given to the collector stays theirs.
    """
    unsaid = _without_outcome(staff, now)
    if unsaid is not None:
        with transaction.atomic():
            return Handed(unsaid, _call_decision(unsaid, now))
    mine = (
        "collector_id = %s and closed_on is null and leased_until > %s and (next_at is null or next_at <= %s) "
        f"order by value desc, id limit {_TRIES}"
    )
    for case in rows.fetch_all(Case, mine, [staff.pk, now, now]):
        if handed := _handed(case, now, otherwise=_PUT_OFF):
            return handed
    for _ in range(_TRIES):
        case = _lease(staff, now)
        if case is None:
            return None
        if handed := _handed(case, now, otherwise=_GIVE_BACK):
            return handed
    return None


def _handed(case: Case, now: datetime, *, otherwise: str) -> Handed | None:
    """The case, if its borrower may be called now; else what `otherwise` says is done until the time the rules give."""
    with transaction.atomic():
        decision = _call_decision(case, now)
        if decision.permitted:
            return Handed(case, decision)
        rows.execute(otherwise, [decision.until or now + _AGAIN, case.pk])
        return None


def _call_decision(case: Case, now: datetime) -> Decision:
    """What the rules say to calling the borrower of a case, who is held."""
    borrower = lock_borrower(case.borrower_id)
    assert borrower is not None, "a case has its borrower"
    case.borrower = borrower
    return evaluate(borrower, planned_call(borrower), now)[0]


def _without_outcome(staff: Staff, now: datetime) -> Case | None:
    """The case in hand whose call has no outcome yet."""
    # asked case by case: a collector has few in hand, and calls without end in the past
    called = (
        "collector_id = %s and closed_on is null and leased_until > %s and exists (select 1 from store_contact t "
        "where t.borrower_id = store_case.borrower_id and t.staff_id = %s and t.channel = 'call' "
        "and t.state = 'sent' and t.outcome = 'pending') order by id"
    )
    return rows.fetch_one(Case, called, [staff.pk, now, staff.pk])


def _lease(staff: Staff, now: datetime) -> Case | None:
    with transaction.atomic():
        case = rows.fetch_one(Case, _FREE, [now, now], skip_locked=True)
        if case is None:
            return None
        case.collector, case.leased_until = staff, now + LEASE
        rows.update_fields(case, "collector", "leased_until")
        return case


def planned_call(borrower: Borrower, *, party: str = "debtor") -> PlannedContact:
    """A call by a person to the borrower's newest working number, about all late loans of the case."""
    newest = "borrower_id = %s and kind = 'phone' and party = %s and invalid_at is null order by id desc"
    point = rows.fetch_one(ContactPoint, newest, [borrower.pk, party])
    late = "select loan_id from store_loan where borrower_id = %s and past_due_amount > 0 order by loan_id"
    loans = tuple(loan for (loan,) in rows.fetch_rows(late, [borrower.pk]))
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
    )
