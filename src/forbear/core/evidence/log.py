"""The evidence log: events that only follow one another, sealed each day, with personal data outside the chain.

Every event, seal and bundle statement is one line of canonical JSON (RFC 8785) and never changes. What is hashed
or signed is always such a line, byte for byte and without its newline, so a verifier needs no canonicaliser.

- An event names the hash of the same borrower's event before it, so that none can be left out between two.
- A personal value is not in its event. The event has a commitment, SHA-256 of a random salt and the value's
  canonical JSON; salt and value are kept beside it and can be erased while the event stays as it was.
- A seal signs the Merkle root over a day's events of all borrowers, and names the hash of the seal before it.

The random event_id makes each leaf hash unguessable: a proof shows hashes of other people's events.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeGuard

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forbear.core.base.canonical import LONGEST, canonical, read_line
from forbear.core.base.merkle import leaf_hash
from forbear.core.evidence.kinds import KINDS

EVENT, SEAL, BUNDLE = "forbear.event.1", "forbear.seal.1", "forbear.bundle.1"
#: Bytes of salt in a commitment.
SALT = 16
#: Names under which personal data would be found; they may not stand in an event's body.
PERSONAL_NAMES = frozenset({"name", "phone", "email", "address", "id_number", "account", "born_on", "text"})

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HASH = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")


class EvidenceError(ValueError):
    """The log can't do what a person asked for; the message says why and how to mend it."""


def commitment(salt: bytes, value: bytes) -> str:
    """What an event says of a personal value: it fixes the value without telling it. `value` is canonical JSON."""
    assert len(salt) >= SALT, "a short salt is guessed"
    return hashlib.sha256(salt + value).hexdigest()


def line_hash(line: bytes) -> str:
    """SHA-256 of a line: how a seal names the seal before it."""
    return hashlib.sha256(line).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that touched a borrower; an empty `borrower` is the house itself.

    `number` counts the borrower's events from 1 and `previous` is the hash of the one before, empty for the
    first. `at` is UTC as in permits. `actor` is who did it: a staff number, a worker, an agency, a provider.
    `personal` has by field the commitment to its value. `attachments` are SHA-256 digests of files.
    """

    event_id: str
    at: str
    kind: str
    borrower: str
    number: int
    previous: str
    actor: str
    body: dict[str, object]
    personal: dict[str, str] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()

    def line(self) -> bytes:
        """The event as it is written; AssertionError when a caller wrote what no event may say."""
        problem = event_problem(self)
        assert problem is None, f"an event of kind {self.kind}: {problem}"
        assert self.kind in KINDS, f"an event of kind {self.kind}: its kind is not among those known"
        personal = PERSONAL_NAMES & set(self.body)
        assert not personal, f"an event of kind {self.kind}: {personal} belongs among the personal values"
        try:
            line = canonical(
                {
                    "format": EVENT,
                    "event_id": self.event_id,
                    "at": self.at,
                    "kind": self.kind,
                    "borrower": self.borrower,
                    "number": self.number,
                    "previous": self.previous,
                    "actor": self.actor,
                    "body": self.body,
                    "personal": self.personal,
                    "attachments": list(self.attachments),
                }
            )
        except ValueError as error:
            raise AssertionError(f"an event of kind {self.kind} has {error}") from None
        assert len(line) <= LONGEST, f"an event of kind {self.kind} is longer than {LONGEST} bytes"
        return line


EVENT_FIELDS = frozenset(Event.__dataclass_fields__) | {"format"}


def event_hash(line: bytes) -> str:
    """The hash of an event's line: its leaf in the day's tree and what the next event calls `previous`."""
    return leaf_hash(line).hex()


def event_problem(event: Event) -> str | None:
    """What an event says that none may, or None. A kind that is not known here may come from a newer version."""
    if not all(isinstance(text, str) for text in (event.kind, event.event_id, event.borrower, event.actor)):
        return "its kind, event_id, borrower and actor are not all text"
    if not _FIELD.fullmatch(event.kind):
        return "its kind is no name"
    if not isinstance(event.at, str) or not _MOMENT.fullmatch(event.at):
        return "its moment is not like 2026-03-31T01:02:03Z"
    if type(event.number) is not int or event.number < 1:
        return "its number is not 1 or more"
    if event.previous != "" if event.number == 1 else not _is_hash(event.previous):
        return "its previous is not the hash of an event"
    if not isinstance(event.body, dict):
        return "its body is no object"
    if not isinstance(event.personal, dict) or not all(
        _FIELD.fullmatch(name) and _is_hash(value) for name, value in event.personal.items()
    ):
        return "its personal values are not hashes by name"
    if not all(_is_hash(attachment) for attachment in event.attachments):
        return "its attachments are not hashes"
    return None


def _is_hash(text: object) -> bool:
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def read_event(line: bytes) -> Event:
    """The event of a line; ValueError, fit to follow the line's place, when it is none."""
    fields = read_line(line)
    if not isinstance(fields, dict) or fields.keys() != EVENT_FIELDS or fields.pop("format") != EVENT:
        raise ValueError(f"is no event in the form {EVENT}")
    if not isinstance(fields["attachments"], list):
        raise ValueError("its attachments are no list")
    fields["attachments"] = tuple(fields["attachments"])
    event = Event(**fields)
    if problem := event_problem(event):
        raise ValueError(problem)
    return event


@dataclass(frozen=True, slots=True)
class DailySeal:
    """A day's events of all borrowers under one signature.

    `number` counts seals from 1. The seal covers the events in the places `first_seq` to
    `first_seq + count - 1` of the whole log; `root` is the Merkle root of their lines in that order. They were
    written before `until` or hang before one that was. `previous` is the SHA-256 of the line of the seal before,
    empty for the first. `key` is the raw Ed25519 public key that signs, in hex.
    """

    number: int
    day: str
    until: str
    first_seq: int
    count: int
    root: str
    previous: str
    made_at: str
    key: str

    def line(self) -> bytes:
        """The seal as it is written and signed."""
        return canonical({"format": SEAL, **asdict(self)})


SEAL_FIELDS = frozenset(DailySeal.__dataclass_fields__) | {"format"}


def read_seal(line: bytes) -> DailySeal:
    """The seal of a line; ValueError, fit to follow the line's place, when it is none."""
    fields = read_line(line)
    if not isinstance(fields, dict) or fields.keys() != SEAL_FIELDS or fields.pop("format") != SEAL:
        raise ValueError(f"is no seal in the form {SEAL}")
    seal = DailySeal(**fields)
    numbers = (seal.number, seal.first_seq, seal.count)
    sound = (
        all(type(number) is int and number >= 0 for number in numbers)
        and isinstance(seal.day, str)
        and _DAY.fullmatch(seal.day)
        and all(
            isinstance(moment, str) and _MOMENT.fullmatch(moment) for moment in (seal.until, seal.made_at)
        )
        and all(_is_hash(text) for text in (seal.root, seal.key))
        and (seal.previous == "" or _is_hash(seal.previous))
    )
    if not sound:
        raise ValueError("has a value that no seal has")
    return seal


def next_seal_problem(before: DailySeal | None, before_line: bytes, seal: DailySeal) -> str | None:
    """What is wrong with a seal after the one before it (None for the first), or None."""
    if seal.number != (before.number + 1 if before else 1):
        return f"is seal {seal.number} where seal {before.number + 1 if before else 1} belongs"
    if seal.previous != (line_hash(before_line) if before else ""):
        return "does not follow the seal before it"
    if seal.first_seq != (before.first_seq + before.count if before else 1):
        return "leaves out events of the log or takes some twice"
    if before and (seal.day <= before.day or seal.until <= before.until):
        return "is not of a later day than the seal before it"
    return None


def key_hex(key: Ed25519PublicKey) -> str:
    """A public key as seals and statements name it: its 32 raw bytes in hex."""
    return key.public_bytes_raw().hex()


def key_name(raw: str) -> str:
    """The short name of a key given as `key_hex`; the same as in permits."""
    return hashlib.sha256(bytes.fromhex(raw)).hexdigest()[:16]


def printed_key(raw: str) -> str:
    """A key given as `key_hex` as it is published: its 64 hex digits in groups of four."""
    return " ".join(raw[start : start + 4] for start in range(0, len(raw), 4))


def read_printed_key(text: str) -> str:
    """The key of a text in any spacing and case, as `key_hex` names it; "" when it is none."""
    raw = re.sub(r"[\s:-]", "", unicodedata.normalize("NFKC", text)).lower()
    return raw if re.fullmatch("[0-9a-f]{64}", raw) else ""


def sign_line(line: bytes, key: Ed25519PrivateKey) -> str:
    """The Ed25519 signature of a line, in hex."""
    return key.sign(line).hex()


def signed_by(line: bytes, signature: str, raw: str) -> bool:
    """Whether the line was signed with the key given as `key_hex`. The signature has one spelling only."""
    if not _SIGNATURE.fullmatch(signature) or not _is_hash(raw):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw)).verify(bytes.fromhex(signature), line)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an event of kind `erasure` erased: in the borrower's events up to number `through`, all values of
    `fields`, and the attachments with these digests."""

    through: int
    fields: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()

    def body(self) -> dict[str, object]:
        """How the event says it."""
        return {
            "through": self.through,
            "fields": list(self.fields),
            "attachments": list(self.attachments),
        }


def erasure_of(event: Event) -> Erasure | None:
    """What an event erased, None when it erased nothing. It can't erase what came after it."""
    if event.kind != "erasure":
        return None
    through, fields = event.body.get("through"), event.body.get("fields")
    attachments = event.body.get("attachments")
    if type(through) is not int or through >= event.number:
        return None
    if not _texts(fields) or not _texts(attachments):
        return None
    return Erasure(through, tuple(fields), tuple(attachments))


def _texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


class Erased:
    """What the erasures of one borrower explain: up to which event a field's values or a file may be gone."""

    def __init__(self, erasures: Sequence[Erasure] = ()) -> None:
        self.fields: dict[str, int] = {}
        self.attachments: dict[str, int] = {}
        for erasure in erasures:
            self.add(erasure)

    def add(self, erasure: Erasure) -> None:
        """Take in one more."""
        for name in erasure.fields:
            self.fields[name] = max(erasure.through, self.fields.get(name, 0))
        for digest in erasure.attachments:
            self.attachments[digest] = max(erasure.through, self.attachments.get(digest, 0))

    def explains_value(self, name: str, number: int) -> bool:
        """Whether the value of a field of event `number` may be gone."""
        return number <= self.fields.get(name, 0)

    def explains_attachment(self, digest: str, number: int) -> bool:
        """Whether a file that event `number` is the last to name may be gone."""
        return number <= self.attachments.get(digest, 0)
