"""Somebody whom the lender's OpenID provider vouches for: whose account that is, and what its role is now.

The provider's own number of a person is bound to one account at the first sign-in, by the e-mail address on file that
the provider has verified. A name binds nothing: who names themselves like an administrator gets nowhere. From then on
the address may change and nobody else can come in by it. Nobody becomes an administrator here, and an administrator's
role isn't touched.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from forbear.actions.cases.release import release_after
from forbear.actions.staff.account_changes import record_change
from forbear.actions.staff.notices import notify
from forbear.core.base.problem import Problem
from forbear.core.staff.sign_in import Sso
from forbear.store import evidence
from forbear.store.models import Staff

_STRANGER = Problem(
    "sso_no_account",
    "Your company account is right, but you have no account here that works. Ask an administrator.",
)
_NO_ROLE = Problem(
    "sso_no_role",
    "Your company account doesn't say what you may do here. Ask the person who manages its groups.",
)


def sso_login(claims: Mapping[str, object], sso: Sso, now: datetime) -> Staff | Problem:
    """The account of whom these claims are about; the claims were proved before."""
    digest = hashlib.sha256(f"{sso.issuer}|{claims['sub']}".encode()).hexdigest()
    name = claims.get(sso.name_claim)
    role = _role(claims, sso)
    with transaction.atomic():
        staff = Staff.objects.select_for_update().filter(sso=digest).first()
        if staff is None and (address := _verified_address(claims)):
            accounts = Staff.objects.select_for_update().filter(email__iexact=address, sso=None)
            staff = accounts[0] if len(accounts[:2]) == 1 else None
            if staff is not None and not staff.is_active:
                return _STRANGER
            if staff is not None:
                staff.sso = digest
                staff.save(update_fields=["sso"])
                _log_event(staff, "sso_bound", now)
        if staff is None:
            return _new_account(name, _verified_address(claims), digest, role, sso, now)
        if not staff.is_active:
            return _STRANGER
        if sso.roles and staff.role != "administrator":
            if not role:
                return _NO_ROLE
            if staff.role != role:
                before, staff.role = staff.role, role
                staff.save(update_fields=["role"])
                notify(staff, "role_changed", now, by=sso.name[1])
                record_change(staff, "role", None, now, before=before)
                _log_event(staff, "role_changed", now, before=before, role=role)
                release_after(staff, now, actor="sso")
        return staff


def _verified_address(claims: Mapping[str, object]) -> str:
    """The e-mail address that the provider has verified; "" for none."""
    address = claims.get("email")
    return address if isinstance(address, str) and claims.get("email_verified") is True else ""


def _new_account(
    name: object, address: str, digest: str, role: str, sso: Sso, now: datetime
) -> Staff | Problem:
    """A new account, if the lender lets the provider's people in."""
    if not sso.make_accounts or not isinstance(name, str) or not 0 < len(name) <= 150:
        return _STRANGER
    if not role:
        return _NO_ROLE
    if Staff.objects.filter(username=name).exists():
        return _STRANGER  # an account of that name is bound to somebody else
    staff = Staff(username=name, role=role, number=_number(), sso=digest, email=address[:254])
    staff.set_unusable_password()
    staff.save()
    record_change(staff, "account", None, now)
    _log_event(staff, "made", now, role=role)
    return staff


def _role(claims: Mapping[str, object], sso: Sso) -> str:
    """The first role that fits what the claim says; "" when none does."""
    claimed = claims.get(sso.role_claim, [])
    values = {str(role) for role in claimed} if isinstance(claimed, list) else {str(claimed)}
    return next((role for value, role in sso.roles if value in values), "")


def _number() -> str:
    """A number that nobody has; an administrator may give a better one."""
    while True:
        number = f"S{secrets.randbelow(10**6):06d}"
        if not Staff.objects.filter(number=number).exists():
            return number


def _log_event(staff: Staff, what: str, now: datetime, **more: object) -> None:
    """An event of the house: written last in its transaction."""
    evidence.append("access", at=now, actor="sso", body={"staff": staff.number, "what": what, **more})
