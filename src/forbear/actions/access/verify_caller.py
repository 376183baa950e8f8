"""Is this really them? What is known of a code, a number or a staff id, and what that proves; nothing about a borrower.

Only a code proves anything, and only that the lender made one contact: by that way, at that moment, to a number that
ends so. Numbers can be faked and ids can be told, so neither proves who is calling.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forbear.channels.home_file import channels_of
from forbear.channels.settings import ChannelsError
from forbear.core.facts.contact import normal_point
from forbear.interchange.home.country import country_of
from forbear.interchange.home.texts import channels_text
from forbear.store import evidence
from forbear.store.models import Agency, Contact, ContactPoint, Document, Staff
from forbear.store.situation import lock_borrower

#: For this long after its contact a code speaks of something that is going on; then only of that day.
CODE_LIVES = timedelta(days=90)
#: What was found: a contact's code, a paper's code, a staff id, or a number.
KINDS = ("contact", "document", "staff", "number")
#: How many digits of a number are shown: enough to compare, too few to call.
_ENDING = 4
_LEAST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """What is behind a code, number or id.

    `at`, `channel` and `ending` say which contact a code belongs to; `paper` which kind of paper. `old`: the contact
    was long ago. `left`: its agency doesn't work for the lender any more.
    """

    kind: str
    collector: str = ""
    agency: str = ""
    agency_en: str = ""
    registration: str = ""
    since: date | None = None
    visit: bool = False
    channel: str = ""
    at: datetime | None = None
    ending: str = ""
    paper: str = ""
    old: bool = False
    left: bool = False

    @property
    def proves(self) -> bool:
        """Whether it shows that the lender made this very contact or paper, lately."""
        return self.kind in ("contact", "document") and not self.old and not self.left


def verify_caller(query: str, now: datetime) -> Caller | None:
    """What is known of a code, number or id; None when it is none of the lender's or of an agency that works for it.

    Spaces and hyphens don't matter, nor does the case of letters.
    """
    text = normal_code(query)
    if not text or len(text) > 64:
        return None
    return _by_code(text, now) or _by_document(text) or _by_staff_number(text) or _by_line(query)


def normal_code(query: str) -> str:
    """A code or id as it is kept: without blanks and hyphens, in capitals; full-width signs count as plain ones."""
    return re.sub(r"[\s\-–—]", "", normal_point("account", query)).upper()


def contact_with_code(query: str) -> Contact | None:
    """The contact that was made under a code; None when there is none."""
    made = Contact.objects.filter(code=normal_code(query), at__isnull=False).exclude(outcome="not_sent")
    return made.select_related("agency", "staff", "point").first()


def _by_code(text: str, now: datetime) -> Caller | None:
    contact = contact_with_code(text)
    if contact is None or contact.at is None:
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
    return replace(
        _of("contact", collector, contact.agency),
        visit=contact.channel == "visit",
        channel=contact.channel,
        at=contact.at,
        ending=ending_of(contact.point),
        old=contact.at < now - CODE_LIVES,
    )


def ending_of(point: ContactPoint | None) -> str:
    """The end of the number or address that a contact went to, for comparing; "" where there is none to show."""
    if point is None:
        return ""
    if point.kind == "phone":
        return point.value.partition(";")[0][-_ENDING:]
    name, at, host = point.value.rpartition("@")
    return f"{name[:1]}…{at}{host}" if point.kind == "email" and at else ""


def _by_document(text: str) -> Caller | None:
    """A paper that a borrower took out of the portal is the lender's own, for good."""
    paper = Document.objects.filter(code=text).first()
    return Caller("document", paper=paper.kind, at=paper.made_at) if paper else None


def _by_staff_number(text: str) -> Caller | None:
    person = Staff.objects.select_related("agency").filter(number__iexact=text, is_active=True).first()
    return _working(_of("staff", person.number, person.agency)) if person else None


def _by_line(query: str) -> Caller | None:
    number = _dialled(query)
    if len(number) < _LEAST_DIGITS:
        return None
    extended = f"{number};"
    people = Staff.objects.select_related("agency").filter(is_active=True)
    person = people.filter(Q(line=number) | Q(line__startswith=extended)).first()
    if person is not None:
        return _working(_of("number", person.number, person.agency))
    if number in {_dialled(each) for each in _own_numbers()}:
        return Caller("number")
    agencies = Agency.objects.exclude(telephone="")
    agency = next((each for each in agencies if _dialled(each.telephone) == number), None)
    return _working(_of("number", "", agency)) if agency else None


def _dialled(text: str) -> str:
    """A number in its one spelling, without an extension."""
    return normal_point("phone", text, country_of(settings.HOME)).partition(";")[0]


def _own_numbers() -> Iterator[str]:
    """The lender's own: the one it prints on its letters, and those that its texts and calls come from."""
    yield dict(settings.HOME.contact).get("phone", "")
    try:
        channels = channels_of(*channels_text(settings.HOME), os.environ, made_up=settings.HOME.is_made_up)
    except ChannelsError:
        return  # somebody is editing the file; the number on the letters is known all the same
    for provider in channels.providers.values():
        yield str(getattr(provider.settings, "sender", ""))


def _working(caller: Caller) -> Caller | None:
    """Nobody's number or id counts while their agency is suspended or off the list."""
    return None if caller.left else caller


def _of(kind: str, collector: str, agency: Agency | None) -> Caller:
    if agency is None:
        return Caller(kind, collector)
    gone = agency.suspended_at is not None or agency.listed_on is None
    names = (agency.name_zh, agency.name_en, agency.registration)
    return Caller(kind, collector, *names, agency.listed_on, left=gone)
