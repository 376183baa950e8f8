"""Call a visit off: a person does, or what happened meanwhile leaves no reason or no right to go."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from forbear.actions.visits.proposals import log_visit
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.visits.visit import after
from forbear.interchange.home.policy import policy
from forbear.store.models import Borrower, Case, Contact, Hold, Loan, Placement, Visit
from forbear.store.situation import lock_borrower

#: Visits that haven't begun.
WAITING = ("proposed", "approved", "planned")
#: Holds during which nobody goes: all but those that leave room for a talk in person.
STOPPED_BY = (
    "dispute",
    "hardship",
    "forbearance",
    "promise",
    "plan",
    "moratorium",
    "counsellor",
    "cease",
    "lawyer",
    "deceased",
    "bankrupt",
    "vulnerable",
    "no_visits",
    "other",
    "crisis",
    "bereavement",
    "refusal",
    "unapplied",
    "unconfirmed",
)


def call_off(visit_id: str, reason: Reason, now: datetime, *, actor: str, note: str = "") -> Visit | Problem:
    """Call one off; an announcement that waits is cancelled, and a permit that was taken counts no more.

    `note` is why in a person's own words.
    """
    with transaction.atomic():
        owner = Visit.objects.filter(pk=visit_id).values_list("borrower_id", flat=True).first()
        if owner is None or lock_borrower(owner) is None:
            return Problem("no_such_visit", "there is no such visit")
        visit = Visit.objects.get(pk=visit_id)
        state = after(visit.state, "call_off")
        if isinstance(state, Problem):
            return state
        _end(visit, reason, now, actor=actor, note=note.strip()[:300])
        return visit


def call_off_for_hold(borrower: Borrower, kind: str, now: datetime, *, actor: str) -> int:
    """A hold of this kind ends what waits; how many. The caller holds the borrower."""
    if kind not in STOPPED_BY:
        return 0
    waiting = list(Visit.objects.filter(borrower=borrower, state__in=WAITING))
    for visit in waiting:
        _end(visit, Reason.of("hold", kind=kind), now, actor=actor)
    return len(waiting)


def _end(visit: Visit, reason: Reason, now: datetime, *, actor: str, note: str = "") -> None:
    visit.state, visit.stopped_reason, visit.stopped_note = "called_off", reason, note
    visit.save()
    for pk in (visit.notice_id, visit.contact_id):
        rows = Contact.objects.filter(pk=pk, state__in=("waiting", "claimed", "sent"), outcome="pending")
        if pk == visit.notice_id:
            rows = rows.exclude(state="sent")  # it has left, and the borrower may have read it
        rows.update(state="cancelled", outcome="not_sent", ended_at=now, **reason.columns())
    personal = {"note": note} if note else None
    log_visit(visit, "called off", now, actor=actor, personal=personal, reason=reason.as_dict())


def call_off_due(now: datetime) -> int:
    """Call off what a night, a payment or time has superseded; how many."""
    old = now - timedelta(days=policy(settings.HOME).visit.approval_days)
    running = Hold.objects.filter(lifted_at=None, kind__in=STOPPED_BY, starts_at__lte=now).filter(
        Q(ends_at=None) | Q(ends_at__gt=now)
    )
    open_cases = Case.objects.filter(closed_on=None)
    waiting = Visit.objects.filter(state__in=WAITING)
    placed = Placement.objects.filter(borrower=OuterRef("borrower"), agency=OuterRef("agency"), ended_at=None)
    late = Loan.objects.filter(borrower=OuterRef("borrower"), past_due_amount__gt=0)
    reasons = (
        (Reason.of("nothing_past_due"), waiting.exclude(Exists(late))),
        (Reason.of("case_closed"), waiting.exclude(borrower_id__in=open_cases.values("borrower_id"))),
        (Reason.of("on_hold"), waiting.filter(borrower_id__in=running.values("borrower_id"))),
        (Reason.of("approval_expired"), waiting.filter(state="approved", decided_at__lt=old)),
        (Reason.of("not_decided_in_time"), waiting.filter(state="proposed", proposed_at__lt=old)),
        (Reason.of("agency_lost_case"), waiting.filter(agency__isnull=False).exclude(Exists(placed))),
    )
    done = 0
    for reason, rows in reasons:
        for pk in list(rows.order_by("borrower_id").values_list("pk", flat=True)):
            done += isinstance(call_off(pk, reason, now, actor="timetable"), Visit)
    return done
