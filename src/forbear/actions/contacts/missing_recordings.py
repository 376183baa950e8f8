"""Find the calls whose recording never came, and write down what came of each."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Contact, MissingRecording, Staff
from forbear.store.situation import lock_borrower

#: Calls in which somebody or something answered: these are recorded from end to end.
ANSWERED = ("connected", "conversation", "voicemail", "limited_message")
#: Looked back so far: an older one has been found, or its timetable stood still for longer than recordings are kept.
_LOOK_BACK = timedelta(days=30)


def find_missing(providers: Collection[str], after: timedelta, now: datetime) -> int:
    """Write down each answered call of these providers, ended longer than `after` ago, that has no recording.

    How many were found new.
    """
    calls = Contact.objects.filter(
        provider__in=providers,
        channel__in=("call", "voice"),
        recording="",
        outcome__in=ANSWERED,
        ended_at__gt=now - after - _LOOK_BACK,
        ended_at__lte=now - after,
        missing_recording=None,
    )
    return sum(_miss(*call, now) for call in calls.order_by("ended_at").values_list("pk", "borrower_id"))


def _miss(contact_id: str, borrower_id: str, now: datetime) -> bool:
    with transaction.atomic():
        lock_borrower(borrower_id)
        if not Contact.objects.filter(pk=contact_id, recording="").exists():
            return False
        _, new = MissingRecording.objects.get_or_create(contact_id=contact_id, defaults={"found_at": now})
        if new:
            body = {"contact": contact_id, "what": "missing"}
            evidence.append("recording", at=now, actor="timetable", borrower=borrower_id, body=body)
        return new


def resolve_missing_recording(missing_id: int, words: str, staff: Staff, now: datetime) -> Problem | None:
    """Say what came of a recording that is missing: where it is, or why there is none."""
    if not words.strip():
        return Problem("result_missing", "say what came of it; it is saved as evidence")
    with transaction.atomic():
        missing = MissingRecording.objects.filter(pk=missing_id)
        owner = missing.values_list("contact__borrower_id", flat=True).first()
        if owner is None or lock_borrower(owner) is None:
            return Problem("no_such_missing_recording", "there is no such recording missing")
        row = missing.get()
        if row.settled_at is not None or row.gone_at is not None:
            return Problem("recording_closed", "this is closed already")
        row.settled_at, row.settled_by, row.words = now, staff, words.strip()[:2000]
        row.save(update_fields=["settled_at", "settled_by", "words"])
        evidence.append(
            "recording",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=owner,
            body={"contact": row.contact_id, "what": "settled"},
            personal={"words": row.words},
        )
    return None
