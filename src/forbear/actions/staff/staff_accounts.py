"""People of the desk as administrators keep them: their role, what they can take, locked, ended, signed out.

Nobody changes their own rights. A new administrator is proposed by one and signed by another, and
the last administrator stays. Each change is an event of the house.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.cases.release import release_after
from forbear.actions.staff.new_staff import edit_staff, make_staff
from forbear.core.base.problem import Problem
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.facts.phone import read_phone
from forbear.interchange.home.country import country_of
from forbear.store import evidence
from forbear.store.codes import SIGNS
from forbear.store.models import Agency, Grant, Staff
from forbear.store.models.staff import LOCKED
from forbear.store.roles import ROLES

_FIRST_PASSWORD = 16
MOST_CAPACITY = 1000


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who gets an account; an agency's person names their agency."""

    name: str
    number: str
    role: str
    agency: str = ""


def first_password() -> str:
    """A password for one sign-in, that can be read out: about 76 bits."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(_FIRST_PASSWORD // 4))


def make_person(new_person: NewPerson, staff: Staff, now: datetime) -> tuple[Staff, str] | Problem:
    """A new account and its first password, shown this once; it is changed at the first sign-in."""
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
    with transaction.atomic():
        password = first_password()
        new_member = make_staff(
            new_person.name, password, new_person.role, new_person.number, now, actor=_who(staff)
        )
        if isinstance(new_member, Problem):
            return new_member
        new_member.must_change, new_member.agency = True, agency
        new_member.save(update_fields=["must_change", "agency"])
        return new_member, password


def change_person(staff_id: int, data: Mapping[str, str], staff: Staff, now: datetime) -> Staff | Problem:
    """Change what somebody can take: `team`, `languages`, `skills`, `capacity`, `line`, `phone`, whether they are
    trained for vulnerable customers (`cares`), and their `certificate`.

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
        "languages": _list(data.get("languages", ""))[:64] or "zh",
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
    if "cares" in data:
        wanted["cares"] = bool(data["cares"])
    changed = {name: value for name, value in wanted.items() if getattr(member, name) != value}
    return edit_staff(member.username, changed, now, actor=_who(staff)) if changed else member


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


def change_role(staff_id: int, role: str, agency: str, staff: Staff, now: datetime) -> Staff | Problem:
    """Another role from now on; sessions under the former one end."""
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
        if _is_last(held):
            return Problem("last_administrator", "this is the last administrator; make another one first")
        before, held.role, held.agency = held.role, role, named
        held.epoch += 1
        held.save(update_fields=["role", "agency", "epoch"])
        _log_event(held, "role_changed", now, staff, before=before, role=role)
        release_after(held, now, actor=_who(staff))
        return held


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
        _log_event(held, "locked", now, staff, note=held.locked_note)
        release_after(held, now, actor=_who(staff))
        return held


def unlock_person(staff_id: int, staff: Staff, now: datetime) -> Staff | Problem:
    """Let somebody in again."""
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if held.locked_at is None:
            return Problem(
                "account_not_locked", "this account is not locked; one that was ended has to be made again"
            )
        held.is_active, held.locked_at, held.wrong = True, None, 0
        held.locked_reason, held.locked_note = NO_REASON, ""
        held.save(update_fields=["is_active", *LOCKED, "wrong"])
        _log_event(held, "unlocked", now, staff)
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
        _log_event(held, "ended", now, staff, role=held.role)
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
        _log_event(held, "sessions_ended", now, staff)
        return held


def give_password(staff_id: int, staff: Staff, now: datetime) -> str | Problem:
    """A new first password for somebody who forgot theirs, shown this once; their sessions end."""
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if not held.is_active:
            return Problem("account_locked", "this account doesn't work; unlock it first")
        password = first_password()
        held.set_password(password)
        held.must_change = True
        held.save(update_fields=["password", "must_change"])
        _log_event(held, "password_given", now, staff)
        return password


def propose_administrator(staff_id: int, note: str, staff: Staff, now: datetime) -> Grant | Problem:
    """Propose that somebody becomes an administrator; another administrator signs."""
    if not note.strip():
        return Problem("approval_reason_missing", "say why; the approver reads it")
    with transaction.atomic():
        held = _held(staff_id, staff)
        if isinstance(held, Problem):
            return held
        if not held.is_active or held.role == "administrator":
            return Problem(
                "administrator_candidate_invalid",
                "propose somebody whose account works and who is no administrator yet",
            )
        if Grant.objects.filter(staff=held, state="proposed").exists():
            return Problem("role_proposed", "this is waiting for approval already")
        grant = Grant.objects.create(
            staff=held, role="administrator", reason_note=note.strip()[:300], proposed_by=staff, proposed_at=now,
            state="proposed",
        )  # fmt: skip
        _log_event(held, "role_proposed", now, staff, role="administrator", note=grant.reason_note)
        return grant


def decide_administrator(grant_id: int, signed: bool, staff: Staff, now: datetime) -> Grant | Problem:
    """The second person signs, or declines. Sessions under the former role end."""
    with transaction.atomic():
        grant = Grant.objects.select_for_update().filter(pk=grant_id, state="proposed").first()
        if grant is None:
            return Problem("no_proposal_number", "nothing is waiting under this number")
        if signed and staff.pk in (grant.proposed_by_id, grant.staff_id):
            return Problem(
                "own_role_approval", "it must be approved by somebody who neither proposed it nor is proposed"
            )
        held = Staff.objects.select_for_update().get(pk=grant.staff_id)
        if signed and not held.is_active:
            return Problem("account_disabled", "this account doesn't work any more")
        grant.state, grant.decided_by, grant.decided_at = "signed" if signed else "declined", staff, now
        grant.save(update_fields=["state", "decided_by", "decided_at"])
        if not signed:
            _log_event(held, "role_declined", now, staff, role=grant.role)
            return grant
        before, held.role, held.agency = held.role, grant.role, None
        held.epoch += 1
        held.save(update_fields=["role", "agency", "epoch"])
        _log_event(
            held,
            "role_changed",
            now,
            staff,
            before=before,
            role=grant.role,
            proposed_by=grant.proposed_by.number,
        )
        release_after(held, now, actor=_who(staff))
        return grant


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


def _log_event(held: Staff, what: str, now: datetime, by: Staff, **more: object) -> None:
    """An event of the house: written last in its transaction."""
    evidence.append("access", at=now, actor=_who(by), body={"staff": held.number, "what": what, **more})
