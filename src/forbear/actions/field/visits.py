"""The visit itself: leave taken before setting out, begun and ended at the door, proved, and what follows from it.

Leave is a permit of its own kind: asked for on the newest facts while the phone has a network, and good for as long as
the rules would go on allowing it, at most `leave_minutes`. With it the two can begin where there is no network. What
they then tell is written down as it happened; where the rules had changed meanwhile, that is a conflict and is shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.permit_gate import PermitResult, give_permit
from forbear.actions.contacts.queue_contact import ContactDraft, new_contact
from forbear.actions.contacts.staff_calls import end_contact
from forbear.actions.holds.holds import place_hold
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.visits.decisions import held_visit
from forbear.actions.visits.proposals import log_visit
from forbear.actions.visits.visit_hours import VisitHours, announced_hours, planned_visit
from forbear.core.base.problem import Problem, joined
from forbear.core.base.reason import NO_REASON, Reason, refused_by
from forbear.core.facts.contact import PlannedContact
from forbear.core.permits.permit import LIFETIME_BY_HAND, moment_text
from forbear.core.visits.visit import OUTCOMES, Outcome, Place, Proof, Recording, after, lacks
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import ContactPoint, Request, Staff, Treatment, Visit

_STEP = timedelta(minutes=15)
#: How far a phone's clock may be off before its moments are doubted.
CLOCK_DOUBT = timedelta(minutes=5)
#: Reported within this time a start can still be stopped; later the two have rung already.
AT_ONCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Leave:
    """A visit with leave to be made, or the permit gate's answer that refuses it."""

    visit: Visit
    answer: PermitResult


@dataclass(frozen=True, slots=True)
class Ended:
    """How a visit ended, as the phone tells it; `recordings` are (sha256, seconds)."""

    outcome: str
    note: str = ""
    recordings: tuple[tuple[str, int], ...] = ()


def pair_of(visit: Visit) -> tuple[Staff, Staff] | None:
    """The two whose route it is on."""
    return (visit.route.first, visit.route.second) if visit.route is not None else None


def goes(visit: Visit, staff: Staff) -> bool:
    """Whether the person is one of the two."""
    pair = pair_of(visit)
    return pair is not None and staff.pk in (pair[0].pk, pair[1].pk)


def set_out(visit_id: str, staff: Staff, now: datetime) -> Leave | Problem:
    """Ask the permit gate for leave. Asked again while the first leave holds, the same one is given."""
    with transaction.atomic():
        visit = held_visit(visit_id)
        if visit is None or visit.route is None or not goes(visit, staff) or visit.state != "planned":
            return Problem("visit_off_route", "this visit is not on your route any more")
        if visit.route.day != business_date(now):
            return Problem("visit_on_another_day", "this visit is on another day")
        hours = announced_hours(visit)
        if hours is not None and hours[1] <= now:
            return _hours_over(hours)
        if visit.contact is not None and visit.leave_until is not None and visit.leave_until > now:
            return Leave(visit, PermitResult(None, None))
        _drop_leave(visit, now)
        pair = (visit.route.first, visit.route.second)
        callers = tuple(sorted({each.number for each in pair}))
        planned = planned_visit(
            visit.point, tuple(visit.loans), visit.agency_id or "", visitors=len(callers), callers=callers
        )
        wanted = ContactDraft(visit.borrower_id, planned, template="field_visit", staff=staff)
        contact = new_contact(wanted, visit.borrower, now)
        contact.state, contact.provider, contact.at = "sent", "by_hand", now
        lifetime = _lifetime(visit, planned, now)
        answer = give_permit(
            visit.borrower,
            contact,
            planned,
            "",
            now,
            actor=f"staff:{staff.number}",
            lifetime=lifetime,
            new=True,
        )
        if answer.permit is None:
            rules = [refusal.rule for refusal in answer.refusals]
            log_visit(visit, "leave refused", now, actor=f"staff:{staff.number}", rules=rules)
            return Leave(visit, answer)
        visit.contact, visit.leave_until = contact, now + lifetime
        visit.visitors = [person.number for person in pair]
        visit.save()
        log_visit(
            visit,
            "set out",
            now,
            actor=f"staff:{staff.number}",
            contact=contact.contact_id,
            leave_until=moment_text(visit.leave_until),
            visitors=visit.visitors,
        )
        return Leave(visit, answer)


def _hours_over(hours: tuple[datetime, datetime]) -> Problem:
    return Problem(
        "visit_hours_over",
        "the borrower was told %(starts)s to %(ends)s, which is over; the visit needs another day",
        starts=f"{hours[0]:%H:%M}",
        ends=f"{hours[1]:%H:%M}",
    )


def _drop_leave(visit: Visit, now: datetime) -> None:
    """A leave that ran out unused: its contact was never made."""
    if visit.contact is not None and visit.contact.outcome == "pending":
        visit.contact.state, visit.contact.outcome = "cancelled", "not_sent"
        visit.contact.reason, visit.contact.ended_at = Reason.of("leave_expired"), now
        visit.contact.save()
    visit.contact = None


def _lifetime(visit: Visit, planned: PlannedContact, now: datetime) -> timedelta:
    """As long as the rules would go on allowing it, by steps, and not beyond the hours that the borrower was told.

    At least what a call by hand gets.
    """
    seen = VisitHours(visit.borrower, planned, now)
    longest = timedelta(minutes=policy(settings.HOME).visit.leave_minutes)
    lasts = timedelta(0)
    hours = announced_hours(visit)
    if hours is not None:
        longest = min(longest, hours[1] - now)
    while lasts + _STEP <= longest and seen.at(now + lasts + _STEP).permitted:
        lasts += _STEP
    return min(max(lasts, LIFETIME_BY_HAND), longest)


def start_visit(
    visit_id: str, staff: Staff, at: datetime, place: Place | None, now: datetime, *, over: bool = False
) -> Visit | Problem:
    """The two stand at the door, `at` by the phone's clock, reported at `now`.

    Reported at once, the permit gate is asked again and can stop them. Reported later, or when the visit is `over`
    already, it is written down with what had changed.
    """
    with transaction.atomic():
        visit = held_visit(visit_id)
        if visit is None or not (goes(visit, staff) or staff.number in visit.visitors):
            return Problem("visit_of_another", "this visit is not yours")
        if visit.state in ("under_way", "ended"):
            return visit  # the other phone reported it already
        if visit.contact is None or visit.leave_until is None:
            return Problem("visit_without_permit", "there is no permit for this visit; do not ring")
        began, reported_late = _moment(at, visit.contact.at, now), over or now - at > AT_ONCE
        problems = _changed(visit, began, now)
        if problems and not reported_late:
            reasons = [reason.as_dict() for reason, _ in problems]
            log_visit(visit, "stopped at the door", now, actor=f"staff:{staff.number}", reasons=reasons)
            return joined(problem for _, problem in problems)
        state = after(visit.state, "start" if visit.state == "planned" else "take_place")
        if isinstance(state, Problem):
            return state
        visit.state, visit.started_at = state, began
        visit.places = {**visit.places, **({"start": _kept(place)} if place else {})}
        visit.conflicts = [*visit.conflicts, *(reason.as_dict() for reason, _ in problems)]
        visit.save()
        contact = visit.contact
        contact.state, contact.outcome, contact.at, contact.reason = "sent", "pending", began, NO_REASON
        contact.ended_at = None
        contact.save()
        log_visit(
            visit,
            "started",
            now,
            actor=f"staff:{staff.number}",
            personal={"place": _kept(place)} if place else None,
            contact=contact.contact_id,
            started_at=moment_text(began),
            reported_late=reported_late,
            conflicts=[reason.as_dict() for reason, _ in problems],
            visitors=visit.visitors,
        )
        return visit


def _moment(at: datetime, leave_from: datetime | None, now: datetime) -> datetime:
    """A phone's moment, never in the future, and not before the leave by the little its clock may be off."""
    if leave_from is not None and timedelta(0) < leave_from - at < CLOCK_DOUBT:
        at = leave_from
    return min(at, now)


def _changed(visit: Visit, began: datetime, now: datetime) -> list[tuple[Reason, Problem]]:
    """Why the visit should not have begun: the leave was over, it was called off, or a rule refuses on newer facts.

    Each is a reason, which the visit and the evidence keep, with what the two at the door read.
    """
    problems = []
    hours = announced_hours(visit)
    if hours is not None and not hours[0] <= began < hours[1]:
        starts, ends = f"{hours[0]:%H:%M}", f"{hours[1]:%H:%M}"
        reason = Reason.of("visit_outside_hours", starts=starts, ends=ends)
        problem = Problem(
            "visit_outside_hours", "the borrower was told %(starts)s to %(ends)s", starts=starts, ends=ends
        )
        problems.append((reason, problem))
    elif not visit.leave_until or began > visit.leave_until:
        problems.append((Reason.of("leave_expired"), Problem("permit_expired", "the permit has expired")))
    if visit.state == "called_off":
        reason = Reason.of("visit_called_off", reason=visit.stopped_reason.as_dict())
        problems.append((reason, Problem("visit_called_off", "this visit was called off")))
    callers = tuple(sorted(set(visit.visitors)))
    planned = planned_visit(
        visit.point, tuple(visit.loans), visit.agency_id or "", visitors=len(callers), callers=callers
    )
    decision = VisitHours(visit.borrower, planned, now, exclude_id=visit.contact_id or "").at(began)
    return problems + [(refused_by([refusal]), refusal.with_clause()) for refusal in decision.refusals]


def _kept(place: Place) -> list[int]:
    return [place.latitude, place.longitude, place.accuracy_metres]


def end_visit(
    visit_id: str, staff: Staff, ending: Ended, at: datetime, place: Place | None, now: datetime
) -> Visit | Problem:
    """The two have left; what follows from the outcome happens at once."""
    if ending.outcome not in OUTCOMES:
        return Problem("outcome_missing", "choose an outcome from the list")
    with transaction.atomic():
        visit = held_visit(visit_id)
        if visit is None or not (goes(visit, staff) or staff.number in visit.visitors):
            return Problem("visit_of_another", "this visit is not yours")
        if visit.state == "ended":
            return _also_recorded(visit, ending, staff, now)
        state = after(visit.state, "end")
        if isinstance(state, Problem):
            return state
        assert visit.started_at is not None, "a visit ends that began"
        assert visit.contact_id is not None, "a visit that began has its contact"
        actor, outcome = f"staff:{staff.number}", OUTCOMES[ending.outcome]
        ended = max(min(at, now), visit.started_at)
        visit.state, visit.ended_at, visit.outcome, visit.note = (
            state,
            ended,
            ending.outcome,
            ending.note[:4000],
        )
        visit.places = {**visit.places, **({"end": _kept(place)} if place else {})}
        arrived = {row[0] for row in visit.recordings if row[2]}
        visit.recordings = [[digest, seconds, digest in arrived] for digest, seconds in ending.recordings]
        visit.lacks = list(lacks(proof_of(visit), policy(settings.HOME).visit))
        visit.save()
        contact = end_contact(
            visit.contact_id,
            outcome.contact,
            now,
            actor=actor,
            seconds=int((ended - visit.started_at).total_seconds()),
        )
        assert not isinstance(contact, Problem), contact
        personal: dict[str, object] = {"note": visit.note} if visit.note else {}
        personal |= {"place": _kept(place)} if place else {}
        log_visit(
            visit,
            "ended",
            now,
            actor=actor,
            personal=personal or None,
            contact=visit.contact_id,
            ended_at=moment_text(ended),
            outcome=ending.outcome,
            recordings=[{"sha256": digest, "seconds": seconds} for digest, seconds in ending.recordings],
            lacks=visit.lacks,
        )
        _follow(visit, outcome, now, actor)
        Treatment.objects.filter(visits=visit).update(state="done", contact_id=visit.contact_id)
        return visit


def _follow(visit: Visit, outcome: Outcome, now: datetime, actor: str) -> None:
    """What follows from an outcome at once: a hold, or a request with its number and clock, as the forms make them."""
    if outcome.hold:
        place_hold(visit.borrower_id, outcome.hold, now, actor=actor, reason=visit.note[:300], source="visit")
    if outcome.request:
        asked = Asked(visit.borrower_id, outcome.request, visit.note, "visit")
        made = make_request(asked, now, actor=actor)
        assert isinstance(made, Request), made


def _also_recorded(visit: Visit, ending: Ended, staff: Staff, now: datetime) -> Visit:
    """The other phone tells the end too: it stays as it was, and what that phone recorded counts as well."""
    known = {row[0] for row in visit.recordings}
    more = [(digest, seconds) for digest, seconds in ending.recordings if digest not in known]
    if more:
        visit.recordings = [*visit.recordings, *([digest, seconds, False] for digest, seconds in more)]
        visit.lacks = list(lacks(proof_of(visit), policy(settings.HOME).visit))
        visit.save()
        log_visit(
            visit,
            "recorded by the other phone too",
            now,
            actor=f"staff:{staff.number}",
            recordings=[{"sha256": digest, "seconds": seconds} for digest, seconds in more],
        )
    return visit


def proof_of(visit: Visit) -> Proof:
    """What is known of how it went."""
    assert visit.started_at is not None, "a visit that has not begun proves nothing"
    point = visit.point
    permit = visit.contact.permits.order_by("issued_at").first() if visit.contact else None
    return Proof(
        visitors=len(set(visit.visitors)),
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        leave_from=permit.issued_at if permit else None,
        leave_until=visit.leave_until,
        start=_read(visit.places.get("start")),
        end=_read(visit.places.get("end")),
        address=_address(point),
        recordings=tuple(Recording(*row) for row in visit.recordings),
        outcome=visit.outcome,
    )


def _address(point: ContactPoint) -> Place | None:
    """Where the address lies, when that is known."""
    if point.latitude is None or point.longitude is None:
        return None
    return Place(point.latitude, point.longitude)


def _read(data: list | None) -> Place | None:
    return Place(*data) if data else None
