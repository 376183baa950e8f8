"""Begin a shadow run, and end it: nothing leaves the home until two people have gone live, both on record.

The run is a file of the home, so that every process and machine sees it at once. It is taken away when the second
signature is committed: a process that dies between the two leaves a home in which nothing leaves, and the second person
signs again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.base.problem import Problem
from forbear.interchange.home.lender import SHADOW_MARK
from forbear.store import evidence
from forbear.store.models import Contact, Event, Permit, Staff
from forbear.store.permissions import may

#: Who may be one of the two who go live.
GO_LIVE = "desk:shadow:live"
_LONGEST_REASON = 300
_BEGAN, _ASKED = "shadow run began", "going live was asked for"


@dataclass(frozen=True, slots=True)
class ShadowState:
    """Whether the home is in a shadow run, who asked to go live and hasn't a second yet, and how many contacts wait."""

    running: bool
    asked_by: tuple[str, ...] = ()
    reason: str = ""
    waiting: int = 0


def mark() -> Path:
    """The file by which the run is known."""
    return settings.HOME.folder / SHADOW_MARK


def shadow_state() -> ShadowState:
    """Where the run stands."""
    if not settings.HOME.in_shadow:
        return ShadowState(False)
    asked = _asked()
    reason = str(asked[-1].get("note", "")) if asked else ""
    waiting = Contact.objects.filter(state="waiting").count()
    return ShadowState(True, tuple(str(one["by"]) for one in asked), reason, waiting)


def begin_shadow(now: datetime, *, actor: str) -> Problem | None:
    """From now on nothing leaves. Only where nothing has left yet: a home that is live stays so."""
    if settings.HOME.in_shadow:
        return Problem("shadow_running", "this home is in a shadow run already")
    if Permit.objects.exists():
        return Problem(
            "shadow_too_late", "contacts have left this home already; a shadow run begins before the first"
        )
    with transaction.atomic():
        mark().write_text(now.isoformat() + "\n", encoding="utf-8")
        _log_event(_BEGAN, {}, now, actor)
    return None


def go_live_as(username: str, reason: str, now: datetime) -> ShadowState | Problem:
    """The same for the account of that name, on the command line."""
    staff = Staff.objects.filter(username=username, is_active=True).first()
    if staff is None:
        return Problem("no_working_account", "there is no working account %(name)s", name=username)
    return go_live(staff, reason, now)


def go_live(staff: Staff, reason: str, now: datetime) -> ShadowState | Problem:
    """One of two signatures: the first asks, another person's second ends the run."""
    if not settings.HOME.in_shadow:
        return Problem("not_in_shadow", "this home is live already")
    if not may(staff.role, GO_LIVE):
        return Problem("live_not_yours", "a manager or a compliance officer goes live")
    if not reason.strip():
        return Problem("live_reason_missing", "say why; it is saved with it")
    asked = [str(one["by"]) for one in _asked()]
    others = list(Staff.objects.filter(number__in=[number for number in asked if number != staff.number]))
    if not others:
        if staff.number in asked:
            return Problem("live_own_approval", "a second person must go live; you asked for it already")
        with transaction.atomic():
            _log_event(_ASKED, {"by": staff.number, "note": reason.strip()[:_LONGEST_REASON]},
                       now, f"staff:{staff.number}")  # fmt: skip
        return shadow_state()
    if refused := signature_problem([other.pk for other in others], staff, now):
        return refused
    with transaction.atomic():
        body = {"by": staff.number, "asked_by": others[0].number, "note": reason.strip()[:_LONGEST_REASON]}
        _log_event("went live", body, now, f"staff:{staff.number}")
        transaction.on_commit(lambda: mark().unlink(missing_ok=True))
    return ShadowState(False)


def _asked() -> list[dict]:
    """What the events since the run began say of who asked to go live."""
    said = Q(line__contains=f'"what":"{_BEGAN}"') | Q(line__contains=f'"what":"{_ASKED}"')
    rows = Event.objects.filter(said, kind="change", borrower="").order_by("id")
    found: list[dict] = []
    for line in rows.values_list("line", flat=True):
        body = json.loads(line)["body"]
        found = [] if body["what"] == _BEGAN else [*found, body]
    return found


def _log_event(what: str, body: Mapping[str, object], now: datetime, actor: str) -> None:
    """An event of the house: written last in its transaction."""
    evidence.append("change", at=now, actor=actor, body={"what": what, **body})
