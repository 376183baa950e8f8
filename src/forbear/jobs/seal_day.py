"""Shortly after midnight: seal what the days before brought. Every hour: write down where each chain ends."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.permits.permit import moment_text
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.seal_anchor import anchor_heads, anchor_seals, known_outside, put_aside
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.evidence_seal import all_seals, open_heads, seal_due


def seal_day(now: datetime) -> list[int]:
    """Seal every day that is over and has no seal yet; the numbers of the seals made. Safe to run at any time.

    Each is written down outside the database and sent to programs that subscribed. EvidenceError when the database
    lacks a seal that is known outside.
    """
    made = seal_due(now, signing_key(settings.HOME), known_outside(settings.HOME))
    anchor_seals(settings.HOME, all_seals())
    for seal in made:
        body = {
            "number": seal.number,
            "day": seal.day.isoformat(),
            "line": seal.line,
            "signature": seal.signature,
        }
        enqueue_webhooks("evidence.sealed", body, now)
    return [seal.number for seal in made]


def note_heads(now: datetime) -> int:
    """Write down outside the database the events that end a chain and have no seal yet; how many."""
    heads = open_heads()
    if heads:
        anchor_heads(settings.HOME, business_date(now), moment_text(now), heads)
    return len(heads)


def go_on(now: datetime, actor: str, reason: str) -> list[str]:
    """Seal again after an old copy of the database was put back; the files in which the lost seals stay.

    The log says who did it and why, and which seals it lacks.
    """
    known = known_outside(settings.HOME)
    here = all_seals()
    lost = sorted({seal.number for seal in known.seals} - {number for number, _, _ in here})
    moved = put_aside(settings.HOME, business_date(now))
    body = {"what": "log_restored", "seals_lost": lost, "seals_here": len(here), "reason": reason}
    with transaction.atomic():
        evidence.append("change", at=now, actor=actor, body=body)
    anchor_seals(settings.HOME, here)
    return [str(path) for path in moved]
