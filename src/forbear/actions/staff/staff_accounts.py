"""People of the desk as administrators keep them: their role, what they can take, locked, ended, signed out.

Nobody changes their own rights, and the last administrator stays. What lets somebody into the account of a person
whose signature counts is proposed by one administrator and signed by another, see `account_changes`. Each change is an
event of the house.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.cases.release import release_after
from forbear.actions.staff.account_changes import (
    is_signer,
    log_account_event,
    propose_change,
    record_change,
    waiting_change,
)
from forbear.actions.staff.enrol_second_factor import remove_all_factors
from forbear.actions.staff.new_staff import edit_staff, make_staff
from forbear.actions.staff.notices import notify
from forbear.core.base.problem import Problem
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.facts.phone import read_phone
from forbear.interchange.home.country import country_of, language_of
from forbear.store.codes import SIGNS
from forbear.store.models import AccountChange, Agency, Staff
from forbear.store.models.staff import LOCKED
from forbear.store.permissions import SIGNING_ROLES
from forbear.store.roles import ROLES

_FIRST_PASSWORD = 16
MOST_CAPACITY = 1000


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who gets an account; an agency's person names their agency. `note` is why, where it takes two."""

    name: str
    number: str
    role: str
    agency: str = ""
    email: str = ""
    note: str = ""


def first_password() -> str:
    """A password for one sign-in, that can be read out: about 76 bits."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(_FIRST_PASSWORD // 4))


def make_person(new_person: NewPerson, staff: Staff, now: datetime) -> tuple[Staff, str] | Problem:
    """A new account and its first password, shown this once; it is changed at the first sign-in.

    An account whose signature counts opens when a second administrator signs: until then the password is "".
    """
    if new_person.role == "administrator":
        return Problem(
            "administrator_by_proposal",
            "make the account with another role, then propose it as administrator: that takes two",
        )
    if (
        not new_person.name.isprintable()
        or not 0 < len(new_person.name) <= 150
        or not 0 < len(new_person.number) <= 16
    ):
        return Problem("account_names_invalid", "an account has a name and a number of at most 16 characters")
    agency = _agency(new_person.role, new_person.agency)
    if isinstance(agency, Problem):
        return agency
    takes_two = new_person.role in SIGNING_ROLES
    if takes_two and not new_person.note.strip():
        return Problem("approval_reason_missing", "say why; the approver reads it")
    with transaction.atomic():
        password = "" if takes_two else first_password()
        new_member = make_staff(
            new_person.name, password or None, new_person.role, new_person.number, now, actor=_who(staff)
        )
        if isinstance(new_member, Problem):
            return new_member
        new_member.must_change, new_member.agency, new_member.email = True, agency, new_person.email.strip()
        if takes_two:
            new_member.is_active, new_member.locked_at = False, now
            new_member.locked_reason = Reason.of("awaits_approval")
        new_member.save(update_fields=["must_change", "agency", "email", "is_active", *LOCKED])
        if not takes_two:
            record_change(new_member, "account", staff, now)
            return new_member, password
        change = propose_change(new_member, "account", staff, now, new_person.note)
        return change if isinstance(change, Problem) else (new_member, "")


def change_person(staff_id: int, data: Mapping[str, str], staff: Staff, now: datetime) -> Staff | Problem:
    """Change what somebody can take: `team`, `languages`, `skills`, `capacity`, `line`, `phone`, `creditors`,
    whether they are trained for vulnerable customers (`cares`), and their `certificate`.

    `certified_until` is its last day (ISO, "" for none). What is equal or not named is left.
    """
    member = Staff.objects.filter(pk=staff_id, is_active=True).first()
    if member is None:
        return Problem("account_disabled", "this account doesn't work any more")
    capacity = data.get("capacity", "").strip()
    if not capacity.isdecimal() or int(capacity) > MOST_CAPACITY:
        return Problem(
            "capacity_invalid", "capacity is how many cases a day, at most %(most)s", most=MOST_CAPACITY
        )
    wanted: dict[str, object] = {
        "team": data.get("team", "").strip()[:64],
        "languages": _list(data.get("languages", ""))[:64] or language_of(settings.HOME),
        "skills": _list(data.get("skills", ""))[:200],
        "line": data.get("line", "").strip()[:64],
        "capacity": int(capacity),
        "certificate": data.get("certificate", "").strip()[:64],
        "certified_until": _day(data.get("certified_until", "")),
    }
    if bool(wanted["certificate"]) != bool(wanted["certified_until"]):
        return Problem(
            "certificate_incomplete",
            "a certificate has a number and the last day on which it is valid; give both",
        )
    if "phone" in data:
        phone = own_phone(data["phone"])
        if isinstance(phone, Problem):
            return phone
        wanted["phone"] = phone
    if "email" in data:
        wanted["email"] = data["email"].strip()
    if "creditors" in data:
        wanted["creditors"] = _list(data["creditors"])[:500]
    if "cares" in data:
        wanted["cares"] = bool(data["cares"])
    changed = {name: value for name, value in wanted.items() if getattr(member, name) != value}
    return _edit(member, changed, data.get("note", ""), staff, now) if changed else member


def _edit(
    member: Staff, changed: dict[str, object], note: str, staff: Staff, now: datetime
) -> Staff | Problem:
    """Change it; where somebody who signs is reached, by a proposal."""
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=member.pk)
        ways = {name: str(changed[name]) for name in ("phone", "email") if name in changed}
        if is_signer(held, now):
            for name, value in ways.items():
                proposed = propose_change(held, name, staff, now, note, value=value)
                if isinstance(proposed, Problem):
                    transaction.set_rollback(True)
                    return proposed
                del changed[name]
        elif ways:
            notify(held, "contact_changed", now, by=staff.number)  # where they were reached until now
            for name in ways:
                record_change(held, name, staff, now)
        return edit_staff(held.username, changed, now, actor=_who(staff)) if changed else held


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text.strip() else None


def own_phone(text: str) -> str | Problem:
    """A person's own telephone as E.164, "" for none."""
    if not text.strip():
        return ""
    read = read_phone(text, country_of(settings.HOME))
    if isinstance(read, Problem):
        return Problem(
            "phone_invalid", "Write the phone number in digits, such as 13800000000 or +8613800000000."
        )
    return read.e164


def change_role(
    staff_id: int, role: str, agency: str, staff: Staff, now: datetime, note: str = ""
) -> Staff | AccountChange | Problem:
    """Another role from now on; sessions under the former one end. A role that signs is proposed, with a reason."""
    named = _agency(role, agency)
    if isinstance(named, Problem):
        return named
    if role not in ROLES or role == "administrator":
        return Problem("role_missing", "choose a role; an administrator is made by two people, by a proposal")
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if (held.role, held.agency) == (role, named):
            return held
        if held.creditors and role != "collector":
            return Problem("creditors_for_collectors", "only collectors are limited to creditors")
        if _is_last(held):
            return Problem("last_administrator", "this is the last administrator; make another one first")
        if role in SIGNING_ROLES:
            return propose_change(held, "role", staff, now, note, role=role)
        before = held.role
        give_role(held, role, named, staff, now)
        record_change(held, "role", staff, now, note, before=before)
        return held


def give_role(
    held: Staff, role: str, agency: Agency | None, staff: Staff, now: datetime, **more: object
) -> None:
    """Another role from now on, in the caller's transaction; the person is told."""
    before, held.role, held.agency = held.role, role, agency
    held.epoch += 1
    held.save(update_fields=["role", "agency", "epoch"])
    notify(held, "role_changed", now, by=staff.number)
    log_account_event(held, "role_changed", now, staff, before=before, role=role, **more)
    release_after(held, now, actor=_who(staff))


def lock_person(staff_id: int, note: str, staff: Staff, now: datetime) -> Staff | Problem:
    """Keep somebody out at once, until they are unlocked; their sessions end."""
    if not note.strip():
        return Problem("reason_missing", "say why; it is saved as evidence")
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if not held.is_active:
            return Problem("account_disabled_already", "this account doesn't work as it is")
        if _is_last(held):
            return Problem("last_administrator", "this is the last administrator; make another one first")
        held.is_active, held.locked_at = False, now
        held.locked_reason, held.locked_note = Reason.of("by_staff"), note.strip()[:300]
        held.epoch += 1
        held.save(update_fields=["is_active", *LOCKED, "epoch"])
        log_account_event(held, "locked", now, staff, note=held.locked_note)
        release_after(held, now, actor=_who(staff))
        return held


def unlock_person(staff_id: int, staff: Staff, now: datetime) -> Staff | Problem:
    """Let somebody in again."""
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if waiting_change(held, "account") is not None:
            return Problem("account_waits", "this account opens when a second administrator approves it")
        if held.locked_at is None:
            return Problem(
                "account_not_locked", "this account is not locked; one that was ended has to be made again"
            )
        held.is_active, held.locked_at, held.wrong = True, None, 0
        held.locked_reason, held.locked_note = NO_REASON, ""
        held.save(update_fields=["is_active", *LOCKED, "wrong"])
        log_account_event(held, "unlocked", now, staff)
        return held


def end_person(staff_id: int, staff: Staff, now: datetime) -> Staff | Problem:
    """End an account for good: what it did stays, its name and number are not given again."""
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if not held.is_active and held.locked_at is None:
            return Problem("account_ended", "this account was ended before")
        if _is_last(held):
            return Problem("last_administrator", "this is the last administrator; make another one first")
        held.is_active, held.locked_at = False, None
        held.locked_reason, held.locked_note = NO_REASON, ""
        held.epoch += 1
        held.save(update_fields=["is_active", *LOCKED, "epoch"])
        log_account_event(held, "ended", now, staff, role=held.role)
        release_after(held, now, actor=_who(staff))
        return held


def end_sessions(staff_id: int, staff: Staff, now: datetime) -> Staff | Problem:
    """Sign somebody out everywhere; they may sign in again."""
    with transaction.atomic():
        held = Staff.objects.select_for_update().filter(pk=staff_id).first()
        if held is None:
            return Problem("no_such_account", "there is no such account")
        held.epoch += 1
        held.save(update_fields=["epoch"])
        log_account_event(held, "sessions_ended", now, staff)
        return held


def give_password(
    staff_id: int, staff: Staff, now: datetime, note: str = ""
) -> str | AccountChange | Problem:
    """A new first password for somebody who forgot theirs, shown this once; their sessions end.

    For somebody whose signature counts it is proposed, with a reason.
    """
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if not held.is_active:
            return Problem("account_locked", "this account doesn't work; unlock it first")
        if is_signer(held, now):
            return propose_change(held, "password", staff, now, note)
        record_change(held, "password", staff, now, note)
        return set_first_password(held, staff, now)


def set_first_password(held: Staff, staff: Staff, now: datetime) -> str:
    """A new first password, in the caller's transaction; the person is told that there is one."""
    password = first_password()
    held.set_password(password)
    held.must_change = True
    held.save(update_fields=["password", "must_change"])
    notify(held, "password_given", now, by=staff.number)
    log_account_event(held, "password_given", now, staff)
    return password


def reset_person(staff_id: int, staff: Staff, now: datetime, note: str) -> Staff | AccountChange | Problem:
    """Take away the second factors of somebody who lost theirs; of somebody whose signature counts, by a proposal."""
    if not note.strip():
        return Problem(
            "identity_reason_missing", "say why, and how you know who asks; it is saved as evidence"
        )
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if is_signer(held, now):
            return propose_change(held, "factors", staff, now, note)
        record_change(held, "factors", staff, now, note)
        return remove_all_factors(held, now, note, actor=_who(staff))


def propose_administrator(staff_id: int, note: str, staff: Staff, now: datetime) -> AccountChange | Problem:
    """Propose that somebody becomes an administrator; another administrator signs."""
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if not held.is_active or held.role == "administrator":
            return Problem(
                "administrator_candidate_invalid",
                "propose somebody whose account works and who is no administrator yet",
            )
        return propose_change(held, "role", staff, now, note, role="administrator")


def _held(staff_id: int, by: Staff) -> Staff | Problem:
    """The account, held until the transaction ends; never one's own."""
    if staff_id == by.pk:
        return Problem("own_rights", "another administrator changes your own rights")
    held = Staff.objects.select_for_update().filter(pk=staff_id).first()
    return held if held is not None else Problem("no_such_account", "there is no such account")


def _is_last(held: Staff) -> bool:
    """Whether nobody could keep accounts without this person."""
    others = Staff.objects.filter(role="administrator", is_active=True).exclude(pk=held.pk)
    return held.role == "administrator" and held.is_active and not others.exists()


def _agency(role: str, code: str) -> Agency | Problem | None:
    """The agency of an agency's person, or of a visitor who goes for one; nobody else has one."""
    if role not in ("agency", "visitor") or (role == "visitor" and not code):
        return None
    agency = Agency.objects.filter(code=code).first()
    return (
        agency
        if agency is not None
        else Problem("agency_missing", "an agency's person belongs to one of the agencies")
    )


def _list(text: str) -> str:
    return ",".join(part.strip() for part in text.replace("，", ",").split(",") if part.strip())


def _who(staff: Staff) -> str:
    return f"staff:{staff.number}"
