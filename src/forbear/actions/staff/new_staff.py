"""Make and end accounts of the lender's staff."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import override

from forbear.actions.cases.release import release_after
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Staff
from forbear.store.roles import ROLES


def _in_both(error: ValidationError) -> Problem:
    """What is wrong with a password, in the framework's own words."""
    words = []
    for language in ("en", "zh-hans"):
        with override(language):
            words.append(" ".join(error.messages))
    return Problem(*words)


def make_staff(
    name: str,
    password: str | None,
    role: str,
    number: str,
    now: datetime,
    *,
    actor: str,
    languages: str = "zh",
) -> Staff | Problem:
    """A new account. `number` is what borrowers are told and can check.

    Without a password nobody can sign in with one: as for who signs in by the lender's provider alone.
    """
    if role not in ROLES:
        return Problem(
            f"`{role}` is no role; it is one of {', '.join(ROLES)}",
            f"`{role}` 不是岗位；可选：{'、'.join(ROLES)}",
        )
    if Staff.objects.filter(username=name).exists() or Staff.objects.filter(number=number).exists():
        return Problem(
            f"there is an account with the name {name} or the number {number} already",
            f"已有名称为 {name} 或工号为 {number} 的账号",
        )
    try:
        if password is not None:
            validate_password(password, Staff(username=name))
    except ValidationError as error:
        return _in_both(error)
    with transaction.atomic():
        made = Staff.objects.create_user(
            username=name, password=password, role=role, number=number, languages=languages
        )
        evidence.append("access", at=now, actor=actor, body={"staff": number, "role": role, "what": "made"})
        return made


def change_password(staff: Staff, password: str, now: datetime) -> Staff:
    """A person's own new password, which was looked at before; their other sessions end with the old one."""
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=staff.pk)
        held.set_password(password)
        held.must_change = False
        held.save(update_fields=["password", "must_change"])
        body = {"staff": held.number, "what": "password_changed"}
        evidence.append("access", at=now, actor=f"staff:{held.number}", body=body)
        return held


def edit_staff(name: str, can: Mapping[str, object], now: datetime, *, actor: str) -> Staff | Problem:
    """Change what a person can take: `capacity`, `skills`, `languages`, `team`, and the `line` they are rung on."""
    assert can.keys() <= {"capacity", "skills", "languages", "team", "line"}, can
    if not can:
        return Problem(
            "say what changes: a capacity, skills, languages or a team",
            "请说明要改什么：每日案件数、技能、语言或小组",
        )
    with transaction.atomic():
        found = Staff.objects.select_for_update().filter(username=name, is_active=True).first()
        if found is None:
            return Problem(f"there is no living account {name}", f"没有可用的账号 {name}")
        for field, value in can.items():
            setattr(found, field, value)
        found.save(update_fields=list(can))
        # a line is a telephone number: that it changed is told, not to what
        told = {field: True if field == "line" else value for field, value in can.items()}
        evidence.append(
            "access", at=now, actor=actor, body={"staff": found.number, "what": "changed", **told}
        )
        return found


def end_staff(name: str, now: datetime, *, actor: str) -> Staff | Problem:
    """End an account: it can't sign in any more; what it did stays."""
    with transaction.atomic():
        found = Staff.objects.filter(username=name, is_active=True).first()
        if found is None:
            return Problem(f"there is no living account {name}", f"没有可用的账号 {name}")
        found.is_active = False
        found.save(update_fields=["is_active"])
        evidence.append(
            "access", at=now, actor=actor, body={"staff": found.number, "role": found.role, "what": "ended"}
        )
        release_after(found, now, actor=actor)
        return found
