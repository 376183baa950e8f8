"""The only writer of the evidence log.

An act and its event are written in one transaction, or neither is. A borrower's events form a chain without
gaps: each names the hash of the one before, and the row of the chain's head is held while the next is written.
So events of one borrower wait for one another and those of different borrowers don't. An event's place among all
events is given when its day is sealed (see `store.evidence_seal`), not here, where it would make everybody wait.

A transaction that writes about several borrowers does so by one `append_many`, which holds the chains in the order
of their names; two that held them in different orders would wait for each other, and the database ends one of them.

Events of the house itself, without a borrower, form one chain too. Write them last in a transaction: until it
commits, no other event of the house can be written.
"""

import hashlib
import os
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Model

from forbear.core.base.canonical import canonical
from forbear.core.base.reason import Reason
from forbear.core.evidence import log as core
from forbear.core.permits.permit import moment_text
from forbear.store import rows
from forbear.store.bulk import fill
from forbear.store.models import Attachment, Event, EventAttachment, EvidenceChain, PersonalValue

#: Borrowers whose heads are held by one query.
_BATCH = 500
_ERASURE = "erasure"
_BEGIN = "insert into store_evidencechain (borrower, number, hash) values (%s, 0, '') on conflict do nothing"
_MOVE = "update store_evidencechain set number = %s, hash = %s where borrower = %s"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be written; see `append`."""

    kind: str
    at: datetime
    actor: str
    body: Mapping[str, object]
    borrower: str = ""
    personal: Mapping[str, object] = field(default_factory=dict)
    attachments: Sequence[str] = ()


def append(
    kind: str,
    *,
    at: datetime,
    actor: str,
    body: Mapping[str, object],
    borrower: str = "",
    personal: Mapping[str, object] | None = None,
    attachments: Sequence[str] = (),
    new_rows: Sequence[Model] = (),
) -> None:
    """Write one event in the caller's transaction.

    `kind` is one of `core.evidence_kinds.KINDS`. `body` has ids, codes, digests and amounts in minor units;
    whatever names or describes a person goes into `personal`, field by field, where it can be erased later.
    `attachments` are digests that `store_attachment` gave. `new_rows` are new rows of the act itself, written in
    the same round trip. AssertionError for what no event may say.
    """
    entry = Entry(kind, at, actor, body, borrower, personal or {}, attachments)
    assert transaction.get_connection().in_atomic_block, "an act and its event are written in one transaction"
    head = _held_head(borrower)
    event, values = _chained(entry, head)
    move: rows.Text = (_MOVE, [head.number, head.hash, head.borrower])
    if not entry.personal and not entry.attachments:
        rows.insert_many([*new_rows, event], then=move)
        return
    for row in new_rows:
        rows.insert_many([row])
    rows.insert(event)  # what belongs to it names it by the key the database gives
    for value in values:
        value.event = event
        rows.insert_many([value])
    rows.insert_many(_enclosures(event, entry), then=move)


def append_night(entries: Sequence[Entry]) -> int:
    """Write the events of a whole night, none with personal values or attachments, in their order; how many.

    The same as `append_many`, for a hundred thousand of them: the chains are held by one statement, and events and
    heads go in by `fill`.
    """
    assert transaction.get_connection().in_atomic_block, "an act and its event are written in one transaction"
    assert not any(entry.personal or entry.attachments for entry in entries), "a night tells codes only"
    adapt, lock = connection.ops.adapt_datetimefield_value, connection.features.has_select_for_update
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table chained (borrower varchar(64) primary key, number integer, hash varchar(64))"
        )
        fill("chained", ("borrower",), [(name,) for name in sorted({entry.borrower for entry in entries})])
        cursor.execute(
            "insert into store_evidencechain (borrower, number, hash) select borrower, 0, '' from chained "
            "where true order by borrower on conflict do nothing"
        )
        cursor.execute(
            "select h.borrower, h.number, h.hash from store_evidencechain h join chained c on c.borrower = h.borrower "
            "order by h.borrower" + (" for update of h" if lock else "")
        )
        ends = {name: (number, last) for name, number, last in cursor.fetchall()}
        event_rows = _event_rows(entries, ends, adapt)
        written = fill(
            "store_event", ("event_id", "borrower", "number", "kind", "at", "line", "hash"), event_rows
        )
        cursor.execute("delete from chained")
        fill(
            "chained",
            ("borrower", "number", "hash"),
            ((name, number, last) for name, (number, last) in ends.items()),
        )
        cursor.execute(
            "update store_evidencechain set number = c.number, hash = c.hash from chained c "
            "where c.borrower = store_evidencechain.borrower"
        )
        cursor.execute("drop table chained")
    return written


def append_many(entries: Iterable[Entry]) -> list[Event]:
    """Write events in their order, all in the caller's transaction."""
    entries = list(entries)
    assert transaction.get_connection().in_atomic_block, "an act and its event are written in one transaction"
    heads = _held_heads(sorted({entry.borrower for entry in entries}))
    events, values, enclosed = [], [], []
    for entry in entries:
        event, personal = _chained(entry, heads[entry.borrower])
        events.append(event)
        values += personal
        enclosed += _enclosures(event, entry)
    Event.objects.bulk_create(events, batch_size=_BATCH)
    PersonalValue.objects.bulk_create(values, batch_size=_BATCH)
    EventAttachment.objects.bulk_create(enclosed, batch_size=_BATCH)
    _move_heads(list(heads.values()))
    return events


def _enclosures(event: Event, entry: Entry) -> list[EventAttachment]:
    return [EventAttachment(event=event, attachment_id=digest) for digest in dict.fromkeys(entry.attachments)]


def _event_rows(
    entries: Iterable[Entry], ends: dict[str, tuple[int, str]], adapt: Callable[[datetime], object]
) -> Iterator[tuple]:
    """The rows of events without personal values, each after the end of its chain, which moves on."""
    last_at: datetime | None = None
    for entry in entries:
        if entry.at is not last_at:  # a night's events all have one moment
            last_at, at = entry.at, entry.at.replace(microsecond=0)
            text, kept = moment_text(at), adapt(at)
        number, last = ends[entry.borrower]
        event_id = str(uuid.uuid4())
        line = _line(entry, event_id, text, number + 1, last, {})
        ends[entry.borrower] = number + 1, core.event_hash(line)
        yield (
            event_id,
            entry.borrower,
            number + 1,
            entry.kind,
            kept,
            line.decode(),
            ends[entry.borrower][1],
        )


def _line(
    entry: Entry, event_id: str, at: str, number: int, last: str, commitments: Mapping[str, str]
) -> bytes:
    return core.Event(
        event_id,
        at,
        entry.kind,
        entry.borrower,
        number,
        last,
        entry.actor,
        dict(entry.body),
        dict(commitments),
        tuple(dict.fromkeys(entry.attachments)),
    ).line()


def _chained(entry: Entry, head: EvidenceChain) -> tuple[Event, list[PersonalValue]]:
    """The entry as the event after `head`, which moves on, and its personal values."""
    event = Event(event_id=str(uuid.uuid4()), borrower=entry.borrower, kind=entry.kind)
    values, commitments = [], {}
    for name, plain in entry.personal.items():
        salt, value = secrets.token_bytes(core.SALT), _canonical(entry, plain)
        commitments[name] = core.commitment(salt, value)
        values.append(PersonalValue(event=event, field=name, salt=salt.hex(), value=value.decode()))
    event.at = entry.at.replace(microsecond=0)
    event.number = head.number + 1
    line = _line(entry, event.event_id, moment_text(event.at), event.number, head.hash, commitments)
    event.line, event.hash = line.decode(), core.event_hash(line)
    head.number, head.hash = event.number, event.hash
    return event, values


def _canonical(entry: Entry, value: object) -> bytes:
    try:
        return canonical(value)
    except ValueError as error:
        raise AssertionError(f"a personal value of an event of kind {entry.kind} is {error}") from None


def lock_chain(borrower_id: str) -> int:
    """How many events a borrower has; until the transaction ends nobody adds or erases one."""
    if not EvidenceChain.objects.filter(borrower=borrower_id).exists():
        return 0
    return _held_head(borrower_id).number


def _held_head(borrower: str) -> EvidenceChain:
    """The head of one chain, held until the transaction ends; a chain that is begun here gets its row.

    Two may begin one at once: the second waits at the insert, then finds the row of the first.
    """
    head = rows.get_for_update(EvidenceChain, borrower)
    if head is not None:
        return head
    with rows.statement_cursor() as cursor:
        cursor.execute(_BEGIN, [borrower])
        mine = cursor.rowcount == 1
    head = (
        EvidenceChain(borrower=borrower, number=0, hash="")
        if mine
        else rows.get_for_update(EvidenceChain, borrower)
    )
    assert head is not None, "the head of a chain is never deleted"
    return head


def _held_heads(borrowers: list[str]) -> dict[str, EvidenceChain]:
    """The heads of these chains, held until the transaction ends, always in the order of their names.

    On SQLite the transaction itself is the lock: it began as a writer (see config.database).
    """
    chains: dict[str, EvidenceChain] = {}
    for start in range(0, len(borrowers), _BATCH):
        batch = borrowers[start : start + _BATCH]
        heads = _select_heads(batch)
        new = [name for name in batch if name not in heads]
        if new:
            # two workers may begin one chain at once: the second waits here, then finds the first one's row
            fresh = [EvidenceChain(borrower=name, number=0, hash="") for name in new]
            EvidenceChain.objects.bulk_create(fresh, ignore_conflicts=True)
            heads |= _select_heads(new)
        chains |= heads
    return chains


def _select_heads(borrowers: list[str]) -> dict[str, EvidenceChain]:
    held = EvidenceChain.objects.select_for_update().filter(borrower__in=borrowers).order_by("borrower")
    return {head.borrower: head for head in held}


def _move_heads(heads: list[EvidenceChain]) -> None:
    EvidenceChain.objects.bulk_create(
        heads,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["borrower"],
        update_fields=["number", "hash"],
    )


# attachments


def attachment_path(digest: str) -> Path:
    """Where an attachment lies: `data/attachments/ab/cdef...` in the home."""
    return settings.HOME.folder / "data" / "attachments" / digest[:2] / digest[2:]


def store_attachment(content: bytes, media_type: str) -> str:
    """Keep a file and give its SHA-256, by which events name it. Called again with equal bytes it keeps one.

    Call it in the transaction that writes the event. The file is on disk, whole, before the row is written: a row
    never names a file that isn't there. A crash in between leaves a file without a row, which does no harm and is
    used when the bytes come again.
    """
    assert transaction.get_connection().in_atomic_block, "a file and its event are written in one transaction"
    digest = hashlib.sha256(content).hexdigest()
    row = _held_attachment(digest)
    path = attachment_path(digest)
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        _keep_file(path, content)
    if row is None:
        attachment = Attachment(sha256=digest, media_type=media_type, size=len(content))
        # who kept the same bytes meanwhile has written the same row
        Attachment.objects.bulk_create([attachment], ignore_conflicts=connection.vendor == "postgresql")
    elif row.erased_at is not None:
        Attachment.objects.filter(sha256=digest).update(erased_at=None)
    return digest


def _held_attachment(digest: str) -> Attachment | None:
    """The row of an attachment, held until the transaction ends."""
    return Attachment.objects.select_for_update().filter(sha256=digest).first()


def _drop_file(digest: str) -> None:
    """Remove the file of an erased attachment, unless its bytes have been kept again."""
    with transaction.atomic():
        row = _held_attachment(digest)
        if row is not None and row.erased_at is not None:
            attachment_path(digest).unlink(missing_ok=True)


def _keep_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kept_file = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(kept_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        kept_file.replace(path)
    finally:
        kept_file.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# erasing


def erase(
    borrower_id: str,
    now: datetime,
    actor: str,
    fields: Sequence[str] = (),
    attachments: Sequence[str] = (),
    *,
    reason: Reason,
) -> Event:
    """Erase personal values and attachments of a borrower, and write the event that says so.

    Of every event so far the values of these fields are emptied; an attachment's file goes too unless it is still
    kept for another borrower. The chain stays as it was: it holds
    commitments only. Copies in backups and in bundles handed out are beyond reach.
    """
    assert transaction.get_connection().in_atomic_block, "an act and its event are written in one transaction"
    for digest in sorted(set(attachments)):
        _held_attachment(digest)  # before the chain, as anyone who keeps a file and then writes its event
    head = _held_head(borrower_id)
    mine = EventAttachment.objects.filter(event__borrower=borrower_id, attachment_id__in=attachments)
    digests = sorted(set(mine.values_list("attachment_id", flat=True)))
    body = core.Erasure(head.number, tuple(sorted(set(fields))), tuple(digests)).body()
    (event,) = append_many([Entry(_ERASURE, now, actor, body | {"reason": reason.as_dict()}, borrower_id)])
    PersonalValue.objects.filter(
        event__borrower=borrower_id, event__number__lt=event.number, field__in=fields
    ).update(salt=None, value=None)
    for digest in digests:
        if not _needed(digest):
            Attachment.objects.filter(sha256=digest).update(erased_at=now)
            # the file goes once the event is sure; `check` finds one that a crash left behind
            transaction.on_commit(partial(_drop_file, digest))
    return event


def drop_files(digests: Iterable[str], now: datetime) -> list[str]:
    """Erase files that no borrower's event names, or whose every borrower's was erased; which those were."""
    assert transaction.get_connection().in_atomic_block, "an act and its event are written in one transaction"
    dropped = []
    for digest in sorted(set(digests)):
        if _held_attachment(digest) is None or _needed(digest):
            continue
        Attachment.objects.filter(sha256=digest).update(erased_at=now)
        transaction.on_commit(partial(_drop_file, digest))
        dropped.append(digest)
    return dropped


def _needed(digest: str) -> bool:
    """Whether some borrower's event names a file that has not been erased for them."""
    named = EventAttachment.objects.filter(attachment_id=digest).values_list("event__borrower")
    return any(
        not erasures(borrower).explains_attachment(digest, last)
        for borrower, last in named.annotate(last=Max("event__number")).order_by()
    )


def erasures(borrower_id: str) -> core.Erased:
    """What a borrower's events tell of erasing. A line that can't be read tells nothing; `check` names it."""
    erased = core.Erased()
    lines = Event.objects.filter(borrower=borrower_id, kind=_ERASURE).order_by("number")
    for line in lines.values_list("line", flat=True):
        try:
            erasure = core.erasure_of(core.read_event(line.encode()))
        except ValueError:
            continue
        if erasure is not None:
            erased.add(erasure)
    return erased
