"""A rule pack signed by somebody of compliance: from then on the home's, and never while it gets a case wrong."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.core.permits.case_check import wrong_case
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import Pack
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.pack_cases import put_pack, wrong_with
from forbear.interchange.home.packs import packs_of
from forbear.store import evidence
from forbear.store.models import Staff
from forbear.store.permissions import may

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class SignedPack:
    """What was signed, where it is now, and whether `lender.yaml` names it or a country's pack that brings it in."""

    pack: Pack
    path: Path
    in_force: bool


def sign_pack(file: Path, username: str, reason: str, now: datetime) -> SignedPack | Problem | list[Problem]:
    """Put a new version of a pack into the home; every case that it would get wrong when there is one.

    PackError, CaseError or HomeError when a file can't be used.
    """
    staff = Staff.objects.filter(username=username, is_active=True).first()
    if staff is None:
        return Problem("no_working_account", "there is no working account %(name)s", name=username)
    if not may(staff.role, "desk:rules:try"):
        return Problem("pack_not_yours_to_sign", "a rule pack is signed by somebody of compliance")
    if not reason.strip():
        return Problem("approval_reason_missing", "say why; the approver reads it")
    text = read_text(file)
    new = parse_pack(text, str(file))
    if wrong := wrong_with(settings.HOME, new, file):
        return [wrong_case(one) for one in wrong]
    with transaction.atomic():
        evidence.append(
            "change",
            at=now,
            actor=f"staff:{staff.number}",
            body={
                "what": "pack_signed",
                "pack": new.name,
                "version": new.version,
                "note": reason.strip()[:_LONGEST_REASON],
            },
        )
        path = put_pack(settings.HOME, new, text, file)
    in_force = any(pack.name == new.name for pack in packs_of(settings.HOME))
    return SignedPack(new, path, in_force)
