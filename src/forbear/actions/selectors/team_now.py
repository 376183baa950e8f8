"""What each person of the team does at this moment: on a call, at work, idle, or away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from forbear.store.models import Case, Contact, Staff

#: on_call: a call of theirs runs, or its result isn't written yet. working: they did something within five minutes.
#: idle: they are signed in and did nothing since. away: signed out.
STATES = ("on_call", "working", "idle", "away")
_WORKING = timedelta(minutes=5)
#: A call without a result for longer was forgotten, it isn't one that runs.
_LONGEST_CALL = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class PersonNow:
    """A person, what they do since when, whose case they are in, and how many cases they have in hand."""

    person: Staff
    state: str
    since: datetime | None
    borrower_id: str = ""
    in_hand: int = 0


def team_now(people: Sequence[Staff], now: datetime) -> list[PersonNow]:
    """Each of them, in two queries."""
    calls: dict[int | None, tuple[datetime | None, str]] = {}
    running = Contact.objects.filter(
        staff__in=people, channel="call", state="sent", outcome="pending", at__gt=now - _LONGEST_CALL
    )
    for staff, at, borrower in running.order_by("at").values_list("staff_id", "at", "borrower_id"):
        calls[staff] = (at, borrower)
    held = Case.objects.filter(collector__in=people, leased_until__gt=now, closed_on=None)
    in_hand = dict(held.order_by().values_list("collector_id").annotate(Count("pk")))
    return [_now(person, calls.get(person.pk), in_hand.get(person.pk, 0), now) for person in people]


def _now(person: Staff, call: tuple[datetime | None, str] | None, in_hand: int, now: datetime) -> PersonNow:
    if call is not None:
        return PersonNow(person, "on_call", call[0], call[1], in_hand)
    if person.active_at is None:
        return PersonNow(person, "away", None, in_hand=in_hand)
    state = "working" if now - person.active_at <= _WORKING else "idle"
    return PersonNow(person, state, person.active_at, in_hand=in_hand)
