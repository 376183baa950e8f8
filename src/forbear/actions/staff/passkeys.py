"""Passkeys as the library speaks of them: what a browser is asked, and whether its answer is good.

The site is the host of the home's `url`, and answers from any other address are refused. The device must have
asked its owner (by finger, face or PIN), so a passkey alone is already two proofs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from forbear.core.base.problem import Problem
from forbear.store.models import Factor, Staff

_LONGEST = 20_000
#: What the library raises for an answer that isn't as it should be.
_BAD = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is to be asked, as plain values, and the challenge that its answer must hold."""

    options: Mapping[str, object]
    challenge: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey just made: all as base64url but the counter."""

    credential: str
    public_key: str
    counted: int


def ask_new(staff: Staff) -> Asked:
    """Ask for a new passkey; a device that has one for this person already makes none."""
    options = generate_registration_options(
        rp_id=_host(),
        rp_name=settings.HOME.name[1],
        user_id=str(staff.pk).encode(),
        user_name=staff.username,
        exclude_credentials=_known(staff),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return Asked(json.loads(options_to_json(options)), bytes_to_base64url(options.challenge))


def read_new(answer: str, challenge: str) -> NewKey | Problem:
    """The passkey that a browser made."""
    try:
        verified = verify_registration_response(
            credential=_parsed_answer(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=settings.HOME.url,
            require_user_verification=True,
        )
    except _BAD:
        return Problem("device_answer_invalid", "the device's answer can't be used; try once more")
    return NewKey(
        bytes_to_base64url(verified.credential_id),
        bytes_to_base64url(verified.credential_public_key),
        verified.sign_count,
    )


def ask_known(staff: Staff | None) -> Asked:
    """Ask for a passkey this person has, or, with nobody named yet, for any that the device has for this site."""
    options = generate_authentication_options(
        rp_id=_host(),
        allow_credentials=_known(staff) if staff else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(json.loads(options_to_json(options)), bytes_to_base64url(options.challenge))


def credential_of(answer: str) -> str:
    """Which passkey an answer says it is of; empty when it can't be read."""
    try:
        named = _parsed_answer(answer).get("id", "")
    except ValueError:
        return ""
    return named if isinstance(named, str) else ""


def counter_of(answer: str, challenge: str, key: Factor) -> int | Problem:
    """The passkey's new counter, when its answer is good."""
    try:
        verified = verify_authentication_response(
            credential=_parsed_answer(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=settings.HOME.url,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.counted,
            require_user_verification=True,
        )
    except _BAD:
        return Problem("passkey_answer_invalid", "the passkey's answer can't be used; try once more")
    return verified.new_sign_count


def _parsed_answer(answer: str) -> dict:
    if len(answer) > _LONGEST:
        raise ValueError("longer than any answer")
    payload = json.loads(answer)
    if not isinstance(payload, dict):
        raise ValueError("no answer of a browser")
    return payload


def _known(staff: Staff) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential))
        for credential in staff.factors.filter(kind="passkey").values_list("credential", flat=True)
        if credential is not None
    ]


def _host() -> str:
    return urlsplit(settings.HOME.url).hostname or "localhost"
