"""A rule pack signed by two people of compliance: from then on the home's, and never while it gets a case wrong.

The first signature proposes a version, the second, another person's, puts it into the home. Until then the version
that was signed before binds, whatever the files say.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.base.problem import Problem
from forbear.core.permits.case_check import wrong_case
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import Pack
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.pack_cases import put_pack, wrong_with
from forbear.interchange.home.packs import packs_of
from forbear.store import evidence
from forbear.store.models import Event, Staff
from forbear.store.permissions import may

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class SignedPack:
    """What was signed, where it is now, and whether `lender.yaml` names it or a country's pack that brings it in."""

    pack: Pack
    path: Path
    in_force: bool


@dataclass(frozen=True, slots=True)
class ProposedPack:
    """A version that has its first signature, and waits for another person's."""

    pack: Pack


def sign_pack(
    file: Path, username: str, reason: str, now: datetime
) -> SignedPack | ProposedPack | Problem | list[Problem]:
    """Sign a version of a pack; the second person's signature puts it into the home.

    Every case that it would get wrong when there is one. PackError, CaseError or HomeError when a file can't be used.
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
    proposers = _proposers(new)
    others = [number for number in proposers if number != staff.number]
    first = Staff.objects.filter(number__in=others).first()
    if first is None:
        with transaction.atomic():
            _log_event("pack_proposed", new, staff, reason, now)
        return ProposedPack(new)
    if in_one_hand := signature_problem([first.pk], staff, now):
        return in_one_hand
    with transaction.atomic():
        _log_event("pack_signed", new, staff, reason, now)
        path = put_pack(settings.HOME, new, text, file)
    in_force = any(pack.name == new.name for pack in packs_of(settings.HOME))
    return SignedPack(new, path, in_force)


def _proposers(pack: Pack) -> list[str]:
    """The staff numbers of those who proposed this very version."""
    changes = Event.objects.filter(kind="change", line__contains=f'"version":"{pack.version}"')
    lines = [json.loads(line) for line in changes.order_by("id").values_list("line", flat=True)]
    return [
        str(line["actor"]).removeprefix("staff:")
        for line in lines
        if line["body"].get("what") == "pack_proposed" and line["body"].get("pack") == pack.name
    ]


def _log_event(what: str, pack: Pack, staff: Staff, reason: str, now: datetime) -> None:
    """An event of the house: written last in its transaction."""
    evidence.append(
        "change",
        at=now,
        actor=f"staff:{staff.number}",
        body={
            "what": what,
            "pack": pack.name,
            "version": pack.version,
            "note": reason.strip()[:_LONGEST_REASON],
        },
    )
