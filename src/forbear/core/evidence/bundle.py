"""A bundle: all evidence about one borrower, in a few plain files that anybody can check without us.

    bundle.json       the lender's statement: whose events, how many, the last one's hash, and every file's digest
    bundle.sig        its signature
    events.jsonl      the borrower's events from the first to the last, one a line
    proofs.jsonl      for each event its place in the log and the way from it to the root of its day's seal
    personal.jsonl    salts and values of personal data that have not been erased
    seals.jsonl       the lender's seals from the first to the last; seals.sig their signatures, line by line
    lender.pub.pem    the public key that signed the statement
    attachments/...   files named by their SHA-256
    README.txt        what this is, for the reader
    timeline.pdf      every contact, payment and request in order, to read; only where the lender made one

The statement fixes the end of the chain: what came after the last seal can't be cut off unnoticed.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from forbear.core.base.canonical import canonical, read_line
from forbear.core.evidence.log import BUNDLE, SALT, event_hash, key_hex, printed_key, sign_line
from forbear.core.evidence.readme import README_TEXT

STATEMENT, STATEMENT_SIGNATURE = "bundle.json", "bundle.sig"
EVENTS, PROOFS, PERSONAL = "events.jsonl", "proofs.jsonl", "personal.jsonl"
SEALS, SEALS_SIGNATURES = "seals.jsonl", "seals.sig"
PUBLIC_KEY, README = "lender.pub.pem", "README.txt"
ATTACHMENTS = "attachments/"
#: Every file of a bundle but the attachments, in the order in which it is packed.
FILES = (
    README,
    STATEMENT,
    STATEMENT_SIGNATURE,
    PUBLIC_KEY,
    SEALS,
    SEALS_SIGNATURES,
    EVENTS,
    PROOFS,
    PERSONAL,
)
#: For people to read; a bundle may have it or not, and what the statement lists is checked like all the rest.
TIMELINE = "timeline.pdf"
LINES = (SEALS, SEALS_SIGNATURES, EVENTS, PROOFS, PERSONAL)
#: The statement lists the attachments, so it may be longer than other lines.
LONGEST_STATEMENT = 1 << 26

_NUMBER = rb"(0|[1-9][0-9]{0,14})"
#: A proof has one spelling, so this reads it faster than a reader of JSON, and as strictly.
_PROOF = re.compile(
    rb'\{"number":%b,"path":"([0-9a-f]{0,4096})","seal":%b,"seq":%b\}' % (_NUMBER, _NUMBER, _NUMBER)
)


class Source(Protocol):
    """A bundle's files, wherever they lie."""

    def names(self) -> Sequence[str]:
        """The names of all files."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of one, in pieces of no more than a few MiB."""
        ...


@dataclass(frozen=True, slots=True)
class FileNote:
    """What the statement says of a file: its size in bytes, SHA-256 and media type."""

    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What the lender signs: at `made_at` these were all events of this borrower, and `head` is the last one's hash.

    `key` is the raw public key in hex. `head` is empty when there are none.
    """

    lender: str
    borrower: str
    made_at: str
    events: int
    head: str
    seals: int
    key: str
    files: dict[str, FileNote]

    def line(self) -> bytes:
        """The statement as it is written and signed."""
        return canonical({"format": BUNDLE, **asdict(self)})


STATEMENT_FIELDS = frozenset(Statement.__dataclass_fields__) | {"format"}


def read_statement(line: bytes) -> Statement:
    """The statement of a line; ValueError, fit to follow its place, when it is none."""
    fields = read_line(line, LONGEST_STATEMENT)
    if not isinstance(fields, dict) or fields.keys() != STATEMENT_FIELDS or fields.pop("format") != BUNDLE:
        raise ValueError(f"is no statement in the form {BUNDLE}")
    texts = [fields[name] for name in ("lender", "borrower", "made_at", "head", "key")]
    numbers = [fields["events"], fields["seals"]]
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        raise ValueError("has a value that no statement has")
    if not isinstance(fields["files"], dict):
        raise ValueError("lists no files")
    files = {name: _file_note(note) for name, note in fields["files"].items()}
    return Statement(**(fields | {"files": files}))


def _file_note(note: object) -> FileNote:
    if not isinstance(note, dict) or note.keys() != {"size", "sha256", "media_type"}:
        raise ValueError("lists a file without its size, digest and media type")
    if type(note["size"]) is not int or not isinstance(note["sha256"], str):
        raise ValueError("lists a file without its size, digest and media type")
    return FileNote(**note)


@dataclass(frozen=True, slots=True)
class Proof:
    """Where event `number` stands: place `seq` of the whole log, in seal `seal`; `path` leads to its root.

    `path` is the neighbours' hashes from below, 32 bytes each, one after the other. An event that no seal covers
    yet has 0, 0 and no path.
    """

    number: int
    seal: int
    seq: int
    path: bytes

    def line(self) -> bytes:
        """The proof as it is written."""
        fields = {"number": self.number, "path": self.path.hex(), "seal": self.seal, "seq": self.seq}
        return canonical(fields)


def read_proof(line: bytes) -> Proof:
    """The proof of a line; ValueError, fit to follow the line's place, when it is none."""
    match = _PROOF.fullmatch(line)
    if match is None or len(match[2]) % 64:
        raise ValueError("is no proof in its canonical form")
    return Proof(int(match[1]), int(match[3]), int(match[4]), bytes.fromhex(match[2].decode()))


def _plain_hex(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise ValueError("has a text that is not in hex") from None
    if raw.hex() != text:
        raise ValueError("has a text that is not in hex")
    return raw


@dataclass(frozen=True, slots=True)
class Value:
    """A personal value of event `number`, with the salt that opens its commitment."""

    number: int
    field: str
    salt: bytes
    value: object

    def line(self) -> bytes:
        """The value as it is written."""
        fields = {"field": self.field, "number": self.number, "salt": self.salt.hex(), "value": self.value}
        return canonical(fields)


def read_value(line: bytes) -> Value:
    """The personal value of a line; ValueError, fit to follow the line's place, when it is none."""
    fields = read_line(line)
    if not isinstance(fields, dict) or fields.keys() != {"field", "number", "salt", "value"}:
        raise ValueError("is no personal value")
    if type(fields["number"]) is not int or not all(
        isinstance(fields[name], str) for name in ("field", "salt")
    ):
        raise ValueError("is no personal value")
    salt = _plain_hex(fields["salt"])
    if not SALT <= len(salt) <= 64:
        raise ValueError(f"has a salt of another length than {SALT} to 64 bytes")
    try:
        canonical(fields["value"])
    except ValueError as error:
        raise ValueError(f"has {error}") from None
    return Value(fields["number"], fields["field"], salt, fields["value"])


@dataclass(frozen=True, slots=True)
class Part:
    """A file to be packed: its size in bytes and where its content comes from, as often as it is asked for."""

    name: str
    size: int
    media_type: str
    chunks: Callable[[], Iterator[bytes]]


def part(name: str, content: bytes, media_type: str) -> Part:
    """A file that is in memory."""
    return Part(name, len(content), media_type, lambda: iter((content,)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a log has about a borrower: events' lines from the first to the last, proofs and values in the order of
    their events, all seals with their signatures, and attachments as parts named `attachments/SHA256`. `timeline` is
    the page for people, if there is one."""

    events: Sequence[bytes]
    proofs: Sequence[Proof]
    values: Sequence[Value]
    seals: Sequence[tuple[bytes, str]]
    attachments: Sequence[Part] = ()
    timeline: bytes = b""


def bundle(
    evidence: Evidence, lender: str, borrower: str, made_at: str, key: Ed25519PrivateKey
) -> list[Part]:
    """The files of a bundle in the order in which they are packed; equal arguments give equal bytes."""
    public = key.public_key()
    raw = key_hex(public)
    text, lines_type = "text/plain; charset=utf-8", "application/jsonl"
    readme = README_TEXT.format(key=printed_key(raw))
    parts = [
        part(README, readme.encode(), text),
        part(
            PUBLIC_KEY,
            public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "application/x-pem-file",
        ),
        part(SEALS, _lined(line for line, _ in evidence.seals), lines_type),
        part(SEALS_SIGNATURES, _lined(signature.encode() for _, signature in evidence.seals), text),
        part(EVENTS, _lined(evidence.events), lines_type),
        part(PROOFS, _lined(proof.line() for proof in evidence.proofs), lines_type),
        part(PERSONAL, _lined(value.line() for value in evidence.values), lines_type),
        *([part(TIMELINE, evidence.timeline, "application/pdf")] if evidence.timeline else []),
        *sorted(evidence.attachments, key=lambda one: one.name),
    ]
    head = event_hash(evidence.events[-1]) if evidence.events else ""
    statement = Statement(
        lender,
        borrower,
        made_at,
        len(evidence.events),
        head,
        len(evidence.seals),
        raw,
        {one.name: FileNote(one.size, _digest(one), one.media_type) for one in parts},
    ).line()
    signature = sign_line(statement, key).encode()
    bundle_parts = [
        part(STATEMENT, statement + b"\n", "application/json"),
        part(STATEMENT_SIGNATURE, signature + b"\n", text),
    ]
    return [parts[0], *bundle_parts, *parts[1:]]


def _lined(lines_: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines_)


def _digest(one: Part) -> str:
    digest = hashlib.sha256()
    for chunk in one.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def lines(chunks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """The lines of a file without their newlines; one that is too long comes cut, but longer than `longest`."""
    rest = b""
    for chunk in chunks:
        first, *more = chunk.split(b"\n")
        rest = rest if len(rest) > longest else rest + first
        for line in more:
            yield rest
            rest = line
    if rest:
        yield rest
