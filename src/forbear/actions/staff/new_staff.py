"""Make and end accounts of the lender's staff."""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import override

from forbear.actions.cases.release import release_after
from forbear.actions.contacts.queue_contact import stored_point
from forbear.actions.staff.notices import notify
from forbear.core.base.problem import Problem, with_hint
from forbear.core.files.hints import nearest, one_of
from forbear.interchange.home.country import language_of
from forbear.store import evidence
from forbear.store.models import Staff
from forbear.store.roles import ROLES

#: What of an account can be edited.
EDITABLE = frozenset(
    (
        "capacity",
        "skills",
        "creditors",
        "languages",
        "team",
        "line",
        "phone",
        "email",
        "cares",
        "certificate",
        "certified_until",
    ),
)


def _password_problem(error: ValidationError) -> Problem:
    """What is wrong with a password: the framework's own sentences, in each of the product's languages."""
    texts = {}
    for code, _ in settings.LANGUAGES:
        with override(code):
            texts[code.partition("-")[0]] = " ".join(error.messages)
    return Problem("password_invalid", "%(reasons)s", reasons=texts)


def make_staff(
    name: str,
    password: str | None,
    role: str,
    number: str,
    now: datetime,
    *,
    actor: str,
    languages: str = "",
) -> Staff | Problem:
    """A new account. `number` is what borrowers are given and can check.

    Without a password nobody can sign in with one: as for who signs in by the lender's provider alone.
    """
    if role not in ROLES:
        return Problem(
            "role_unknown", "`%(role)s` is no role; it is one of %(roles)s", role=role, roles=tuple(ROLES)
        )
    if Staff.objects.filter(username=name).exists() or Staff.objects.filter(number=number).exists():
        return Problem(
            "account_exists",
            "there is an account with the name %(name)s or the number %(number)s already",
            name=name,
            number=number,
        )
    try:
        if password is not None:
            validate_password(password, Staff(username=name))
    except ValidationError as error:
        return _password_problem(error)
    with transaction.atomic():
        staff = Staff.objects.create_user(
            username=name,
            password=password,
            role=role,
            number=number,
            languages=languages or language_of(settings.HOME),
        )
        evidence.append("access", at=now, actor=actor, body={"staff": number, "role": role, "what": "made"})
        return staff


def change_password(staff: Staff, password: str, now: datetime) -> Staff:
    """A person's own new password, which was looked at before; their other sessions end with the old one."""
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=staff.pk)
        held.set_password(password)
        held.must_change = False
        held.save(update_fields=["password", "must_change"])
        notify(held, "password_changed", now)
        body = {"staff": held.number, "what": "password_changed"}
        evidence.append("access", at=now, actor=f"staff:{held.number}", body=body)
        return held


#: What is personal by its name is logged under another one.
_LOGGED_AS = {"phone": "own_telephone", "email": "own_email"}


def edit_staff(name: str, can: Mapping[str, object], now: datetime, *, actor: str) -> Staff | Problem:
    """Change what a person can take: `capacity`, `skills`, `creditors`, `languages`, `team`, the `line` they are rung
    on, their own `phone` and `email`, whether they `cares`: are trained for vulnerable customers, and their
    `certificate` with the day until which it is valid, `certified_until`.
    """
    assert can.keys() <= EDITABLE, can
    if not can:
        return Problem("nothing_to_change", "say what changes: a capacity, skills, languages or a team")
    with transaction.atomic():
        staff = Staff.objects.select_for_update().filter(username=name, is_active=True).first()
        if staff is None:
            return Problem("no_working_account", "there is no working account %(name)s", name=name)
        if problem := _creditors_problem(staff, can):
            return problem
        for field, value in can.items():
            setattr(staff, field, stored_point("phone", str(value)) if field == "line" else value)
        staff.save(update_fields=list(can))
        # a line or phone is a telephone number: that it changed is logged, not to what
        changes = {
            _LOGGED_AS.get(field, field): True if field in ("line", "phone", "email") else _written(value)
            for field, value in can.items()
        }
        evidence.append(
            "access", at=now, actor=actor, body={"staff": staff.number, "what": "changed", **changes}
        )
        if "creditors" in can:
            release_after(staff, now, actor=actor)
        return staff


def _creditors_problem(staff: Staff, can: Mapping[str, object]) -> Problem | None:
    """Why somebody can't be limited so: to creditors that nobody declared, or in a role that sees all."""
    codes = [code for code in str(can.get("creditors", "")).split(",") if code]
    known = settings.HOME.creditor_codes
    if unknown := next((code for code in codes if code not in known), ""):
        hint = nearest(unknown, known) or one_of(known)
        return with_hint(
            Problem("no_such_creditor", "there is no creditor %(creditor)s", creditor=unknown), hint
        )
    if codes and staff.role != "collector":
        return Problem("creditors_for_collectors", "only collectors are limited to creditors")
    return None


def _written(value: object) -> object:
    """A value as evidence has it."""
    return value.isoformat() if isinstance(value, date) else value if value is not None else ""


def end_staff(name: str, now: datetime, *, actor: str) -> Staff | Problem:
    """End an account: it can't sign in any more; what it did stays."""
    with transaction.atomic():
        staff = Staff.objects.filter(username=name, is_active=True).first()
        if staff is None:
            return Problem("no_working_account", "there is no working account %(name)s", name=name)
        staff.is_active = False
        staff.save(update_fields=["is_active"])
        evidence.append(
            "access", at=now, actor=actor, body={"staff": staff.number, "role": staff.role, "what": "ended"}
        )
        release_after(staff, now, actor=actor)
        return staff
