"""Sealing: each day's events of all borrowers get their places in the log and one signature.

A seal takes every event that no seal has yet and that happened before the end of its day, in the order in which
they were written. An event that was written later, about a day sealed already, goes into the next seal. Where
the clocks of two workers differ around midnight a borrower's earlier event may bear the later moment; it is then
taken along, so that a borrower's events never change their order.
"""

from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from forbear.core.base.merkle import MerkleBuilder
from forbear.core.evidence import log as core
from forbear.core.evidence.anchor import NOTHING_KNOWN, Known, cut_problem
from forbear.core.evidence.log import EvidenceError
from forbear.core.permits.permit import moment_text
from forbear.store.business_date import business_date, day_end
from forbear.store.models import DailySeal, Event, EvidenceLeaf

_BATCH = 2000
#: Any number that is always the same: who seals holds it, so that two workers don't seal at once.
_SEALERS = 0x5EA1
#: No transaction stays open so long. Events that such a one would have written are looked for among all since the
#: seals made before, and `check` looks everywhere.
_LONGEST_TRANSACTION = timedelta(days=7)


def seal_day(day: date, now: datetime, key: Ed25519PrivateKey) -> DailySeal:
    """The seal of a day that is over; made if it isn't there yet, and the same ever after.

    Days are sealed in their order: where a later day has a seal already, AssertionError.
    """
    until = day_end(day)
    assert until <= now, f"{day} is not over yet"
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(%s)", [_SEALERS])
        seal = DailySeal.objects.filter(day=day).first()
        if seal is not None:
            return seal
        before = DailySeal.objects.order_by("-number").first()
        assert before is None or before.day < day, f"{day} can't be sealed after {before and before.day}"
        return _sealed(day, until, now, key, before)


def _sealed(
    day: date, until: datetime, now: datetime, key: Ed25519PrivateKey, before: DailySeal | None
) -> DailySeal:
    first_seq = before.first_seq + before.count if before else 1
    taken, root, settled = _take(until, _settled_before(now))
    daily_seal = core.DailySeal(
        before.number + 1 if before else 1,
        day.isoformat(),
        moment_text(until),
        first_seq,
        len(taken),
        root.hex(),
        core.line_hash(before.line.encode()) if before else "",
        moment_text(now),
        core.key_hex(key.public_key()),
    )
    line = daily_seal.line()
    seal = DailySeal.objects.create(
        number=daily_seal.number,
        day=day,
        made_at=now.replace(microsecond=0),
        first_seq=first_seq,
        count=len(taken),
        settled=settled,
        line=line.decode(),
        signature=core.sign_line(line, key),
    )
    for start in range(0, len(taken), _BATCH):
        EvidenceLeaf.objects.bulk_create(
            [
                EvidenceLeaf(seq=first_seq + start + place, event_id=pk, seal=seal)
                for place, pk in enumerate(taken[start : start + _BATCH])
            ]
        )
    return seal


def _settled_before(now: datetime) -> int:
    """The primary key up to which every event surely has its seal."""
    old = DailySeal.objects.filter(made_at__lt=now - _LONGEST_TRANSACTION).order_by("-number").first()
    return old.settled if old else 0


def _take(until: datetime, after: int) -> tuple[list[int], bytes, int]:
    """The events to be sealed, as primary keys in their order, the root over them, and what is settled then."""
    taken, tree, last = [], MerkleBuilder(), after
    waiting: dict[str, list[tuple[int, str]]] = {}
    rows = Event.objects.filter(pk__gt=after, leaf=None).order_by("pk")
    for pk, borrower, at, hashed in rows.values_list("pk", "borrower", "at", "hash").iterator(
        chunk_size=_BATCH
    ):
        last = pk
        if at >= until:
            waiting.setdefault(borrower, []).append((pk, hashed))
            continue
        for leaf, its_hash in (*waiting.pop(borrower, ()), (pk, hashed)):
            taken.append(leaf)
            tree.add(bytes.fromhex(its_hash))
    first_waiting = min((pk for rest in waiting.values() for pk, _ in rest), default=last + 1)
    return taken, tree.root(), first_waiting - 1


def all_seals() -> list[tuple[int, str, str]]:
    """Every seal as (number, line, signature), in their order."""
    return list(DailySeal.objects.order_by("number").values_list("number", "line", "signature"))


def open_heads() -> list[str]:
    """The hashes of the events that end a chain and have no seal yet."""
    rows = Event.objects.filter(leaf=None, pk__gt=_settled()).order_by("borrower", "-number")
    heads: dict[str, str] = {}
    for borrower, hashed in rows.values_list("borrower", "hash").iterator(chunk_size=_BATCH):
        heads.setdefault(borrower, hashed)
    return list(heads.values())


def _settled() -> int:
    """The primary key up to which every event had its seal when the last but one was made."""
    seals = list(DailySeal.objects.order_by("-number").values_list("settled", flat=True)[:2])
    return seals[-1] if seals else 0


def seal_due(now: datetime, key: Ed25519PrivateKey, known: Known = NOTHING_KNOWN) -> list[DailySeal]:
    """Seal every day that is over and has no seal yet, from the first event's day on; the seals made.

    EvidenceError, and nothing is sealed, when the database lacks a seal that is `known` outside it.
    """
    problem = cut_problem(known, DailySeal.objects.values_list("number", "line"))
    if problem:
        raise EvidenceError(problem)
    yesterday = business_date(now) - timedelta(days=1)
    last = DailySeal.objects.order_by("-number").first()
    if last is not None:
        day = last.day + timedelta(days=1)
    else:
        first = Event.objects.order_by("at").values_list("at", flat=True).first()
        if first is None:
            return []
        day = max(business_date(first), yesterday - timedelta(days=366))
    seals = []
    while day <= yesterday:
        seals.append(seal_day(day, now, key))
        day += timedelta(days=1)
    return seals
