"""A finding against an agency: written down once it was looked into; a grave one stops the agency at once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forbear.actions.agencies.agencies import suspend_agency
from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.core.agencies.conduct import FINDINGS, GRAVE
from forbear.core.base.problem import Problem
from forbear.interchange.home.country import language_of
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.models import Agency, Borrower, Contact, Finding, RecordingRequest, Visit
from forbear.store.situation import lock_borrower


def record_agency_finding(
    agency: str,
    kind: str,
    now: datetime,
    *,
    actor: str,
    contact_id: str = "",
    borrower_id: str = "",
    source: str = "",
) -> Finding | Problem:
    """Write it down. A grave one suspends the agency, takes every case back, and says sorry to the person it hit."""
    if kind not in FINDINGS:
        return Problem("finding_kind_unknown", "`%(kind)s` is no kind of finding", kind=kind)
    problem = _nothing_there(agency, kind, contact_id, borrower_id)
    if problem is not None:
        return problem
    if kind in GRAVE:
        # first of all, and in a transaction of its own: it takes many cases back, held in the order of their names
        suspend_agency(agency, "misconduct", FINDINGS[kind], now, actor=actor)
    with transaction.atomic():
        contact = Contact.objects.filter(pk=contact_id).first() if contact_id else None
        owner = contact.borrower_id if contact else borrower_id
        borrower = lock_borrower(owner) if owner else None
        finding = Finding.objects.create(
            agency_id=agency, borrower=borrower, contact=contact, kind=kind, at=now, source=source[:64]
        )
        if borrower is not None and kind in GRAVE:
            named = Agency.objects.get(code=agency)
            chinese = language_of(settings.HOME, borrower.language) == "zh"
            name = named.name_zh if chinese else named.name_en
            notify_borrower(borrower, "recall_apology", now, reference=borrower.borrower_id, agency=name)
        body = {
            "agency": agency,
            "what": "finding",
            "finding": kind,
            "contact": contact_id,
            "source": source[:64],
        }
        evidence.append("agency", at=now, actor=actor, borrower=owner, body=body)
        return finding


def _nothing_there(agency: str, kind: str, contact_id: str, borrower_id: str) -> Problem | None:
    """What is named and doesn't exist."""
    if not Agency.objects.filter(code=agency).exists():
        return Problem("no_such_agency", "there is no agency %(agency)s", agency=agency)
    if contact_id and not Contact.objects.filter(pk=contact_id, agency_id=agency).exists():
        return Problem("no_such_agency_contact", "there is no such contact of this agency")
    if contact_id and Finding.objects.filter(contact_id=contact_id, kind=kind).exists():
        return Problem("finding_recorded", "this was recorded for this contact already")
    if borrower_id and not Borrower.objects.filter(pk=borrower_id).exists():
        return Problem(
            "no_such_borrower", "there is no borrower %(borrower_id)s with a case", borrower_id=borrower_id
        )
    return None


def find_unproved(now: datetime) -> int:
    """A visit of an agency whose proof is still not whole when its recording should have come is a finding, once."""
    old = now - timedelta(hours=policy(settings.HOME).visit.recording_hours)
    over = Q(state="ended", ended_at__lt=old) & ~Q(lacks=[])
    never_ended = Q(state="under_way", started_at__lt=old)
    rows = Visit.objects.filter(over | never_ended, agency__isnull=False)
    done = 0
    for visit in rows.exclude(contact__findings_of__kind="visit_proof").order_by("borrower_id"):
        assert visit.agency_id is not None, "only agencies' visits were asked for"
        finding = record_agency_finding(
            visit.agency_id,
            "visit_proof",
            now,
            actor="timetable",
            contact_id=visit.contact_id or "",
            source="visit",
        )
        done += isinstance(finding, Finding)
    return done


def find_overdue(now: datetime) -> int:
    """A recording that was not handed in by its time is a finding, once; how many new ones."""
    late = RecordingRequest.objects.filter(answered_at=None, due_at__lt=now).select_related("contact")
    done = 0
    for demand in late.exclude(contact__findings_of__kind="no_recording"):
        finding = record_agency_finding(
            demand.agency_id,
            "no_recording",
            now,
            actor="timetable",
            contact_id=demand.contact_id,
            source="demand",
        )
        done += isinstance(finding, Finding)
    return done
