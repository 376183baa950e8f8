"""What visitors' phones report, in the order in which it happened; reported again, nothing happens twice.

Each event has an id that the phone made. Its answer is kept and given again. An event that can't be taken has an
answer too, with the reason, so that the phone shows it and doesn't ask for ever.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.access.uploads import Uploaded, store_uploaded_recording
from forbear.actions.contacts.staff_texts import text_alarm
from forbear.actions.field.visits import Ended, end_visit, goes, proof_of, start_visit
from forbear.actions.visits.cancellation import call_off
from forbear.actions.visits.decisions import held_visit
from forbear.actions.visits.proposals import log_visit
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem, as_json
from forbear.core.base.reason import Reason
from forbear.core.permits.permit import moment_text
from forbear.core.visits.visit import Place, lacks
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.models import Alarm, Contact, FieldEvent, Staff, Visit

KINDS = ("start", "end", "stay_away", "alarm")
#: Events of one message, and how long ago one may have happened.
MOST = 100
_OLDEST = timedelta(days=7)
_SHA256 = re.compile("[0-9a-f]{64}")
_LONGEST_SECONDS = 6 * 3600
#: An alarm pressed again within this is the same one.
_SAME_ALARM = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ReportedEvent:
    """One event, read and checked."""

    event_id: str
    kind: str
    visit_id: str
    at: datetime
    place: Place | None
    body: Mapping[str, object]
    over: bool = False


def record_visit_events(rows: Sequence[object], staff: Staff, now: datetime) -> list[dict]:
    """The answer to each: `ok`, or `wrong` with why, and the visit's state. An alarm is always taken first."""
    answers: dict[int, dict] = {}
    read = [(number, read_event(row, now)) for number, row in enumerate(rows[:MOST])]
    ended = {item.visit_id for _, item in read if isinstance(item, ReportedEvent) and item.kind == "end"}
    read = [
        (n, replace(item, over=item.visit_id in ended) if isinstance(item, ReportedEvent) else item)
        for n, item in read
    ]
    order = sorted(read, key=lambda pair: isinstance(pair[1], ReportedEvent) and pair[1].kind != "alarm")
    for number, event in order:
        answers[number] = _problem_answer(event) if isinstance(event, Problem) else _take(event, staff, now)
    return [answers[number] for number in sorted(answers)]


def read_event(row: object, now: datetime) -> ReportedEvent | Problem:
    """An event as a phone sends it; Problem when it can't be read."""
    if not isinstance(row, dict):
        return Problem("event_not_object", "an event is an object")
    try:
        event_id = str(uuid.UUID(str(row.get("id", ""))))
        at = datetime.fromisoformat(str(row.get("at", "")).replace("Z", "+00:00"))
    except ValueError:
        return Problem("event_incomplete", "an event has an id and a time")
    if at.tzinfo is None or not now - _OLDEST <= at:
        return Problem("event_time_invalid", "the time of this event is not one of these days")
    kind, visit = row.get("kind"), row.get("visit", "")
    if kind not in KINDS or not isinstance(visit, str) or len(visit) > 36:
        return Problem("event_kind_unknown", "this kind of event is not known")
    return ReportedEvent(
        event_id, kind, visit, min(at.astimezone(UTC), now), read_place(row.get("place")), row
    )


def read_place(data: object) -> Place | None:
    """A place as phones tell it, in degrees and metres; None when it is none."""
    if not isinstance(data, dict):
        return None
    try:
        latitude, longitude = (round(float(data[name]) * 1_000_000) for name in ("latitude", "longitude"))
        accuracy = round(float(data.get("accuracy", 0)))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if abs(latitude) > 90_000_000 or abs(longitude) > 180_000_000:
        return None
    return Place(latitude, longitude, max(0, min(accuracy, 100_000)))


def _problem_answer(problem: Problem) -> dict[str, object]:
    """What the phone shows, to be put into the reader's language when it is sent."""
    return {"wrong": as_json(problem)}


def _take(reported: ReportedEvent, staff: Staff, now: datetime) -> dict:
    with transaction.atomic():
        known = FieldEvent.objects.filter(pk=reported.event_id, staff=staff).first()
        if known is not None:
            return known.answer
        if FieldEvent.objects.filter(pk=reported.event_id).exists():
            return _problem_answer(Problem("event_of_another", "this event is somebody else's"))
        owner = Visit.objects.filter(pk=reported.visit_id).first() if reported.visit_id else None
        if owner is not None:
            held_visit(owner.pk)
        event = FieldEvent(
            event_id=reported.event_id,
            staff=staff,
            visit=owner,
            kind=reported.kind,
            at=reported.at,
            received_at=now,
        )
        event.save(force_insert=True)
        done = _ACTS[reported.kind](reported, event, staff, now)
        event.answer = _problem_answer(done) if isinstance(done, Problem) else {"ok": True}
        if isinstance(done, Visit):
            event.answer |= {"state": done.state, "conflicts": done.conflicts, "lacks": done.lacks}
        event.save(update_fields=["answer"])
        return event.answer


def _start(reported: ReportedEvent, event: FieldEvent, staff: Staff, now: datetime) -> Visit | Problem:
    return start_visit(reported.visit_id, staff, reported.at, reported.place, now, over=reported.over)


def _end(reported: ReportedEvent, event: FieldEvent, staff: Staff, now: datetime) -> Visit | Problem:
    rows = reported.body.get("recordings")
    recordings = []
    for row in rows if isinstance(rows, list) else []:
        digest, seconds = (row.get("sha256"), row.get("seconds")) if isinstance(row, dict) else (None, None)
        if isinstance(digest, str) and _SHA256.fullmatch(digest) and isinstance(seconds, int):
            recordings.append((digest, max(0, min(seconds, _LONGEST_SECONDS))))
    ended = Ended(
        str(reported.body.get("outcome", "")), str(reported.body.get("note", "")), tuple(recordings)
    )
    return end_visit(reported.visit_id, staff, ended, reported.at, reported.place, now)


def _stay_away(reported: ReportedEvent, event: FieldEvent, staff: Staff, now: datetime) -> Visit | Problem:
    """The two don't go: not safe, no time, nobody let them through."""
    visit = held_visit(reported.visit_id)
    if visit is None or not goes(visit, staff):
        return Problem("visit_of_another", "this visit is not yours")
    note, reason = str(reported.body.get("note", "")), Reason.of("visitors_did_not_go")
    return call_off(reported.visit_id, reason, now, actor=f"staff:{staff.number}", note=note)


def _alarm(reported: ReportedEvent, event: FieldEvent, staff: Staff, now: datetime) -> Alarm:
    place = reported.place
    kept = [place.latitude, place.longitude, place.accuracy_metres] if place else []
    same = Alarm.objects.filter(staff=staff, seen_at=None, at__gte=reported.at - _SAME_ALARM).first()
    if same is not None:  # pressed again, or reported again with the place that the phone has found meanwhile
        if kept:
            Alarm.objects.filter(pk=same.pk).update(place={"at": kept})
        return same
    alarm = Alarm.objects.create(
        event=event,
        staff=staff,
        visit=event.visit,
        at=reported.at,
        received_at=now,
        place={"at": kept} if kept else {},
    )
    enqueue_webhooks(
        "visit.alarm", {"staff": staff.number, "at": moment_text(reported.at), "alarm": alarm.pk}, now
    )
    text_alarm(alarm, now)
    if event.visit is not None:
        log_visit(event.visit, "alarm", now, actor=f"staff:{staff.number}", at_phone=moment_text(reported.at))
    return alarm


_ACTS = {"start": _start, "end": _end, "stay_away": _stay_away, "alarm": _alarm}


def see_alarm(alarm_id: int, words: str, staff: Staff, now: datetime) -> Alarm | Problem:
    """Somebody has seen to an alarm, and says what was done."""
    if not words.strip():
        return Problem("alarm_measures_missing", "say what was done")
    with transaction.atomic():
        seen = Alarm.objects.filter(pk=alarm_id, seen_at=None).update(
            seen_at=now, seen_by=staff, words=words.strip()[:300]
        )
        if not seen:
            return Problem("alarm_closed", "somebody has dealt with this alarm already")
        return Alarm.objects.get(pk=alarm_id)


def take_recording(visit_id: str, file: Uploaded, staff: Staff, now: datetime) -> Visit | Problem:
    """The file of a recording made at the door: kept if it is the one whose digest the visit's end named."""
    with transaction.atomic():
        visit = held_visit(visit_id)
        if visit is None or not (goes(visit, staff) or staff.number in visit.visitors):
            return Problem("visit_of_another", "this visit is not yours")
        digest = store_uploaded_recording(file)
        if isinstance(digest, Problem):
            return digest
        rows = [row for row in visit.recordings if row[0] == digest]
        if visit.state != "ended" or not rows:
            transaction.set_rollback(True)
            return Problem(
                "recording_not_of_visit", "this is not the recording that was named at the visit's end"
            )
        if rows[0][2]:
            return visit  # it came before
        visit.recordings = [[name, seconds, had or name == digest] for name, seconds, had in visit.recordings]
        visit.lacks = list(lacks(proof_of(visit), policy(settings.HOME).visit))
        visit.save()
        Contact.objects.filter(pk=visit.contact_id, recording="").update(recording=digest)
        evidence.append(
            "recording",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=visit.borrower_id,
            body={
                "contact": visit.contact_id,
                "visit": visit.visit_id,
                "what": "handed in",
                "lacks": visit.lacks,
            },
            attachments=[digest],
        )
        return visit
