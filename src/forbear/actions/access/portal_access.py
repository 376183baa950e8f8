"""The borrower's way in: a link from a message, and one fact that only they know.

A link holds no personal data and is kept as a digest. It answers the same whether it exists or not; after a few wrong
facts it is dead, and anyone who guesses is slowed down. What was opened is on record.
"""

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from forbear.interchange.home.keys import secret
from forbear.store import evidence
from forbear.store.models import Borrower, Case, Contact, PortalLink, PortalSession
from forbear.store.rate_limit import take_token

LINK_LIVES = timedelta(days=30)
IDLE, LONGEST = timedelta(minutes=20), timedelta(hours=2)
MOST_WRONG = 5
#: How often one address, and all addresses together, may try.
PER_MINUTE, BURST = 6.0, 10
_TOKEN = re.compile(r"[A-Z2-7]{16}")


def link_for(contact: Contact, now: datetime) -> str:
    """The address for this contact's message. Made again for the same contact it is the same.

    80 bits from a secret: nobody guesses one, and the database can't tell it.
    """
    key = secret(settings.HOME, "portal")
    mac = hmac.new(key, f"link:{contact.contact_id}".encode(), hashlib.sha256).digest()
    token = base64.b32encode(mac[:10]).decode()
    link = PortalLink(
        digest=_digest(token), borrower_id=contact.borrower_id, made_at=now, expires_at=now + LINK_LIVES
    )
    PortalLink.objects.bulk_create([link], ignore_conflicts=True)
    return f"{settings.HOME.url}/my/l/{token}"


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


def enter(token: str, fact: str, now: datetime) -> str | None:
    """The key of a new session, None for whatever is wrong: no such link, too old, dead, or another fact."""
    token = normal_token(token)
    if not _TOKEN.fullmatch(token):
        return None
    with transaction.atomic():
        links = PortalLink.objects.select_for_update(of=("self",)).select_related("borrower")
        link = links.filter(digest=_digest(token), expires_at__gt=now, wrong__lt=MOST_WRONG).first()
        if link is None:
            return None
        if not knows(link.borrower, fact):
            PortalLink.objects.filter(pk=link.pk).update(wrong=F("wrong") + 1)
            return None
        PortalLink.objects.filter(pk=link.pk).update(wrong=0)
        return _begin(link.borrower, now)


def demo_session(now: datetime) -> str | None:
    """The key of a session of a borrower with an open case, for the demo's first page; None where there is no case."""
    assert settings.HOME.is_demo, "nobody comes in without a link where borrowers are real"
    late = Case.objects.filter(closed_on=None, held=False, facts__days_past_due__range=(4, 60))
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


def knows(borrower: Borrower, fact: str) -> bool:
    """Whether this is the borrower's date of birth (eight digits); where none is on file, the end of their number."""
    digits = re.sub(r"\D", "", fact)
    if borrower.born_on is not None:
        expected = [f"{borrower.born_on:%Y%m%d}"]
    else:
        phones = borrower.points.filter(kind="phone", party="debtor").values_list("value", flat=True)
        expected = [number[-4:] for value in phones if len(number := value.partition(";")[0]) >= 8]
    # every candidate is compared, so that the time tells nothing
    return sum(hmac.compare_digest(digits.encode(), value.encode()) for value in expected) > 0


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
    gone, _ = PortalSession.objects.filter(made_at__lte=now - LONGEST).delete()
    old, _ = PortalLink.objects.filter(expires_at__lte=now).delete()
    return gone + old
