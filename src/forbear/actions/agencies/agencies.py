"""Agencies: proposed on a file, admitted by a second person, looked at each year, and stopped at once when need be.

Stopping an agency for misconduct, and ending it, takes back every case it has in the same transaction; its contacts
that wait are cancelled, and from that moment the permit gate refuses it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.agencies.recalls import recall_all
from forbear.actions.contacts.queue_contact import stored_point
from forbear.actions.signatures.second_signature import signature_problem
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
    agency_file, schedule = read_file(offered.file), read_schedule(offered.schedule)
    problems = (
        list(agency_file) if isinstance(agency_file, list) else check_file(agency_file, business_date(now))
    )
    if isinstance(schedule, Problem):
        problems.append(schedule)
    if not offered.name_zh.strip() or not offered.name_en.strip():
        problems.append(Problem("agency_name_missing", "an agency has a name in Chinese and one in English"))
    if not 0 < offered.capacity <= _MOST_CASES:
        problems.append(
            Problem("agency_capacity_invalid", "the capacity is how many cases the agency may have at once")
        )
    if problems:
        return problems
    assert isinstance(agency_file, AdmissionFile)
    assert not isinstance(schedule, Problem)
    with transaction.atomic():
        agency = Agency.objects.select_for_update().filter(code=offered.code).first()
        if agency is not None and agency.state in ("admitted", "suspended"):
            return [
                Problem(
                    "agency_active",
                    "%(code)s collects already; end it before it is proposed again",
                    code=offered.code,
                )
            ]
        record = agency or Agency(code=offered.code)
        record.name_zh, record.name_en = offered.name_zh.strip(), offered.name_en.strip()
        record.registration, record.telephone, record.address = (
            agency_file.licence,
            stored_point("phone", agency_file.telephone),
            agency_file.address,
        )
        record.file, record.schedule = (
            as_written(agency_file),
            [[band.from_days, band.rate] for band in schedule],
        )
        record.capacity, record.regions, record.products = (
            offered.capacity,
            list(offered.regions),
            list(offered.products),
        )
        record.state, record.proposed_by, record.admitted_by = "proposed", staff, None
        record.save()
        _log_event(record, "proposed", now, f"staff:{staff.number}")
        return record


def admit_agency(code: str, staff: Staff, now: datetime) -> Agency | Problem:
    """The second signature: on the public list and contracted from today."""
    with transaction.atomic():
        agency = _waiting(code)
        if isinstance(agency, Problem):
            return agency
        if agency.proposed_by_id == staff.pk:
            return Problem(
                "own_agency_approval",
                "an agency is admitted by somebody other than the person who proposed it",
            )
        if refused := signature_problem([agency.proposed_by_id], staff, now):
            return refused
        today = business_date(now)
        agency_file = read_file(agency.file)
        assert isinstance(agency_file, AdmissionFile), "what is in the table was read before"
        problems = check_file(agency_file, today)
        if problems:
            return joined(problems)
        agency.state, agency.admitted_by = "admitted", staff
        agency.listed_on = agency.reviewed_on = today
        agency.contracted, agency.ended_on = True, None
        agency.suspended_at = None
        _give_reason(agency, "", NO_REASON, "")
        agency.save()
        _log_event(agency, "admitted", now, f"staff:{staff.number}")
        return agency


def decline_agency(code: str, staff: Staff, now: datetime, note: str) -> Agency | Problem:
    """Say no to one that waits."""
    if not note.strip():
        return _SAY_WHY
    with transaction.atomic():
        agency = _waiting(code)
        if isinstance(agency, Problem):
            return agency
        agency.state = "declined"
        agency.save()
        _log_event(agency, "declined", now, f"staff:{staff.number}", note=note)
        return agency


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
        agency = _at_work(code)
        if isinstance(agency, Problem):
            return agency
        agency.state, agency.suspended_at = "suspended", agency.suspended_at or now
        _give_reason(agency, kind, reason, note.strip()[:300])
        agency.save()
        if kind == "misconduct":
            recall_all(agency, "misconduct", now, actor=actor)
        _log_event(agency, "suspended", now, actor, reason, note)
        return agency


def resume_agency(code: str, staff: Staff, now: datetime, note: str) -> Agency | Problem:
    """Let it work again, once its papers are good and it owes no recording."""
    if not note.strip():
        return Problem("agency_change_missing", "say what has changed; it is saved in the agency's file")
    with transaction.atomic():
        agency = _held(
            code,
            ("suspended",),
            Problem("agency_not_suspended", "no agency %(code)s is suspended", code=code),
        )
        if isinstance(agency, Problem):
            return agency
        agency_file = read_file(agency.file)
        assert isinstance(agency_file, AdmissionFile), "what is in the table was read before"
        gone = lapsed(agency_file, business_date(now))
        if gone:
            return Problem(
                "agency_papers_expired",
                "no longer good: %(papers)s; renew the file first",
                papers=tuple(PAPERS[paper] for paper in gone),
            )
        if RecordingRequest.objects.filter(agency=agency, answered_at=None, due_at__lt=now).exists():
            return Problem(
                "agency_owes_recordings", "the agency owes recordings that were requested; they come first"
            )
        agency.state, agency.suspended_at = "admitted", None
        _give_reason(agency, "", NO_REASON, "")
        agency.save()
        _log_event(agency, "resumed", now, f"staff:{staff.number}", note=note)
        return agency


def review_agency(
    code: str, file: Mapping[str, object], staff: Staff, now: datetime
) -> Agency | list[Problem]:
    """The yearly look: a new file, checked as the first one was."""
    agency_file = read_file(file)
    problems = (
        list(agency_file) if isinstance(agency_file, list) else check_file(agency_file, business_date(now))
    )
    if problems:
        return problems
    assert isinstance(agency_file, AdmissionFile)
    with transaction.atomic():
        agency = _at_work(code)
        if isinstance(agency, Problem):
            return [agency]
        agency.file, agency.reviewed_on = as_written(agency_file), business_date(now)
        agency.registration, agency.telephone, agency.address = (
            agency_file.licence,
            stored_point("phone", agency_file.telephone),
            agency_file.address,
        )
        agency.save()
        _log_event(agency, "reviewed", now, f"staff:{staff.number}")
        return agency


def end_agency(code: str, staff: Staff, now: datetime, note: str) -> Agency | Problem:
    """End the contract: off the list, and every case comes back."""
    if not note.strip():
        return _SAY_WHY
    with transaction.atomic():
        agency = _at_work(code)
        if isinstance(agency, Problem):
            return agency
        agency.state, agency.ended_on = "ended", business_date(now)
        agency.listed_on, agency.contracted = None, False
        agency.suspended_at = agency.suspended_at or now
        agency.save()
        recall_all(agency, "agency_ended", now, actor=f"staff:{staff.number}")
        _log_event(agency, "ended", now, f"staff:{staff.number}", note=note)
        return agency


def check_agencies(now: datetime) -> int:
    """Stop every agency whose papers have run out or whose yearly look is overdue; how many."""
    today, stopped = business_date(now), 0
    for agency in Agency.objects.filter(state="admitted"):
        agency_file = read_file(agency.file)
        if not isinstance(agency_file, AdmissionFile):
            continue  # set up by hand, without a file
        gone = lapsed(agency_file, today)
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
    agency = Agency.objects.select_for_update().filter(code=code, state__in=states).first()
    return agency or otherwise


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
