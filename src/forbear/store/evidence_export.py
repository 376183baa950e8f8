"""Everything the log has about one borrower, ready to be packed into a bundle."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from forbear.core.base.merkle import Tree
from forbear.core.evidence.bundle import ATTACHMENTS, Evidence, Part, Proof, Value, bundle
from forbear.core.evidence.log import EvidenceError
from forbear.core.permits.permit import moment_text
from forbear.store.evidence import append, attachment_path, erasures, lock_chain
from forbear.store.models import Attachment, DailySeal, Event, EvidenceLeaf, PersonalValue

_CHUNK = 1 << 20


def export(
    borrower_id: str,
    now: datetime,
    key: Ed25519PrivateKey,
    *,
    actor: str,
    reason: str = "",
    timeline: bytes = b"",
) -> list[Part] | None:
    """The files of a borrower's bundle, None when the log has nothing about them.

    `timeline` is a page for people that goes with it. That it was handed out is written into the log first, and
    so stands in the bundle itself. Attachments are read when the parts are packed. EvidenceError when the log
    is damaged.
    """
    try:
        with transaction.atomic():
            # holding the chain's end keeps events and erasures out between the queries
            if lock_chain(borrower_id) == 0:
                return None
            append("export", at=now, actor=actor, borrower=borrower_id, body={"reason": reason})
            evidence = replace(evidence_of(borrower_id), timeline=timeline)
        lender = " / ".join(dict.fromkeys(settings.HOME.name))
        return bundle(evidence, lender, borrower_id, moment_text(now), key)
    except (ValueError, OSError):
        raise EvidenceError(
            f"the log of borrower {borrower_id} is damaged; `forbear evidence check` says where"
        ) from None


def evidence_of(borrower_id: str) -> Evidence:
    """The log's part about a borrower. The caller is in a transaction that holds the chain."""
    events = Event.objects.filter(borrower=borrower_id).order_by("number")
    numbers = dict(events.values_list("pk", "number"))
    return Evidence(
        [line.encode() for line in events.values_list("line", flat=True)],
        _proofs(borrower_id, numbers),
        sorted(_values(borrower_id, numbers), key=lambda value: (value.number, value.field)),
        [(seal.line.encode(), seal.signature) for seal in DailySeal.objects.order_by("number")],
        _attachments(borrower_id),
    )


def _values(borrower_id: str, numbers: dict[int, int]) -> Iterator[Value]:
    """The personal values that have not been erased. ValueError for one of which only the salt or the text is left."""
    kept = PersonalValue.objects.filter(event__borrower=borrower_id)
    for value in kept.exclude(salt=None, value=None):
        if value.salt is None or value.value is None:
            raise ValueError(f"half of {value.field} of event {numbers[value.event_id]} is gone")
        yield Value(numbers[value.event_id], value.field, bytes.fromhex(value.salt), json.loads(value.value))


def _proofs(borrower_id: str, numbers: dict[int, int]) -> list[Proof]:
    """The proof of each event, in their order; days are read one after another."""
    leaves = list(EvidenceLeaf.objects.filter(event__borrower=borrower_id).order_by("seq"))
    by_event = {leaf.event_id: leaf for leaf in leaves}
    trees: dict[int, tuple[Tree, int]] = {}
    proofs = []
    for pk, number in numbers.items():
        leaf = by_event.get(pk)
        if leaf is None:
            proofs.append(Proof(number, 0, 0, b""))
            continue
        if leaf.seal_id not in trees:
            trees = {leaf.seal_id: _tree(leaf.seal_id)}  # events go by days: one tree at a time is enough
        tree, first_seq = trees[leaf.seal_id]
        proofs.append(Proof(number, leaf.seal_id, leaf.seq, tree.path(leaf.seq - first_seq)))
    return proofs


def _tree(seal: int) -> tuple[Tree, int]:
    rows = EvidenceLeaf.objects.filter(seal=seal).order_by("seq").values_list("event__hash", flat=True)
    return Tree([bytes.fromhex(leaf) for leaf in rows.iterator()]), DailySeal.objects.get(
        number=seal
    ).first_seq


def _attachments(borrower_id: str) -> list[Part]:
    """The files that the borrower's events name and that have not been erased for them."""
    last = {}
    rows = Event.objects.filter(borrower=borrower_id, enclosures__isnull=False).order_by("number")
    for number, digest in rows.values_list("number", "enclosures__attachment"):
        last[digest] = number
    erased = erasures(borrower_id)
    kept = [digest for digest, number in last.items() if not erased.explains_attachment(digest, number)]
    parts = []
    for attachment in Attachment.objects.filter(sha256__in=kept).order_by("sha256"):
        path = attachment_path(attachment.sha256)
        name, size = ATTACHMENTS + attachment.sha256, path.stat().st_size
        parts.append(Part(name, size, attachment.media_type, partial(_chunks, path)))
    return parts


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk
