"""Verify a bundle: whether its events are all there, in order and unchanged, and if not, where.

It needs the bundle alone; given the lender's published key it also says whether it is really that lender's.
Every flaw names the file and the line. Nothing in a bundle can make this raise.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from forbear.core.base.canonical import LONGEST, canonical
from forbear.core.base.merkle import ProofVerifier
from forbear.core.evidence.bundle import (
    ATTACHMENTS,
    EVENTS,
    FILES,
    LINES,
    LONGEST_STATEMENT,
    PERSONAL,
    PROOFS,
    PUBLIC_KEY,
    SEALS,
    SEALS_SIGNATURES,
    STATEMENT,
    STATEMENT_SIGNATURE,
    TIMELINE,
    Proof,
    Source,
    Statement,
    Value,
    lines,
    read_proof,
    read_statement,
    read_value,
)
from forbear.core.evidence.log import (
    DailySeal,
    Erased,
    Event,
    commitment,
    erasure_of,
    event_hash,
    key_hex,
    key_name,
    next_seal_problem,
    read_event,
    read_seal,
    signed_by,
)

#: More flaws than these are counted, not listed.
MOST_FLAWS = 100

_ATTACHMENT = re.compile(re.escape(ATTACHMENTS) + "[0-9a-f]{64}")

_PEM = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]{1,400}-----END PUBLIC KEY-----\s*")

Progress = Callable[[str, int, int], None]
_Row = TypeVar("_Row", bound=Proof | Value)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as it was when the lender signed. `line` counts from 1; 0 is the whole file."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.what}"


@dataclass(slots=True)
class Verdict:
    """What verifying found. `found` counts all flaws, `flaws` has the first of them.

    `sealed` events are under a seal; the rest only under the statement. `values` and `files` are personal values
    and attachments that are there, the `erased` ones are gone and an event tells of it. `key` signed the
    statement, `older_keys` signed seals before it; `pinned` says that the key was given from outside.
    """

    flaws: list[Flaw] = field(default_factory=list)
    found: int = 0
    lender: str = ""
    borrower: str = ""
    made_at: str = ""
    events: int = 0
    sealed: int = 0
    seals: int = 0
    first_at: str = ""
    last_at: str = ""
    sealed_until: str = ""
    values: int = 0
    erased_values: int = 0
    files: int = 0
    erased_files: int = 0
    key: str = ""
    older_keys: tuple[str, ...] = ()
    pinned: bool = False

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0

    def add(self, file: str, line: int, what: str) -> None:
        """Note a flaw."""
        self.found += 1
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(Flaw(printable(file), line, printable(what)))


def printable(text: str, longest: int = 300) -> str:
    """A text out of a stranger's bundle, safe for a terminal and not too long."""
    text = text if len(text) <= longest else f"{text[:longest]}..."
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def verify(source: Source, pinned: tuple[str, ...] = (), progress: Progress | None = None) -> Verdict:
    """The verdict on a bundle. `pinned` are public keys (as `key_hex`) of which one must have signed it."""
    return _Check(source, pinned, progress or (lambda step, done, of: None)).run()


class _Rows(Generic[_Row]):
    """The rows of a sorted file beside the events: taken by event number, and what fits none is a flaw."""

    line: int
    row: _Row | None

    def __init__(self, rows: Iterator[tuple[int, _Row]], file: str, verdict: Verdict) -> None:
        self.rows, self.file, self.verdict = rows, file, verdict
        self.line, self.row = next(rows, (0, None))

    def take(self, number: int) -> Iterator[tuple[int, _Row]]:
        """The rows of event `number`; smaller ones that nobody took are reported."""
        while self.row is not None and self.row.number <= number:
            line, row = self.line, self.row
            self.line, self.row = next(self.rows, (0, None))
            if row.number < number:
                self.verdict.add(self.file, line, f"is of event {row.number}, which does not stand here")
            else:
                yield line, row

    def finish(self) -> None:
        """Tell of all rows after the last event."""
        while self.row is not None:
            self.verdict.add(self.file, self.line, f"is of event {self.row.number}, which is not in {EVENTS}")
            self.line, self.row = next(self.rows, (0, None))


class _Check:
    """One verification; each step adds what it finds to the verdict."""

    def __init__(self, source: Source, pinned: tuple[str, ...], progress: Progress) -> None:
        self.source, self.pinned, self.progress = source, pinned, progress
        self.names = frozenset(source.names())
        self.verdict = Verdict(pinned=bool(pinned))
        self.statement: Statement | None = None
        self.seals: dict[int, tuple[DailySeal, ProofVerifier]] = {}
        self.erased = Erased()
        self.missing: dict[str, list[int]] = {}
        self.present: dict[str, int] = {}
        self.named: dict[str, int] = {}
        self.last_seal, self.last_seq = 0, 0

    def run(self) -> Verdict:
        self.read_statement()
        self.read_files()
        self.read_seals()
        self.read_events()
        self.explain_missing()
        self.check_attachments()
        return self.verdict

    def lines(self, name: str, longest: int = LONGEST) -> Iterator[tuple[int, bytes]]:
        """The numbered lines of a file; none when it isn't there, which `read_files` tells."""
        if name in self.names:
            yield from enumerate(lines(self.source.chunks(name), longest), 1)

    def rows(self, name: str, read: Callable[[bytes], _Row]) -> Iterator[tuple[int, _Row]]:
        """The rows of a file that can be read and follow one another in order; the others are flaws."""
        before: tuple[int, str] = (0, "")
        for number, line in self.lines(name):
            try:
                row = read(line)
            except ValueError as error:
                self.verdict.add(name, number, str(error))
                continue
            place = (row.number, getattr(row, "field", "\x7f"))
            if place <= before:
                self.verdict.add(name, number, "is out of order or stands twice")
                continue
            before = place
            yield number, row

    def read_statement(self) -> None:
        """The statement and its signature; without it the rest is still held together by itself."""
        if STATEMENT not in self.names:
            self.verdict.add(
                STATEMENT, 0, "is missing: this is no evidence bundle, or its statement was taken"
            )
            return
        statement_lines = list(self.lines(STATEMENT, LONGEST_STATEMENT))
        line = statement_lines[0][1] if statement_lines else b""
        try:
            self.statement = read_statement(line)
        except ValueError as error:
            self.verdict.add(STATEMENT, 1, str(error))
            return
        verdict, statement = self.verdict, self.statement
        verdict.lender, verdict.borrower = statement.lender, statement.borrower
        verdict.made_at, verdict.key = statement.made_at, statement.key
        content = (
            b"".join(self.source.chunks(STATEMENT_SIGNATURE)) if STATEMENT_SIGNATURE in self.names else b""
        )
        signature = content.decode("ascii", "replace")
        if len(statement_lines) != 1:
            verdict.add(STATEMENT, 2, "has more than one line")
        if signature[-1:] != "\n" or not signed_by(line, signature[:-1], statement.key):
            what = (
                f"is not what {STATEMENT_SIGNATURE} signs with the key it names: one of the two was changed"
            )
            verdict.add(STATEMENT, 1, what)
        elif self.pinned and statement.key not in self.pinned:
            verdict.add(
                STATEMENT, 1, f"is signed with the key {key_name(statement.key)}, not with the key given"
            )

    def read_files(self) -> None:
        """Every file's digest against the statement, and no file more or less."""
        listed = self.statement.files if self.statement else {}
        for name in (*FILES, *sorted(set(listed) - set(FILES))):
            if name not in self.names and name != STATEMENT:
                self.verdict.add(name, 0, "is missing")
        for number, name in enumerate(sorted(self.names)):
            self.progress("hashing files", number, len(self.names))
            if name not in (*FILES, TIMELINE) and not _ATTACHMENT.fullmatch(name):
                self.verdict.add(name, 0, "does not belong into an evidence bundle")
                continue
            size, digest, end = self.digest(name)
            if name.startswith(ATTACHMENTS):
                self.present[name.removeprefix(ATTACHMENTS)] = size
                if digest != name.removeprefix(ATTACHMENTS):
                    self.verdict.add(name, 0, f"was changed: its SHA-256 is {digest}")
            if name in (*LINES, STATEMENT) and size and end != b"\n":
                self.verdict.add(name, 0, "breaks off in its last line")
            if self.statement and name not in (STATEMENT, STATEMENT_SIGNATURE):
                note = listed.get(name)
                if note is None:
                    self.verdict.add(name, 0, f"was added: {STATEMENT} does not list it")
                elif (note.size, note.sha256) != (size, digest):
                    self.verdict.add(name, 0, "is not the file that was signed")

    def digest(self, name: str) -> tuple[int, str, bytes]:
        """A file's size, SHA-256 and last byte."""
        size, digest, end = 0, hashlib.sha256(), b""
        for chunk in self.source.chunks(name):
            size += len(chunk)
            digest.update(chunk)
            end = chunk[-1:] or end
        return size, digest.hexdigest(), end

    def read_seals(self) -> None:
        """The chain of seals, each with its signature."""
        signatures = self.lines(SEALS_SIGNATURES)
        before: DailySeal | None = None
        keys: dict[str, None] = {}
        before_line, broken, count = b"", False, 0
        for count, line in self.lines(SEALS):
            self.progress("reading seals", count, self.statement.seals if self.statement else 0)
            signature = next(signatures, (0, b""))[1].decode("ascii", "replace")
            try:
                seal = read_seal(line)
            except ValueError as error:
                self.verdict.add(SEALS, count, str(error))
                before, before_line, broken = None, line, True
                continue
            if not broken and (problem := next_seal_problem(before, before_line, seal)):
                self.verdict.add(SEALS, count, f"seal {seal.number} of {seal.day} {problem}")
            if not signed_by(line, signature, seal.key):
                self.verdict.add(SEALS, count, f"line {count} of {SEALS_SIGNATURES} is not its signature")
            keys[seal.key] = None
            self.seals[seal.number] = seal, ProofVerifier(seal.count, bytes.fromhex(seal.root))
            self.verdict.sealed_until = seal.until
            before, before_line, broken = seal, line, False
        for number, _ in signatures:
            self.verdict.add(SEALS_SIGNATURES, number, "signs no seal")
        self.verdict.seals = count
        self.verdict.older_keys = tuple(key_name(key) for key in keys if key != self.verdict.key)
        if self.statement and self.statement.seals != count:
            self.verdict.add(SEALS, 0, f"has {count} seals, but {self.statement.seals} were signed")
        self.read_key()

    def read_key(self) -> None:
        """The public key's file against the statement."""
        if PUBLIC_KEY not in self.names or self.statement is None:
            return
        content = b"".join(self.source.chunks(PUBLIC_KEY)) if self.digest(PUBLIC_KEY)[0] < LONGEST else b""
        if pem_key(content) != self.statement.key:
            self.verdict.add(PUBLIC_KEY, 0, f"is not the key that {STATEMENT} names")

    def read_events(self) -> None:
        """The chain of events, and beside each its proof and its personal values."""
        proofs = _Rows(self.rows(PROOFS, read_proof), PROOFS, self.verdict)
        values = _Rows(self.rows(PERSONAL, read_value), PERSONAL, self.verdict)
        previous, number, count = "", 0, 0
        total = self.statement.events if self.statement else 0
        for count, line in self.lines(EVENTS):
            if count % 1000 == 0:
                self.progress("reading events", count, total)
            digest = event_hash(line)
            try:
                event = read_event(line)
            except ValueError as error:
                self.verdict.add(EVENTS, count, str(error))
                previous, number = digest, number + 1
                for _ in (*proofs.take(number), *values.take(number)):
                    pass  # they belong to the event that can't be read
                continue
            self.check_place(event, count, number, previous)
            self.check_proof(event, count, bytes.fromhex(digest), proofs)
            self.check_values(event, values)
            self.note(event)
            previous, number = digest, event.number
        proofs.finish()
        values.finish()
        self.verdict.events = count
        if self.statement and (self.statement.events, self.statement.head) != (count, previous):
            self.verdict.add(
                EVENTS,
                count,
                f"is not the last of the {self.statement.events} events that were signed",
            )

    def check_place(self, event: Event, line: int, before: int, previous: str) -> None:
        """The event is this borrower's, and follows the one before it."""
        if event.number != before + 1:
            what = f"is event {event.number} where event {before + 1} belongs"
            self.verdict.add(EVENTS, line, what)
        elif event.previous != previous:
            self.verdict.add(
                EVENTS, line, f"event {event.number} follows another event than the one in line {line - 1}"
            )
        if self.statement and event.borrower != self.statement.borrower:
            self.verdict.add(EVENTS, line, f"event {event.number} is another borrower's")

    def check_proof(self, event: Event, line: int, leaf: bytes, proofs: _Rows[Proof]) -> None:
        """The event is in the place that its proof names, under a seal that is here."""
        place, proof = next(proofs.take(event.number), (0, None))
        if proof is None:
            self.verdict.add(EVENTS, line, f"event {event.number} has no proof in {PROOFS}")
            return
        if (proof.seal, proof.seq, proof.path) == (0, 0, b""):
            self.last_seal = 1 << 60  # from here on nothing is sealed
            return
        known = self.seals.get(proof.seal)
        if known is None:
            self.verdict.add(PROOFS, place, f"names seal {proof.seal}, which is not in {SEALS}")
            return
        seal, tree = known
        if proof.seal < self.last_seal or proof.seq <= self.last_seq:
            self.verdict.add(PROOFS, place, "puts its event before one that it follows")
        self.last_seal, self.last_seq = proof.seal, proof.seq
        if not tree.proves(leaf, proof.seq - seal.first_seq, proof.path):
            what = f"event {event.number} does not lead to seal {seal.number} of {seal.day}: it or line {place} of"
            self.verdict.add(EVENTS, line, f"{what} {PROOFS} was changed")
            return
        self.verdict.sealed += 1

    def check_values(self, event: Event, values: _Rows[Value]) -> None:
        """Each personal value opens its commitment; what is missing is remembered."""
        absent = set(event.personal)
        for place, row in values.take(event.number):
            if row.field not in event.personal:
                self.verdict.add(PERSONAL, place, f"event {event.number} has no {row.field}")
                continue
            absent.discard(row.field)
            self.verdict.values += 1
            if commitment(row.salt, canonical(row.value)) != event.personal[row.field]:
                what = f"the {row.field} of event {event.number} is not the one that was committed to"
                self.verdict.add(PERSONAL, place, what)
            self.missing.setdefault(f"+{row.field}", []).append(event.number)
        for name in absent:
            self.missing.setdefault(name, []).append(event.number)

    def note(self, event: Event) -> None:
        """What later steps want to know of an event."""
        self.verdict.first_at = min(self.verdict.first_at or event.at, event.at)
        self.verdict.last_at = max(self.verdict.last_at, event.at)
        for digest in event.attachments:
            self.named[digest] = event.number
        if erasure := erasure_of(event):
            self.erased.add(erasure)

    def explain_missing(self) -> None:
        """A value may be missing only where a later event tells that it was erased, and then it must be."""
        for name, numbers in self.missing.items():
            kept = name.startswith("+")
            for number in numbers:
                erased = self.erased.explains_value(name.removeprefix("+"), number)
                if kept and erased:
                    what = (
                        f"the {name[1:]} of event {number} is here, though an event tells that it was erased"
                    )
                    self.verdict.add(PERSONAL, 0, what)
                elif not kept and not erased:
                    what = f"the {name} of event {number} is missing, and no event tells that it was erased"
                    self.verdict.add(PERSONAL, 0, what)
                elif not kept:
                    self.verdict.erased_values += 1

    def check_attachments(self) -> None:
        """Every attachment that an event names is here or erased, and no other is."""
        for digest, number in self.named.items():
            erased = self.erased.explains_attachment(digest, number)
            if digest in self.present:
                self.verdict.files += 1
                if erased:
                    self.verdict.add(
                        ATTACHMENTS + digest, 0, "is here, though an event tells that it was erased"
                    )
            elif erased:
                self.verdict.erased_files += 1
            else:
                what = f"is missing; event {number} names it, and no event tells that it was erased"
                self.verdict.add(ATTACHMENTS + digest, 0, what)
        for digest in sorted(set(self.present) - set(self.named)):
            self.verdict.add(ATTACHMENTS + digest, 0, "is named by no event")


def pem_key(content: bytes) -> str:
    """The Ed25519 public key of a PEM file as `key_hex`, empty when it is anything else, or more than that.

    A reader of PEM finds a key anywhere in a file, also in a bundle given by mistake, which would vouch for itself.
    """
    if not _PEM.fullmatch(content):
        return ""
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return key_hex(key) if isinstance(key, Ed25519PublicKey) else ""


def extends(later: Source, earlier: Source) -> list[Flaw]:
    """Whether a bundle only adds to an earlier one of the same borrower: each seal and event that was there still is.

    This is what a lender can't get round by signing everything again. Personal values may have been erased since.
    """
    flaws = []
    for name in (SEALS, EVENTS):
        if name not in later.names() or name not in earlier.names():
            continue
        new = lines(later.chunks(name), LONGEST)
        for number, line in enumerate(lines(earlier.chunks(name), LONGEST), 1):
            if next(new, None) != line:
                flaws.append(Flaw(name, number, "is not what it was in the earlier bundle"))
                break
    return flaws
