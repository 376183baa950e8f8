"""A second proof of who somebody is: given, taken away, and made again by an administrator when all is lost."""

import secrets
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction

from forbear.actions.staff.account_changes import record_change
from forbear.actions.staff.notices import notify
from forbear.actions.staff.passkeys import read_new
from forbear.actions.staff.verify_second_factor import digest_of_code, step_of
from forbear.core.base.problem import Problem
from forbear.interchange.home.keys import seal
from forbear.store import evidence
from forbear.store.codes import SIGNS
from forbear.store.models import Factor, RecoveryCode, Staff

#: How many codes on paper somebody gets, and how long each is: about 47 bits, with a pace that allows few guesses.
CODES, CODE_LENGTH = 10, 10
MOST_FACTORS = 10


def new_secret() -> str:
    """A secret for an app, as base32."""
    return pyotp.random_base32()


def totp_address(staff: Staff, secret: str) -> str:
    """What an app reads from the picture: otpauth://..."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff.username, issuer_name=settings.HOME.name[1])


def add_totp(staff: Staff, secret: str, code: str, now: datetime, *, actor: str) -> list[str] | Problem:
    """Keep an app's secret once a code from it was shown; new recovery codes if the person had none.

    An app that was there before is replaced: one secret at a time.
    """
    step = step_of(secret, code, 0, now) if secret else None
    if step is None:
        return Problem(
            "authenticator_code_wrong",
            "this is not the code the app shows now; look at the clock of the phone",
        )
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=staff.pk)
        held.factors.filter(kind="totp").delete()
        Factor.objects.create(
            staff=held, kind="totp", name="totp", secret=seal(settings.HOME, "factors", secret), counted=step,
            made_at=now, used_at=now,
        )  # fmt: skip
        return _added(held, "totp", now, actor)


def add_passkey(
    staff: Staff, answer: str, challenge: str, name: str, now: datetime, *, actor: str
) -> list[str] | Problem:
    """Keep a passkey that a browser has just made; new recovery codes if the person had none."""
    passkey = read_new(answer, challenge)
    if isinstance(passkey, Problem):
        return passkey
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=staff.pk)
        if held.factors.count() >= MOST_FACTORS:
            return Problem(
                "too_many_second_factors",
                "nobody has more than %(most)s second factors; remove one first",
                most=MOST_FACTORS,
            )
        if Factor.objects.filter(credential=passkey.credential).exists():
            return Problem("passkey_known", "this passkey is known already")
        Factor.objects.create(
            staff=held, kind="passkey", name=name.strip()[:64] or "passkey", credential=passkey.credential,
            public_key=passkey.public_key, counted=passkey.counted, made_at=now, used_at=now,
        )  # fmt: skip
        return _added(held, "passkey", now, actor)


def _added(staff: Staff, kind: str, now: datetime, actor: str) -> list[str]:
    """Recovery codes for who has none, and the event."""
    fresh = [] if staff.recovery_codes.filter(used_at=None).exists() else _make_codes(staff, now)
    _log_event(staff, "factor_added", now, actor, factor=kind, codes=len(fresh))
    return fresh


def new_codes(staff: Staff, now: datetime, *, actor: str) -> list[str] | Problem:
    """New recovery codes; the former ones are worth nothing any more."""
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=staff.pk)
        if not held.factors.exists():
            return Problem(
                "recovery_codes_first",
                "recovery codes stand in for an app or a passkey; add one of these first",
            )
        fresh = _make_codes(held, now)
        _log_event(held, "codes_made", now, actor, codes=len(fresh))
        return fresh


def _make_codes(staff: Staff, now: datetime) -> list[str]:
    """The codes, shown this once; the table has their digests."""
    staff.recovery_codes.all().delete()
    fresh = ["".join(secrets.choice(SIGNS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(staff=staff, digest=digest_of_code(staff, code), made_at=now) for code in fresh
    )
    return fresh


def remove_factor(staff: Staff, factor_id: int, now: datetime, *, actor: str) -> Factor | Problem:
    """Take one away; the last one only where the role doesn't need any."""
    with transaction.atomic():
        held = Staff.objects.select_for_update().get(pk=staff.pk)
        factor = held.factors.filter(pk=factor_id).first()
        if factor is None:
            return Problem("no_such_second_factor", "there is no such second factor")
        last = held.factors.count() == 1
        if last and held.role in settings.SIGN_IN.second_factor:
            return Problem(
                "last_second_factor",
                "your role signs in with a second factor; add another one before this one goes",
            )
        Factor.objects.filter(pk=factor.pk).delete()
        if last:
            held.recovery_codes.all().delete()
        _log_event(held, "factor_removed", now, actor, factor=factor.kind)
        return factor


def reset_factors(name: str, now: datetime, note: str, *, actor: str) -> Staff | Problem:
    """Take every proof away from somebody who has lost theirs, from the command line; they start again.

    The person who asks is asked back by telephone or in person first: this is what a thief of a password would ask for.
    """
    if not note.strip():
        return Problem(
            "identity_reason_missing", "say why, and how you know who asks; it is saved as evidence"
        )
    with transaction.atomic():
        held = Staff.objects.select_for_update().filter(username=name).first()
        if held is None:
            return Problem("no_such_account_name", "there is no account %(name)s", name=name)
        record_change(held, "factors", None, now, note)
        return remove_all_factors(held, now, note, actor=actor)


def remove_all_factors(held: Staff, now: datetime, note: str, *, actor: str) -> Staff:
    """Take every proof away and end the sessions, in the caller's transaction; the person is told."""
    held.factors.all().delete()
    held.recovery_codes.all().delete()
    held.epoch += 1
    held.wrong = 0
    held.save(update_fields=["epoch", "wrong"])
    _log_event(held, "factors_reset", now, actor, by=actor.removeprefix("staff:"), note=note.strip()[:300])
    return held


def _log_event(staff: Staff, what: str, now: datetime, actor: str, *, by: str = "", **more: object) -> None:
    """Tell the person, and log it as an event of the house: written last in its transaction."""
    notify(staff, what, now, by=by)
    evidence.append("access", at=now, actor=actor, body={"staff": staff.number, "what": what, **more})
