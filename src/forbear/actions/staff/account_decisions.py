"""The second administrator's yes or no to a change of an account, and what it then does."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from forbear.actions.signatures.second_signature import signature_problem
from forbear.actions.staff.account_changes import (
    alone_problem,
    close_change,
    log_account_event,
    object_to_change,
)
from forbear.actions.staff.enrol_second_factor import remove_all_factors
from forbear.actions.staff.notices import notify
from forbear.actions.staff.staff_accounts import give_role, set_first_password
from forbear.core.base.problem import Problem
from forbear.core.base.reason import NO_REASON
from forbear.store.models import AccountChange, Staff
from forbear.store.models.staff import LOCKED


def decide_change(change_id: int, signed: bool, staff: Staff, now: datetime) -> AccountChange | str | Problem:
    """Sign or decline; a temporary password comes back as text, to be shown this once."""
    with transaction.atomic():
        change = AccountChange.objects.select_for_update().filter(pk=change_id, state="proposed").first()
        if change is None:
            return Problem("no_proposal_number", "nothing is waiting under this number")
        held = Staff.objects.select_for_update().get(pk=change.staff_id)
        if not signed:
            return _decline(change, held, staff, now)
        if problem := _against(change, held, staff, now):
            return problem
        close_change(change, "signed", staff, now)
        return _DONE[change.what](held, change, staff, now) or change


def object_to(change_id: int, staff: Staff, now: datetime) -> AccountChange | Problem:
    """The person whose account it is says no."""
    with transaction.atomic():
        return object_to_change(change_id, staff, now)


def _decline(change: AccountChange, held: Staff, staff: Staff, now: datetime) -> AccountChange:
    close_change(change, "declined", staff, now)
    if change.what == "account":  # nobody ever worked in it
        _open_account(held, is_active=False)
    if change.what == "role":
        log_account_event(held, "role_declined", now, staff, role=change.role)
    else:
        log_account_event(held, "change_declined", now, staff, change=change.what)
    return change


def _against(change: AccountChange, held: Staff, staff: Staff, now: datetime) -> Problem | None:
    """Why this person's yes doesn't count, or comes too late."""
    if change.staff_id == staff.pk:
        return Problem(
            "own_role_approval", "it must be approved by somebody who neither proposed it nor is proposed"
        )
    if change.proposed_by_id == staff.pk and (problem := alone_problem(change, now)):
        return problem
    if not held.is_active and change.what != "account":
        return Problem("account_disabled", "this account doesn't work any more")
    return signature_problem([change.proposed_by_id], staff, now)


def _open_account(held: Staff, *, is_active: bool) -> None:
    held.is_active, held.locked_at = is_active, None
    held.locked_reason, held.locked_note = NO_REASON, ""
    held.save(update_fields=["is_active", *LOCKED])


def _account(held: Staff, change: AccountChange, staff: Staff, now: datetime) -> str:
    _open_account(held, is_active=True)
    return set_first_password(held, staff, now)


def _role(held: Staff, change: AccountChange, staff: Staff, now: datetime) -> None:
    proposer = change.proposed_by
    assert proposer is not None, "only a person proposes"
    give_role(held, change.role, None, staff, now, proposed_by=proposer.number)


def _password(held: Staff, change: AccountChange, staff: Staff, now: datetime) -> str:
    return set_first_password(held, staff, now)


def _factors(held: Staff, change: AccountChange, staff: Staff, now: datetime) -> None:
    remove_all_factors(held, now, change.reason_note, actor=f"staff:{staff.number}")


def _reached_at(held: Staff, change: AccountChange, staff: Staff, now: datetime) -> None:
    notify(held, "contact_changed", now, by=staff.number)  # where they were reached until now
    setattr(held, change.what, change.value)
    held.save(update_fields=[change.what])
    log_account_event(held, "contact_changed", now, staff, change=change.what)


_DONE: dict[str, Callable[[Staff, AccountChange, Staff, datetime], str | None]] = {
    "account": _account,
    "role": _role,
    "password": _password,
    "factors": _factors,
    "phone": _reached_at,
    "email": _reached_at,
}
