"""Is it really them? A code from an app, a passkey, or a code on paper, each taken once, and few wrong ones.

Guesses are slowed down for each person over all processes and addresses, and after ten wrong proofs in a row the
account is locked: anyone who got so far knew the password.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction

from forbear.actions.cases.release import release_after
from forbear.actions.staff.notices import notify
from forbear.actions.staff.passkeys import counter_of, credential_of
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.interchange.home import clock
from forbear.interchange.home.keys import secrets_of, unseal
from forbear.store import evidence
from forbear.store.codes import SIGNS
from forbear.store.models import Factor, Staff
from forbear.store.models.staff import LOCKED
from forbear.store.rate_limit import take_token

#: Wrong proofs in a row until the account is locked, and how fast anybody may try at all.
MOST_WRONG = 10
PER_MINUTE, BURST = 1.0, 6
_STEP_SECONDS = 30
_WRONG = Problem("second_factor_wrong", "this second factor is not right, or was used already")


def step_of(secret: str, code: str, taken: int, now: datetime) -> int | None:
    """The step of 30 seconds whose code this is: now, the one before or the one after, and none up to `taken`."""
    digits = code.replace(" ", "")
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    computed = pyotp.TOTP(secret)
    # the app counts by the world's time, whatever a demo's clock says
    present = int((now - clock.ahead(settings.HOME)).timestamp()) // _STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if step > taken and hmac.compare_digest(computed.generate_otp(step), digits):
            return step
    return None


def digest_of_code(staff: Staff, code: str) -> str:
    """What is kept of a recovery code: a digest that needs the home's key, so the table alone can't be tried out."""
    return _digests(staff, code)[0]


def _digests(staff: Staff, code: str) -> list[str]:
    """The digest of a recovery code with the home's key, and with each former one."""
    salted = f"{staff.pk}:{_plain(code)}".encode()
    return [hmac.new(key, salted, hashlib.sha256).hexdigest() for key in secrets_of(settings.HOME, "factors")]


def _plain(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign in SIGNS)


def check_code(staff: Staff, code: str, now: datetime) -> str | Problem:
    """Take a code from the app or from paper: `totp` or `recovery`, or what is wrong."""
    return _checked(staff, now, lambda held: _take_code(held, code, now))


def check_passkey(staff: Staff, answer: str, challenge: str, now: datetime) -> str | Problem:
    """Take a passkey's answer: `passkey`, or what is wrong."""
    return _checked(staff, now, lambda held: _take_passkey(held, answer, challenge, now))


def owner_of(answer: str) -> Staff | None:
    """Whose passkey an answer says it is of; nothing is proved by that."""
    named = credential_of(answer)
    factor = Factor.objects.select_related("staff").filter(kind="passkey", credential=named).first()
    return factor.staff if factor and named and factor.staff.is_active else None


def _checked(staff: Staff, now: datetime, take: Callable[[Staff], str | None]) -> str | Problem:
    wait = take_token(f"factor:{staff.pk}", now, per_minute=PER_MINUTE, burst=BURST)
    if wait:
        return Problem(
            "too_many_attempts", "tried too often; wait %(seconds)s seconds", seconds=int(wait) + 1
        )
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=staff.pk)
        if not held.is_active:
            return _WRONG
        kind = take(held)
        if kind is None:
            return _count_wrong_code(held, now)
        if held.wrong:
            held.wrong = 0
            held.save(update_fields=["wrong"])
        if kind == "recovery":
            notify(held, "recovery_used", now)
            left = held.recovery_codes.filter(used_at=None).count()
            evidence.append(
                "access", at=now, actor=f"staff:{held.number}",
                body={"staff": held.number, "what": "recovery_used", "left": left},
            )  # fmt: skip
        return kind


def _count_wrong_code(staff: Staff, now: datetime) -> Problem:
    staff.wrong += 1
    if staff.wrong >= MOST_WRONG:
        staff.is_active, staff.locked_at = False, now
        staff.locked_reason = Reason.of("wrong_proofs", times=staff.wrong)
        staff.epoch += 1
    staff.save(update_fields=["wrong", "is_active", *LOCKED, "epoch"])
    if staff.locked_at == now:
        evidence.append(
            "access", at=now, actor="sign-in",
            body={"staff": staff.number, "what": "locked", "reason": staff.locked_reason.as_dict()},
        )  # fmt: skip
        release_after(staff, now, actor="sign-in")
    return _WRONG


def _take_code(staff: Staff, code: str, now: datetime) -> str | None:
    app = staff.factors.filter(kind="totp").first()
    step = step_of(unseal(settings.HOME, "factors", app.secret), code, app.counted, now) if app else None
    if app is not None and step is not None:
        app.counted, app.used_at = step, now
        app.save(update_fields=["counted", "used_at"])
        return "totp"
    used = staff.recovery_codes.filter(digest__in=_digests(staff, code), used_at=None).update(used_at=now)
    return "recovery" if used else None


def _take_passkey(staff: Staff, answer: str, challenge: str, now: datetime) -> str | None:
    key = staff.factors.filter(kind="passkey", credential=credential_of(answer)).first()
    counted = counter_of(answer, challenge, key) if key else _WRONG
    if key is None or isinstance(counted, Problem):
        return None
    key.counted, key.used_at = counted, now
    key.save(update_fields=["counted", "used_at"])
    return "passkey"
