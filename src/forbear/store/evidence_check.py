"""Check the whole log in the database: every line, chain, seal, commitment and file, each problem with its place.

The log is walked once in the order of its seals, then what is not sealed yet; only the chains' ends, the files'
names and what is missing are kept in memory. Others may write meanwhile: what seems wrong only because it changed
since the walk began is asked again at the end.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from forbear.core.base.merkle import MerkleBuilder, leaf_hash
from forbear.core.evidence import log as core
from forbear.core.evidence.anchor import Known
from forbear.core.evidence.verify import Flaw, printable
from forbear.core.permits.permit import moment_text
from forbear.store import guards
from forbear.store.evidence import attachment_path, erasures
from forbear.store.models import (
    Attachment,
    DailySeal,
    Event,
    EventAttachment,
    EvidenceChain,
    EvidenceLeaf,
    PersonalValue,
)

Progress = Callable[[str, int, int], None]

_BATCH = 2000
#: Values that one question may name.
_IN = 500
#: An event this much later than now can't be right; clocks differ by less.
_CLOCKS = timedelta(hours=1)
#: An event older than this should have its seal.
_UNSEALED = timedelta(days=2)
_COLUMNS = ("pk", "event_id", "borrower", "number", "kind", "at", "line", "hash")


def check(
    now: datetime,
    keys: tuple[str, ...] = (),
    progress: Progress | None = None,
    known: Known | None = None,
) -> list[Flaw]:
    """Every problem of the log, none when it is whole. `keys` (as `key_hex`) are the lender's own.

    A seal of one of these vouches for all before it, also where an older key signed them. `known` is what is known
    outside the database: the log must still have it, and each day its seal; None leaves that out.
    """
    return _Walk(now, keys, progress or (lambda step, done, of: None), known).run()


def lines() -> dict[int, str]:
    """The line of every seal by its number."""
    return dict(DailySeal.objects.values_list("number", "line"))


class _Walk:
    """One walk over the log."""

    def __init__(self, now: datetime, keys: tuple[str, ...], progress: Progress, known: Known | None) -> None:
        self.now, self.keys, self.progress, self.known = now, keys, progress, known
        self.flaws: list[Flaw] = []
        self.heads: dict[str, tuple[int, str]] = {}
        self.erased: dict[str, core.Erased] = {}
        self.gone: list[tuple[str, int, str]] = []
        self.named: dict[str, dict[str, int]] = {}
        self.last_seq = 0
        self.done, self.total = 0, Event.objects.count()
        rows = EvidenceChain.objects.values_list("borrower", "number", "hash")
        self.kept_heads = {borrower: (number, hashed) for borrower, number, hashed in rows.iterator()}

    def add(self, place: str, what: str) -> None:
        self.flaws.append(Flaw(printable(place), 0, printable(what)))

    def run(self) -> list[Flaw]:
        for name in guards.missing(connection):
            self.add(
                f"trigger {name}",
                "is gone: the database no longer forbids changes; find out why, then run `forbear evidence guard`",
            )
        self.walk_seals()
        if self.known is not None:
            self.check_known(self.known)
        # a seal made since the walk began is not walked, so its events count as unsealed
        rest = Event.objects.filter(Q(leaf=None) | Q(leaf__seq__gt=self.last_seq))
        ordered = rest.order_by(F("leaf__seq").asc(nulls_last=True), "pk").values_list(*_COLUMNS)
        for row in self.batches(ordered.iterator(chunk_size=_BATCH)):
            if row[5] > self.now + _CLOCKS:
                self.add(_place(row), f"is dated {moment_text(row[5])}, which is still to come")
        self.check_heads()
        self.check_gone()
        self.check_files()
        return self.flaws

    def walk_seals(self) -> None:
        """The chain of seals, and under each its events."""
        before: core.DailySeal | None = None
        before_line = b""
        strangers: list[tuple[str, str]] = []
        for row in DailySeal.objects.order_by("number"):
            place, line = f"seal {row.number} of {row.day}", row.line.encode()
            try:
                seal = core.read_seal(line)
            except ValueError as error:
                self.add(place, str(error))
                before, before_line = None, line
                continue
            if (before or row.number == 1) and (problem := core.next_seal_problem(before, before_line, seal)):
                self.add(place, problem)
            if not core.signed_by(line, row.signature, seal.key):
                self.add(place, "has not the signature that belongs to it")
            elif seal.key in self.keys:
                strangers.clear()
            else:
                strangers.append((place, core.key_name(seal.key)))
            if (seal.day, seal.first_seq, seal.count) != (str(row.day), row.first_seq, row.count):
                self.add(place, "is not what its columns say")
            self.walk_leaves(seal, place)
            before, before_line = seal, line
        for place, name in strangers if self.keys else ():
            self.add(place, f"is signed with the key {name}, which is not the lender's, and no later seal is")

    def check_known(self, known: Known) -> None:
        """What is known outside the database is still in it, and days are sealed in their time."""
        lines = dict(DailySeal.objects.values_list("number", "line"))
        reported: set[tuple[int, str]] = set()
        for seal in known.seals:
            if lines.get(seal.number) == seal.line or (seal.number, seal.line) in reported:
                continue
            reported.add((seal.number, seal.line))
            what = (
                "is another one in the database"
                if seal.number in lines
                else "is not in the database any more"
            )
            self.add(f"seal {seal.number} of {seal.day}", f"{what}, though {seal.origin} has it")
        for batch in _batches(sorted(known.heads)):
            here = set(Event.objects.filter(hash__in=batch).values_list("hash", flat=True))
            for hashed in sorted(set(batch) - here):
                self.add(
                    f"event with the hash {hashed}",
                    "is gone, though it was written down outside the database",
                )
        last = DailySeal.objects.order_by("-number").first()
        open_since = Event.objects.filter(leaf=None).order_by("at").values_list("at", flat=True).first()
        sealed_at = last.made_at if last else open_since
        if open_since and sealed_at and self.now - max(open_since, sealed_at) > _UNSEALED:
            place = f"events since {moment_text(open_since)}"
            self.add(place, "have no seal: `forbear work` should make one each night")

    def walk_leaves(self, seal: core.DailySeal, place: str) -> None:
        """The events under a seal, and their root."""
        leaves = EvidenceLeaf.objects.filter(seal=seal.number).order_by("seq")
        names = [f"event__{name}" for name in _COLUMNS]
        tree, expected = MerkleBuilder(), seal.first_seq
        for *row, seq in self.batches(leaves.values_list(*names, "seq").iterator(chunk_size=_BATCH)):
            if seq != expected:
                self.add(
                    place,
                    f"has no event in place {expected}" if seq > expected else f"has place {seq} too many",
                )
            expected, self.last_seq = seq + 1, seq
            tree.add(leaf_hash(row[6].encode()))
        if tree.count != seal.count:
            self.add(place, f"was made over {seal.count} events, but {tree.count} are under it")
        elif tree.root().hex() != seal.root:
            self.add(place, "does not fit its events: one of them, or their order, was changed")

    def batches(self, rows: Iterable[tuple]) -> Iterator[tuple]:
        """The rows, checked batch by batch with what belongs to them."""
        rows = iter(rows)
        while batch := list(itertools.islice(rows, _BATCH)):
            mine = _among([row[0] for row in batch])
            values: dict[int, dict[str, tuple[str | None, str | None]]] = {}
            kept = PersonalValue.objects.filter(mine).values_list("event_id", "field", "salt", "value")
            for pk, name, salt, value in kept.iterator(chunk_size=_BATCH):
                values.setdefault(pk, {})[name] = (salt, value)
            enclosed: dict[int, set[str]] = {}
            for pk, digest in EventAttachment.objects.filter(mine).values_list("event_id", "attachment_id"):
                enclosed.setdefault(pk, set()).add(digest)
            for row in batch:
                self.check_event(row, values.get(row[0], {}), enclosed.get(row[0], set()))
                yield row
            self.done += len(batch)
            self.progress("checking events", self.done, self.total)

    def check_event(self, row: tuple, values: dict, enclosed: set[str]) -> None:
        """One event: its line, its columns, its place in the chain, and what belongs to it."""
        _, event_id, borrower, number, kind, at, text, hashed = row[:8]
        line = text.encode()
        event_digest = core.event_hash(line)
        before = self.heads.get(borrower, (0, ""))
        self.heads[borrower] = (number, event_digest)
        if event_digest != hashed:
            self.add(_place(row), "was changed: its line has another hash than the one kept with it")
        if (
            self.kept_heads.get(borrower, (0, ""))[0] == number
            and self.kept_heads[borrower][1] != event_digest
        ):
            self.add(_place(row), "is not the event that was kept as the last one")
        if number != before[0] + 1:
            self.add(
                _place(row), f"comes after event {before[0]} of this borrower: some are gone or out of order"
            )
        try:
            event = core.read_event(line)
        except ValueError as error:
            self.add(_place(row), str(error))
            return
        if (event.event_id, event.borrower, event.number, event.kind, event.at) != (
            *(event_id, borrower, number, kind),
            moment_text(at),
        ):
            self.add(_place(row), "is not what its columns say")
        if number == before[0] + 1 and event.previous != before[1]:
            what = f"does not follow event {before[0]} of {_whose(borrower)}: one of the two was changed"
            self.add(_place(row), what)
        if erasure := core.erasure_of(event):
            self.erased.setdefault(borrower, core.Erased()).add(erasure)
        self.check_values(row, event, values)
        if set(event.attachments) != enclosed:
            self.add(_place(row), "names other attachments than those filed with it")
        for digest in event.attachments:
            self.named.setdefault(digest, {})[borrower] = number

    def check_values(self, row: tuple, event: core.Event, values: dict) -> None:
        """Each personal value opens its commitment, or is gone; whether it may be is asked at the end."""
        for name in values.keys() - event.personal.keys():
            self.add(_place(row), f"has no {name}, but a value is kept for it")
        for name, committed in event.personal.items():
            salt, value = values.get(name, (None, None))
            if salt is None or value is None:
                self.gone.append((event.borrower, event.number, name))
            elif not _opens(committed, salt, value):
                self.add(_place(row), f"has a {name} that is not the one that was committed to")

    def check_heads(self) -> None:
        """Every chain reaches as far as its head said when the walk began."""
        for borrower, (number, _) in self.kept_heads.items():
            walked = self.heads.get(borrower, (0, ""))[0]
            if walked < number:
                self.add(_whose(borrower), f"should have {number} events, but has {walked}")
        for borrower, (number, hashed) in self.heads.items():
            if self.kept_heads.get(borrower, (0, ""))[0] < number:
                head = EvidenceChain.objects.filter(borrower=borrower).first()
                end = (head.number, head.hash) if head else (0, "")
                if end[0] < number or (end[0] == number and end[1] != hashed):
                    self.add(_whose(borrower), "has another last event than the one kept as last")

    def walked(self, borrower: str) -> core.Erased:
        """What the walked events of a borrower tell of erasing."""
        return self.erased.get(borrower, core.Erased())

    def check_gone(self) -> None:
        """A value may be gone only where an event tells that it was erased."""
        for borrower, number, name in self.gone:
            sources = (self.walked, erasures)  # the second knows what was erased since the walk began
            if not any(source(borrower).explains_value(name, number) for source in sources):
                place = f"event {number} of {_whose(borrower)}"
                self.add(place, f"lacks its {name}, and no event tells that it was erased")

    def check_files(self) -> None:
        """Every attachment that somebody's events name is on disk and unchanged, and the erased ones are not."""
        rows = {row.sha256: row for row in Attachment.objects.iterator()}
        for done, (digest, borrowers) in enumerate(self.named.items(), 1):
            self.progress("checking files", done, len(self.named))
            erased = _all_erased(digest, borrowers, self.walked)
            place, path = f"attachment {digest}", attachment_path(digest)
            if digest not in rows:
                self.add(place, "has no row")
            if erased:
                if path.exists():
                    self.add(place, f"was erased, but its file is still there; remove {path}")
            elif not path.is_file():
                if not _all_erased(digest, borrowers, erasures):
                    self.add(place, f"has lost its file, and no event tells that it was erased: {path}")
            else:
                with path.open("rb") as handle:
                    if hashlib.file_digest(handle, "sha256").hexdigest() != digest:
                        self.add(place, f"was changed: {path}")


def _batches(hashes: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(hashes), _IN):
        yield hashes[start : start + _IN]


def _among(pks: list[int]) -> Q:
    """What belongs to one of these events; where they lie close together, by their range, which is quicker."""
    low, high = min(pks), max(pks)
    return Q(event__gte=low, event__lte=high) if high - low < 2 * len(pks) else Q(event__in=pks)


def _all_erased(digest: str, borrowers: dict[str, int], source: Callable[[str], core.Erased]) -> bool:
    """Whether the file was erased for everybody whose events name it; `borrowers` has the last event of each."""
    return all(source(one).explains_attachment(digest, number) for one, number in borrowers.items())


def _whose(borrower: str) -> str:
    return f"borrower {borrower}" if borrower else "the house"


def _place(row: tuple) -> str:
    return f"event {row[3]} of {_whose(row[2])} (row {row[0]})"


def _opens(committed: str, salt: str, value: str) -> bool:
    try:
        return core.commitment(bytes.fromhex(salt), value.encode()) == committed
    except (ValueError, AssertionError):
        return False
