"""A second person decides on a proposed visit; what the rules say is asked first, and asked again at the door."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.notify_borrower import NOTICE as MUST
from forbear.actions.contacts.notify_borrower import reachable
from forbear.actions.signatures.second_signature import signature_problem
from forbear.actions.visits.proposals import log_visit
from forbear.actions.visits.visit_hours import DAYS_AHEAD, NOTICE, VisitHours, at_hour, planned_visit
from forbear.core.base.problem import Problem, joined
from forbear.core.base.reason import Reason
from forbear.core.permits.decision import Decision
from forbear.core.visits.visit import VisitPolicy, after
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import Staff, Visit
from forbear.store.situation import lock_row


def held_visit(visit_id: str) -> Visit | None:
    """The visit, with its borrower held; the caller is in a transaction."""
    return lock_row(Visit, visit_id, "point", "route")


def prospect(visit: Visit, now: datetime) -> tuple[Decision, int | None]:
    """The first moment of the next days at which the rules would allow the visit, and the notice it needs.

    The decision is that moment's; where there is none, that of tomorrow with every notice given, and no days. The
    caller holds the borrower.
    """
    terms: VisitPolicy = policy(settings.HOME).visit
    seen = VisitHours(
        visit.borrower, planned_visit(visit.point, tuple(visit.loans), visit.agency_id or ""), now
    )
    first = None
    for ahead in range(1, DAYS_AHEAD + 1):
        day = business_date(now) + timedelta(days=ahead)
        for hour in range(terms.first_hour, terms.last_hour):
            moment = at_hour(day, hour)
            days = seen.notice_days(moment)
            if days is not None:
                return seen.at(moment, days or None), days
            first = first or seen.at(moment, DAYS_AHEAD)
    assert first is not None, "a day has hours in which visits are made"
    return first, None


def _to_decide(visit_id: str, what: str, staff: Staff, own: Problem) -> Visit | Problem:
    """The visit, held, in the state that this decision brings it to; `own` where this person proposed it."""
    visit = held_visit(visit_id)
    if visit is None:
        return Problem("no_such_visit", "there is no such visit")
    if visit.proposed_by_id == staff.pk:
        return own
    state = after(visit.state, what)
    if isinstance(state, Problem):
        return state
    visit.state = state
    return visit


def approve_visit(visit_id: str, staff: Staff, now: datetime) -> Visit | Problem:
    """A second person agrees, where the rules would allow it within the next days."""
    own = Problem("own_visit_decision", "you proposed it; somebody else decides")
    with transaction.atomic():
        visit = _to_decide(visit_id, "approve", staff, own)
        if isinstance(visit, Problem):
            return visit
        if refused := signature_problem([visit.proposed_by_id], staff, now):
            return refused
        decision, days = prospect(visit, now)
        if days is None:
            rules = joined(refusal.with_clause() for refusal in decision.refusals)
            return Problem(
                "visit_refused_by_rules",
                "the rules don't allow it on any of the next %(days)s days: %(rules)s",
                days=DAYS_AHEAD,
                rules=rules,
            )
        if days and not reachable(visit.borrower, NOTICE, MUST):
            return Problem(
                "visit_notice_impossible",
                "it has to be announced %(days)s days before, and there is no number or address for that",
                days=days,
            )
        visit.decided_at, visit.decided_by, visit.notice_days = now, staff, days
        visit.save()
        log_visit(
            visit,
            "approved",
            now,
            actor=f"staff:{staff.number}",
            notice_days=days,
            packs=list(decision.packs),
        )
        return visit


def refuse_visit(visit_id: str, note: str, staff: Staff, now: datetime) -> Visit | Problem:
    """A second person doesn't agree, and says why."""
    note = note.strip()
    if not note:
        return Problem("decline_reason_missing", "say why not")
    own = Problem("own_visit_decline", "you proposed it; call it off instead")
    with transaction.atomic():
        visit = _to_decide(visit_id, "refuse", staff, own)
        if isinstance(visit, Problem):
            return visit
        visit.decided_at, visit.decided_by = now, staff
        visit.stopped_reason, visit.stopped_note = Reason.of("by_staff"), note[:300]
        visit.save()
        log_visit(visit, "refused", now, actor=f"staff:{staff.number}", personal={"note": note[:300]})
        return visit
