"""Agencies: proposed on a file, admitted by a second person, looked at each year, and stopped at once when need be.

Stopping an agency for misconduct, and ending it, takes back every case it has in the same transaction; its contacts
that wait are cancelled, and from that moment the door refuses it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.agencies.recalls import recall_all
from forbear.core.agencies.agency import (
    PAPERS,
    SUSPENSIONS,
    AdmissionFile,
    as_written,
    check_file,
    lapsed,
    read_file,
)
from forbear.core.agencies.commission import read_schedule
from forbear.core.base.problem import Problem, joined
from forbear.core.base.reason import NO_REASON, Reason
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Agency, RecordingRequest, Staff

_MOST_CASES = 10_000_000
BY_STAFF = Reason.of("by_staff")
_SAY_WHY = Problem("agency_reason_missing", "say why; it is saved in the agency's file")


@dataclass(frozen=True, slots=True)
class Offered:
    """An agency as proposed; `file` and `schedule` are plain values (see core.agencies: agency, commission)."""

    code: str
    name_zh: str
    name_en: str
    file: Mapping[str, object]
    schedule: object
    capacity: int
    regions: Sequence[str] = ()
    products: Sequence[str] = ()


def propose_agency(offered: Offered, staff: Staff, now: datetime) -> Agency | list[Problem]:
    """Write down an agency that wants to collect, or its changed file; it collects once somebody else admits it.

    An agency that is at work goes on under its former terms until the new ones are signed only if nothing that a
    permit asks has changed: its capacity, regions and schedule. A changed file waits for the second person.
    """
    if not offered.code.isascii() or not offered.code.isalnum() or len(offered.code) > 32:
        return [
            Problem(
                "agency_code_invalid", "an agency's code is letters and digits, at most 32, such as huaxin"
            )
        ]
    told, schedule = read_file(offered.file), read_schedule(offered.schedule)
    wrong = list(told) if isinstance(told, list) else check_file(told, business_date(now))
    if isinstance(schedule, Problem):
        wrong.append(schedule)
    if not offered.name_zh.strip() or not offered.name_en.strip():
        wrong.append(Problem("agency_name_missing", "an agency has a name in Chinese and one in English"))
    if not 0 < offered.capacity <= _MOST_CASES:
        wrong.append(
            Problem("agency_capacity_invalid", "the capacity is how many cases the agency may have at once")
        )
    if wrong:
        return wrong
    assert isinstance(told, AdmissionFile)
    assert not isinstance(schedule, Problem)
    with transaction.atomic():
        found = Agency.objects.select_for_update().filter(code=offered.code).first()
        if found is not None and found.state in ("admitted", "suspended"):
            return [
                Problem(
                    "agency_active",
                    "%(code)s collects already; end it before it is proposed again",
                    code=offered.code,
                )
            ]
        made = found or Agency(code=offered.code)
        made.name_zh, made.name_en = offered.name_zh.strip(), offered.name_en.strip()
        made.registration, made.telephone, made.address = told.licence, told.telephone, told.address
        made.file, made.schedule = as_written(told), [[band.from_days, band.rate] for band in schedule]
        made.capacity, made.regions, made.products = (
            offered.capacity,
            list(offered.regions),
            list(offered.products),
        )
        made.state, made.proposed_by, made.admitted_by = "proposed", staff, None
        made.save()
        _log_event(made, "proposed", now, f"staff:{staff.number}")
        return made


def admit_agency(code: str, staff: Staff, now: datetime) -> Agency | Problem:
    """The second signature: on the public list and contracted from today."""
    with transaction.atomic():
        found = _waiting(code)
        if isinstance(found, Problem):
            return found
        if found.proposed_by_id == staff.pk:
            return Problem(
                "own_agency_approval",
                "an agency is admitted by somebody other than the person who proposed it",
            )
        today = business_date(now)
        told = read_file(found.file)
        assert isinstance(told, AdmissionFile), "what is in the table was read before"
        wrong = check_file(told, today)
        if wrong:
            return joined(wrong)
        found.state, found.admitted_by = "admitted", staff
        found.listed_on = found.reviewed_on = today
        found.contracted, found.ended_on = True, None
        found.suspended_at = None
        _give_reason(found, "", NO_REASON, "")
        found.save()
        _log_event(found, "admitted", now, f"staff:{staff.number}")
        return found


def decline_agency(code: str, staff: Staff, now: datetime, note: str) -> Agency | Problem:
    """Say no to one that waits."""
    if not note.strip():
        return _SAY_WHY
    with transaction.atomic():
        found = _waiting(code)
        if isinstance(found, Problem):
            return found
        found.state = "declined"
        found.save()
        _log_event(found, "declined", now, f"staff:{staff.number}", note=note)
        return found


def suspend_agency(
    code: str, kind: str, note: str, now: datetime, *, actor: str, reason: Reason = BY_STAFF
) -> Agency | Problem:
    """Stop an agency at once. For misconduct every case comes back; for the rest it keeps them and waits.

    `note` is why in a person's words; without one a `reason` says what was found.
    """
    assert kind in SUSPENSIONS, kind
    if reason == BY_STAFF and not note.strip():
        return Problem("suspension_reason_missing", "say why; the agency and the evidence get the same words")
    with transaction.atomic():
        found = _at_work(code)
        if isinstance(found, Problem):
            return found
        found.state, found.suspended_at = "suspended", found.suspended_at or now
        _give_reason(found, kind, reason, note.strip()[:300])
        found.save()
        if kind == "misconduct":
            recall_all(found, "misconduct", now, actor=actor)
        _log_event(found, "suspended", now, actor, reason, note)
        return found


def resume_agency(code: str, staff: Staff, now: datetime, note: str) -> Agency | Problem:
    """Let it work again, once its papers are good and it owes no recording."""
    if not note.strip():
        return Problem("agency_change_missing", "say what has changed; it is saved in the agency's file")
    with transaction.atomic():
        found = _held(
            code,
            ("suspended",),
            Problem("agency_not_suspended", "no agency %(code)s is suspended", code=code),
        )
        if isinstance(found, Problem):
            return found
        told = read_file(found.file)
        assert isinstance(told, AdmissionFile), "what is in the table was read before"
        gone = lapsed(told, business_date(now))
        if gone:
            return Problem(
                "agency_papers_expired",
                "no longer good: %(papers)s; renew the file first",
                papers=tuple(PAPERS[paper] for paper in gone),
            )
        if RecordingRequest.objects.filter(agency=found, answered_at=None, due_at__lt=now).exists():
            return Problem(
                "agency_owes_recordings", "the agency owes recordings that were requested; they come first"
            )
        found.state, found.suspended_at = "admitted", None
        _give_reason(found, "", NO_REASON, "")
        found.save()
        _log_event(found, "resumed", now, f"staff:{staff.number}", note=note)
        return found


def review_agency(
    code: str, file: Mapping[str, object], staff: Staff, now: datetime
) -> Agency | list[Problem]:
    """The yearly look: a new file, checked as the first one was."""
    told = read_file(file)
    wrong = list(told) if isinstance(told, list) else check_file(told, business_date(now))
    if wrong:
        return wrong
    assert isinstance(told, AdmissionFile)
    with transaction.atomic():
        found = _at_work(code)
        if isinstance(found, Problem):
            return [found]
        found.file, found.reviewed_on = as_written(told), business_date(now)
        found.registration, found.telephone, found.address = told.licence, told.telephone, told.address
        found.save()
        _log_event(found, "reviewed", now, f"staff:{staff.number}")
        return found


def end_agency(code: str, staff: Staff, now: datetime, note: str) -> Agency | Problem:
    """End the contract: off the list, and every case comes back."""
    if not note.strip():
        return _SAY_WHY
    with transaction.atomic():
        found = _at_work(code)
        if isinstance(found, Problem):
            return found
        found.state, found.ended_on = "ended", business_date(now)
        found.listed_on, found.contracted = None, False
        found.suspended_at = found.suspended_at or now
        found.save()
        recall_all(found, "agency_ended", now, actor=f"staff:{staff.number}")
        _log_event(found, "ended", now, f"staff:{staff.number}", note=note)
        return found


def check_agencies(now: datetime) -> int:
    """Stop every agency whose papers have run out or whose yearly look is overdue; how many."""
    today, stopped = business_date(now), 0
    for agency in Agency.objects.filter(state="admitted"):
        told = read_file(agency.file)
        if not isinstance(told, AdmissionFile):
            continue  # set up by hand, without a file
        gone = lapsed(told, today)
        late = agency.reviewed_on is not None and (today - agency.reviewed_on).days > 366
        if gone or late:
            kind = "papers" if gone else "review"
            reason = Reason.of("papers_expired", papers=gone) if gone else Reason.of("review_overdue")
            done = suspend_agency(agency.code, kind, "", now, actor="timetable", reason=reason)
            stopped += isinstance(done, Agency)
    return stopped


def within_policy() -> int:
    """Within how many days a demanded recording is handed in."""
    return policy(settings.HOME).placement.answer_days


def _held(code: str, states: tuple[str, ...], otherwise: Problem) -> Agency | Problem:
    """The agency, held, in one of these states; the caller is in a transaction."""
    found = Agency.objects.select_for_update().filter(code=code, state__in=states).first()
    return found or otherwise


def _waiting(code: str) -> Agency | Problem:
    none = Problem("agency_not_proposed", "no agency %(code)s is waiting to be admitted", code=code)
    return _held(code, ("proposed",), none)


def _at_work(code: str) -> Agency | Problem:
    none = Problem("agency_not_working", "no agency %(code)s is at work", code=code)
    return _held(code, ("admitted", "suspended"), none)


def _give_reason(agency: Agency, kind: str, reason: Reason, note: str) -> None:
    """Why it is suspended; nothing of it when it is not."""
    agency.suspended_for, agency.suspended_reason, agency.suspended_note = kind, reason, note


def _log_event(
    agency: Agency, what: str, now: datetime, actor: str, reason: Reason = NO_REASON, note: str = ""
) -> None:
    """An event of the house: written last in its transaction."""
    body = {
        "agency": agency.code,
        "what": what,
        "state": agency.state,
        "reason": reason.as_dict(),
        "note": note.strip()[:300],
    }
    evidence.append("agency", at=now, actor=actor, body=body)
