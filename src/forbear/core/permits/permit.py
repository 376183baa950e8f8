"""A permit: the proof that one contact was lawful at one moment, on named rules and named facts.

It is a value that anybody can check with the lender's public key. Ed25519 over the canonical JSON (RFC 8785)
of everything in it but the signature. Making one needs the private key, which only the action that asks the
rules holds; nothing here reads a clock, so the moment of the check is handed in.
"""

import base64
import hashlib
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forbear.core.base.canonical import canonical

#: How long a permit opens a channel. A worker asks just before the wire, so seconds are enough.
LIFETIME = timedelta(seconds=60)
#: A person dials more slowly than a worker sends.
LIFETIME_BY_HAND = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one contact, once, before `expires_at`.

    `point` is the digest of the address, `content` the SHA-256 of what may be said (empty for a talk),
    `facts` the SHA-256 of the canonical JSON of the facts the decision stood on, `packs` each pack with its
    version as `name@version`. Moments are UTC as `2026-03-31T01:02:03Z`. `signature` is base64.
    """

    permit_id: str
    contact_id: str
    borrower_id: str
    channel: str
    purpose: str
    party: str
    point: str
    content: str
    agency: str
    packs: tuple[str, ...]
    facts: str
    issued_at: str
    expires_at: str
    key_id: str
    signature: str = ""

    def body(self) -> bytes:
        """What is signed: canonical JSON of everything but the signature."""
        permit_fields = self.as_dict()
        del permit_fields["signature"]
        return canonical(permit_fields)

    def as_dict(self) -> dict[str, object]:
        """The permit as JSON knows it; `read_permit` reads it back."""
        return {name: getattr(self, name) for name in _NAMES} | {"packs": list(self.packs)}


_NAMES = tuple(field.name for field in fields(Permit))


def read_permit(data: object) -> Permit:
    """The permit in a dict made by `as_dict`; ValueError when something is missing or is no text."""
    if not isinstance(data, dict) or set(data) != set(_NAMES):
        raise ValueError("this is no permit: its fields are not those of one")
    packs = data["packs"]
    texts = {name: data[name] for name in _NAMES if name != "packs"}
    if not isinstance(packs, list) or not all(isinstance(text, str) for text in [*texts.values(), *packs]):
        raise ValueError("this is no permit: every field of one is text")
    return Permit(**texts, packs=tuple(packs))


def sign(permit: Permit, key: Ed25519PrivateKey) -> Permit:
    """The same permit, signed."""
    return replace(permit, signature=base64.b64encode(key.sign(permit.body())).decode())


def genuine(permit: Permit, key: Ed25519PublicKey) -> bool:
    """Whether the permit was signed with this key and is unchanged since."""
    try:
        key.verify(base64.b64decode(permit.signature, validate=True), permit.body())
    except (InvalidSignature, ValueError):
        return False
    return True


def holds(permit: Permit, key: Ed25519PublicKey, now: datetime) -> bool:
    """Whether the permit is genuine and has not run out at `now`."""
    return genuine(permit, key) and permit.issued_at <= moment_text(now) < permit.expires_at


def moment_text(moment: datetime) -> str:
    """A moment in UTC with whole seconds, as permits and evidence write it; such texts sort by time."""
    offset = moment.utcoffset()
    assert offset is not None, "a moment has a time zone"
    return (moment - offset).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value)).hexdigest()
