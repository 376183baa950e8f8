"""Changes that let somebody into an account: done at once, or proposed where the person's signature counts for others.

A second administrator signs what is proposed. Or who proposed it does it alone, hours after the person was told and
didn't object. Either way the person is told, and the change stands on the compliance page.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from forbear.actions.staff.notices import PROPOSED, notify_proposed
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import AccountChange, Staff
from forbear.store.permissions import SIGNING_ROLES

#: So long after somebody left a role that signs, their account is still changed by two.
_SIGNED_LATELY = timedelta(days=30)


def is_signer(staff: Staff, now: datetime) -> bool:
    """Whether this person's signature counts for others now, or did within the last month."""
    if staff.role in SIGNING_ROLES:
        return True
    lately = AccountChange.objects.filter(
        staff=staff, what="role", before__in=SIGNING_ROLES, decided_at__gte=now - _SIGNED_LATELY
    )
    return lately.exists()


def waiting_change(staff: Staff, what: str) -> AccountChange | None:
    """The change of this kind that waits for an account."""
    return AccountChange.objects.filter(staff=staff, what=what, state="proposed").first()


def record_change(
    held: Staff, what: str, by: Staff | None, now: datetime, note: str = "", *, before: str = ""
) -> AccountChange:
    """Write down a change that took nobody else; `by` is None for the command line."""
    change = AccountChange.objects.create(
        staff=held, what=what, role=held.role, before=before, reason_note=note.strip()[:300], proposed_by=by,
        proposed_at=now, decided_by=by, decided_at=now, state="done",
    )  # fmt: skip
    _publish(change, now)
    return change


def propose_change(
    held: Staff, what: str, by: Staff, now: datetime, note: str, *, role: str = "", value: str = ""
) -> AccountChange | Problem:
    """Propose a change that takes two; the caller holds the account. The person is told of it at once.

    Somebody who can't be reached gives nobody the right to do it alone later.
    """
    if not note.strip():
        return Problem("approval_reason_missing", "say why; the approver reads it")
    if waiting_change(held, what) is not None:
        return Problem("change_proposed", "this is waiting for approval already")
    wait = timedelta(hours=settings.SIGN_IN.two_people.wait_hours)
    can_reach = what in PROPOSED and bool(held.phone or held.email)
    change = AccountChange.objects.create(
        staff=held, what=what, role=role or held.role, before=held.role, value=value,
        reason_note=note.strip()[:300], proposed_by=by, proposed_at=now,
        alone_from=now + wait if can_reach else None, state="proposed",
    )  # fmt: skip
    if can_reach:
        notify_proposed(change, now)
    _publish(change, now)
    event = "role_proposed" if what == "role" else "change_proposed"
    more = {"role": role} if what == "role" else {"change": what}
    log_account_event(held, event, now, by, **more, note=change.reason_note)
    return change


def alone_problem(change: AccountChange, now: datetime) -> Problem | None:
    """Why who proposed a change may not do it alone now; None when they may."""
    if change.alone_from is None:
        return Problem(
            "own_role_approval", "it must be approved by somebody who neither proposed it nor is proposed"
        )
    if now < change.alone_from:
        return Problem(
            "change_waits",
            "another administrator must approve it, or wait: the person was told and may object until the wait is over",
        )
    if not change.texts.filter(state="sent").exists():
        return Problem(
            "change_untold", "the person could not be told of it, so another administrator must approve it"
        )
    return None


def object_to_change(change_id: int, staff: Staff, now: datetime) -> AccountChange | Problem:
    """The person says that they didn't ask for it: it isn't done."""
    change = (
        AccountChange.objects.select_for_update().filter(pk=change_id, staff=staff, state="proposed").first()
    )
    if change is None:
        return Problem("no_proposal_number", "nothing is waiting under this number")
    close_change(change, "declined", staff, now)
    log_account_event(staff, "change_objected", now, staff, change=change.what)
    return change


def close_change(change: AccountChange, state: str, by: Staff, now: datetime) -> None:
    """Write down what became of a proposal; the caller logs it."""
    change.state, change.decided_by, change.decided_at = state, by, now
    change.save(update_fields=["state", "decided_by", "decided_at"])
    _publish(change, now)


def changes_of_signers(since: datetime) -> list[AccountChange]:
    """What was done to accounts whose signature counts since then, and what waits; the newest first."""
    signers = Q(role__in=SIGNING_ROLES) | Q(before__in=SIGNING_ROLES) | Q(staff__role__in=SIGNING_ROLES)
    rows = AccountChange.objects.filter(signers, Q(proposed_at__gte=since) | Q(state="proposed"))
    return list(rows.select_related("staff", "proposed_by", "decided_by").order_by("-proposed_at", "-pk"))


def changes_waiting_for(staff: Staff) -> Collection[AccountChange]:
    """What waits for a person's own account, and they may object to."""
    rows = AccountChange.objects.filter(staff=staff, state="proposed").select_related("proposed_by")
    return list(rows.order_by("pk"))


def log_account_event(held: Staff, what: str, now: datetime, by: Staff, **more: object) -> None:
    """An event of the house: written last in its transaction."""
    actor = f"staff:{by.number}"
    evidence.append("access", at=now, actor=actor, body={"staff": held.number, "what": what, **more})


def _publish(change: AccountChange, now: datetime) -> None:
    """Tell other programs; nothing in it is personal but staff numbers."""
    body = {
        "staff": change.staff.number,
        "what": change.what,
        "role": change.role,
        "state": change.state,
        "by": change.proposed_by.number if change.proposed_by else "",
        "decided_by": change.decided_by.number if change.decided_by else "",
        "alone": change.is_alone,
    }
    enqueue_webhooks("account.changed", body, now)
