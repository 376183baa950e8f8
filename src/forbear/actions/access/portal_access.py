"""The borrower's way in: a link from a message, and one fact that the message's own way does not tell.

A link holds no personal data and is kept as a digest. It answers the same whether it exists or not; after a few wrong
facts it is dead, and anyone who guesses is slowed down. What was opened is on record.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from forbear.interchange.home.keys import secret
from forbear.store import evidence
from forbear.store.business_date import day_end
from forbear.store.models import Borrower, Case, Contact, PortalLink, PortalSession
from forbear.store.rate_limit import take_token

LINK_LIVES = timedelta(days=30)
IDLE, LONGEST = timedelta(minutes=20), timedelta(hours=2)
#: How long a session that has ended is known.
KNOWN = timedelta(hours=24)
MOST_WRONG = 5
#: How often one address, and all addresses together, may try.
PER_MINUTE, BURST = 6.0, 10
_TOKEN = re.compile(r"[A-Z2-7]{16}")
#: The kind of address that a contact by each channel goes to.
_WENT_TO = {
    "sms": "phone",
    "call": "phone",
    "voice": "phone",
    "email": "email",
    "push": "device",
    "letter": "address",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What somebody says to be let in: a date of birth, or the last four digits of their number."""

    born_on: date | None = None
    ending: str = ""


def link_for(contact: Contact, now: datetime, answer_by: date | None = None) -> str:
    """The address for this contact's message. Made again for the same contact it is the same.

    It works through `answer_by`, the last day on which the message may be answered, if that is later than usual.

    80 bits from a secret: nobody guesses one, and the database can't tell it.
    """
    key = secret(settings.HOME, "portal")
    mac = hmac.new(key, f"link:{contact.contact_id}".encode(), hashlib.sha256).digest()
    token = base64.b32encode(mac[:10]).decode()
    link = PortalLink(
        digest=_digest(token),
        borrower_id=contact.borrower_id,
        made_at=now,
        expires_at=max(now + LINK_LIVES, day_end(answer_by)) if answer_by else now + LINK_LIVES,
        went_to=_WENT_TO.get(contact.channel, ""),
    )
    PortalLink.objects.bulk_create([link], ignore_conflicts=True)
    return f"{settings.HOME.url}/my/l/{token}"


def is_token(text: str) -> bool:
    """Whether a text has the form of a link's code; nothing is said of whether there is one."""
    return _TOKEN.fullmatch(normal_token(text)) is not None


def normal_token(text: str) -> str:
    """A token as somebody may type it: case, blanks and hyphens don't matter."""
    return re.sub(r"[\s-]", "", text).upper()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def slowed(address: str, token: str, now: datetime) -> float:
    """Seconds until this address, or anybody for this link, may try again; 0.0 when they may now."""
    by_address = take_token(f"my:{address}", now, per_minute=PER_MINUTE, burst=BURST)
    by_link = take_token(f"my-link:{token}", now, per_minute=PER_MINUTE, burst=BURST)
    return max(by_address, by_link)


def enter(token: str, fact: Fact, now: datetime) -> str | None:
    """The key of a new session, None for whatever is wrong: no such link, too old, dead, or another fact.

    In a shadow run borrowers have no pages: nobody was sent a link.
    """
    token = normal_token(token)
    if settings.HOME.in_shadow or not _TOKEN.fullmatch(token):
        return None
    with transaction.atomic():
        links = PortalLink.objects.select_for_update(of=("self",)).select_related("borrower")
        link = links.filter(digest=_digest(token), expires_at__gt=now, wrong__lt=MOST_WRONG).first()
        if link is None:
            return None
        if not knows(link, fact):
            PortalLink.objects.filter(pk=link.pk).update(wrong=F("wrong") + 1)
            return None
        PortalLink.objects.filter(pk=link.pk).update(wrong=0)
        return _begin(link.borrower, now)


def demo_session(now: datetime) -> str | None:
    """The key of a session of a borrower with an open case, for the demo's first page; None where there is no case."""
    assert settings.HOME.is_demo, "nobody comes in without a link where borrowers are real"
    late = Case.objects.filter(
        closed_on=None, held=False, facts__days_past_due__gte=4, facts__days_past_due__lte=60
    )
    case = late.order_by("-facts__days_past_due", "pk").first() or Case.objects.filter(closed_on=None).first()
    if case is None:
        return None
    with transaction.atomic():
        return _begin(case.borrower, now)


def _begin(borrower: Borrower, now: datetime) -> str:
    key = secrets.token_urlsafe(32)
    PortalSession.objects.create(digest=_digest(key), borrower=borrower, made_at=now, seen_at=now)
    body = {"what": "portal_opened"}
    evidence.append("access", at=now, actor="borrower", borrower=borrower.borrower_id, body=body)
    return key


def knows(link: PortalLink, fact: Fact) -> bool:
    """Whether this is the borrower's date of birth.

    Where none is on file it is the end of their number, for a link that went another way than to that number. A text
    message tells its own number, so it proves nothing there: then a person has to help.
    """
    if link.borrower.born_on is not None:
        expected, said = [f"{link.borrower.born_on:%Y%m%d}"], f"{fact.born_on:%Y%m%d}" if fact.born_on else ""
    else:
        phones = link.borrower.points.filter(kind="phone", party="debtor").values_list("value", flat=True)
        shows_number = link.went_to not in ("email", "device", "address")
        numbers = [] if shows_number else [value.partition(";")[0] for value in phones]
        expected, said = [number[-4:] for number in numbers if len(number) >= 8], fact.ending
    # every candidate is compared, so that the time tells nothing
    return sum(hmac.compare_digest(said.encode(), value.encode()) for value in expected) > 0


def carry_sessions(skipped: timedelta) -> None:
    """A demo's time was moved on by so much: borrowers who are signed in stay so, as if nothing had been skipped."""
    assert settings.HOME.is_made_up, "nobody's session is made longer where borrowers are real"
    PortalSession.objects.update(made_at=F("made_at") + skipped, seen_at=F("seen_at") + skipped)


def session_of(key: str, now: datetime) -> Borrower | None:
    """Who this key belongs to; None when it is unknown or has ended. Being asked keeps it alive."""
    if not key:
        return None
    alive = PortalSession.objects.filter(
        digest=_digest(key), seen_at__gt=now - IDLE, made_at__gt=now - LONGEST
    ).select_related("borrower")
    session = alive.first()
    if session is None:
        return None
    if now - session.seen_at > timedelta(minutes=1):
        PortalSession.objects.filter(pk=session.pk).update(seen_at=now)
    return session.borrower


def leave(key: str) -> None:
    """End the session."""
    PortalSession.objects.filter(digest=_digest(key)).delete()


def purge_old_links(now: datetime) -> int:
    """Delete sessions and links that have ended; how many."""
    gone, _ = PortalSession.objects.filter(made_at__lte=now - KNOWN).delete()
    old, _ = PortalLink.objects.filter(expires_at__lte=now).delete()
    return gone + old


def ended_session(key: str, now: datetime) -> Borrower | None:
    """Whose session this key began, within a day, though it has ended; None when nobody knows."""
    if not key:
        return None
    known = PortalSession.objects.filter(digest=_digest(key), made_at__gt=now - KNOWN)
    session = known.select_related("borrower").first()
    return session.borrower if session else None
