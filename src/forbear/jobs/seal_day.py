"""Shortly after midnight: seal what the days before brought. Every hour: write down where each chain ends."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.staff_texts import mail_seal
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.channels.http_call import Caller, Unanswered
from forbear.core.permits.permit import moment_text
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.seal_anchor import anchor_heads, anchor_seals, known_outside, put_aside
from forbear.interchange.home.time_stamps import QUERY, keep_stamp, stamp_request, stamped
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.evidence_seal import all_seals, open_heads, seal_due

_STAMP_SECONDS = 20.0
#: Seals of the past that are stamped in one round, the newest last.
_STAMPS_AT_ONCE = 50
log = logging.getLogger(__name__)


def seal_day(now: datetime) -> list[int]:
    """Seal every day that is over and has no seal yet; the numbers of the seals made. Safe to run at any time.

    Each is written down outside the database, sent to programs that subscribed and e-mailed to auditors.
    EvidenceError when the database lacks a seal that is known outside.
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
        mail_seal(seal.day, seal.line, seal.signature, now)
    return [seal.number for seal in made]


def stamp_seals(now: datetime) -> int:
    """Have the seals that lack one stamped by the lender's time stamp authority; how many. One a day at first.

    An authority that is away stops nothing: it is asked again at the next round.
    """
    home, lines = settings.HOME, {number: line for number, line, _ in all_seals()}
    wanted = sorted(lines.keys() - stamped(home)) if home.time_stamp_url else []
    caller = Caller(_STAMP_SECONDS)
    made = 0
    try:
        for number in wanted[-_STAMPS_AT_ONCE:]:
            request = stamp_request(lines[number])
            answer = caller.call(
                "POST", home.time_stamp_url, headers={"Content-Type": QUERY}, content=request.as_bytes()
            )
            if isinstance(answer, Unanswered) or answer.status != 200:
                log.warning("the time stamp authority did not answer: %s", answer)
                break
            problem = keep_stamp(home, number, lines[number], answer.body, request)
            if problem:
                log.error("the time stamp of seal %s was refused: %s", number, problem)
                break
            made += 1
    finally:
        caller.close()
    return made


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
