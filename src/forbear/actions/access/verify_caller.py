"""Is this really them? Answers about a code, a number or a collector's id; nothing about any borrower."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forbear.core.facts.contact import normal_point
from forbear.interchange.home.country import country_of
from forbear.store import evidence
from forbear.store.models import Agency, Contact, Document, Staff
from forbear.store.situation import lock_borrower

#: A code stays checkable this long after its contact.
CODE_LIVES = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who it is: the lender's own collector or an agency's, since when."""

    collector: str
    agency: str
    agency_en: str
    registration: str
    since: date | None
    visit: bool = False


def verify_caller(query: str, now: datetime) -> Caller | None:
    """The collector behind a code, number or id; None when it isn't genuinely one of ours.

    Spaces and hyphens don't matter, nor does the case of letters.
    """
    text = re.sub(r"[\s-]", "", query).upper()
    if not text or len(text) > 64:
        return None
    return _by_code(text, now) or _by_document(text) or _by_staff_number(text) or _by_line(text)


def _by_code(text: str, now: datetime) -> Caller | None:
    contact = (
        Contact.objects.filter(code=text, at__gte=now - CODE_LIVES)
        .exclude(outcome="not_sent")
        .select_related("agency", "staff")
        .first()
    )
    if contact is None:
        return None
    with transaction.atomic():
        lock_borrower(contact.borrower_id)
        evidence.append(
            "inbound",
            at=now,
            actor="public",
            borrower=contact.borrower_id,
            body={"contact": contact.contact_id, "what": "code checked"},
        )
    collector = contact.staff.number if contact.staff else ""
    visit = contact.visits.first() if contact.channel == "visit" else None
    if visit is not None:  # two come, and both have to be these
        collector = " + ".join(visit.visitors)
    return _caller(collector, contact.agency, visit=contact.channel == "visit")


def _by_document(text: str) -> Caller | None:
    """A paper that a borrower took out of the portal is the lender's own."""
    return Caller("", "", "", "", None) if Document.objects.filter(code=text).exists() else None


def _by_staff_number(text: str) -> Caller | None:
    person = Staff.objects.select_related("agency").filter(number__iexact=text, is_active=True).first()
    return _caller(person.number, person.agency) if person else None


def _by_line(text: str) -> Caller | None:
    number = normal_point("phone", text, country_of(settings.HOME))
    if len(number) < 5:
        return None
    extended = f"{number};"
    people = Staff.objects.select_related("agency").filter(is_active=True)
    person = people.filter(Q(line=number) | Q(line__startswith=extended)).first()
    if person is not None:
        return _caller(person.number, person.agency)
    agency = Agency.objects.filter(Q(telephone=number) | Q(telephone__startswith=extended)).first()
    return _caller("", agency) if agency else None


def _caller(collector: str, agency: Agency | None, *, visit: bool = False) -> Caller | None:
    """The answer; an agency that is suspended or not on the list is not genuinely ours."""
    if agency is None:
        return Caller(collector, "", "", "", None, visit)
    if agency.suspended_at is not None or agency.listed_on is None:
        return None
    return Caller(collector, agency.name_zh, agency.name_en, agency.registration, agency.listed_on, visit)
