"""A small evidence log in memory, written by the rules of core alone: what the tests of bundles work on."""

import hashlib
import io
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forbear.core.base.canonical import canonical
from forbear.core.base.merkle import Tree
from forbear.core.evidence.bundle import ATTACHMENTS, Evidence, Part, Proof, Value, bundle, part
from forbear.core.evidence.log import DailySeal, Event, commitment, event_hash, key_hex, line_hash, sign_line
from forbear.core.evidence.verify import Verdict, verify

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
MADE_AT = "2026-04-03T00:00:00Z"


class Files:
    """A bundle's files in memory; a test changes `files` as it likes."""

    def __init__(self, parts: list[Part]) -> None:
        self.files = {one.name: b"".join(one.chunks()) for one in parts}

    def names(self) -> list[str]:
        return list(self.files)

    def chunks(self, name: str) -> Iterator[bytes]:
        stream = io.BytesIO(self.files[name])
        return iter(lambda: stream.read(700), b"")

    def lines(self, name: str) -> list[bytes]:
        return self.files[name].splitlines(keepends=True)


class Log:
    """Events of several borrowers in the order in which they were written, and the seals over them."""

    def __init__(self, key: Ed25519PrivateKey = KEY) -> None:
        self.key = key
        self.written: list[tuple[Event, bytes]] = []
        self.values: dict[tuple[str, int, str], tuple[bytes, object]] = {}
        self.attachments: dict[str, bytes] = {}
        self.seals: list[tuple[DailySeal, bytes, str, int]] = []

    def add(
        self,
        borrower: str,
        kind: str,
        at: str = "2026-03-31T08:00:00Z",
        body: dict | None = None,
        personal: dict | None = None,
        attachments: tuple[bytes, ...] = (),
    ) -> Event:
        mine = [(event, line) for event, line in self.written if event.borrower == borrower]
        number = len(mine) + 1
        commitments = {}
        for name, value in (personal or {}).items():
            salt = hashlib.sha256(f"{borrower}{number}{name}".encode()).digest()[:16]
            self.values[borrower, number, name] = salt, value
            commitments[name] = commitment(salt, canonical(value))
        digests = []
        for content in attachments:
            digests.append(hashlib.sha256(content).hexdigest())
            self.attachments[digests[-1]] = content
        event = Event(
            *(f"event-{len(self.written)}", at, kind, borrower, number),
            event_hash(mine[-1][1]) if mine else "",
            *("S-001", body or {}, commitments, tuple(digests)),
        )
        self.written.append((event, event.line()))
        return event

    def erase(self, borrower: str, *fields: str, attachments: tuple[str, ...] = ()) -> Event:
        through = sum(event.borrower == borrower for event, _ in self.written)
        for key in list(self.values):
            if key[0] == borrower and key[1] <= through and key[2] in fields:
                del self.values[key]
        for digest in attachments:
            del self.attachments[digest]
        body = {"through": through, "fields": list(fields), "attachments": list(attachments)}
        return self.add(borrower, "erasure", body=body)

    def seal(self, day: str) -> DailySeal:
        start = self.seals[-1][3] if self.seals else 0
        lines = [line for _, line in self.written[start:]]
        seal = DailySeal(
            len(self.seals) + 1,
            day,
            f"{day}T16:00:00Z",
            start + 1,
            len(lines),
            Tree([bytes.fromhex(event_hash(line)) for line in lines]).root().hex(),
            line_hash(self.seals[-1][1]) if self.seals else "",
            f"{day}T17:00:00Z",
            key_hex(self.key.public_key()),
        )
        self.seals.append((seal, seal.line(), sign_line(seal.line(), self.key), len(self.written)))
        return seal

    def evidence(self, borrower: str) -> Evidence:
        mine = [
            (at, event, line) for at, (event, line) in enumerate(self.written) if event.borrower == borrower
        ]
        named = {digest for _, event, _ in mine for digest in event.attachments}
        return Evidence(
            [line for _, _, line in mine],
            [self.proof(at, event) for at, event, _ in mine],
            [
                Value(number, name, salt, value)
                for (whose, number, name), (salt, value) in sorted(
                    self.values.items(), key=lambda one: one[0]
                )
                if whose == borrower
            ],
            [(line, signature) for _, line, signature, _ in self.seals],
            [
                part(ATTACHMENTS + digest, content, "audio/wav")
                for digest, content in self.attachments.items()
                if digest in named
            ],
        )

    def proof(self, at: int, event: Event) -> Proof:
        for seal, _, _, end in self.seals:
            if at < end:
                start = seal.first_seq - 1
                leaves = [bytes.fromhex(event_hash(line)) for _, line in self.written[start:end]]
                return Proof(event.number, seal.number, at + 1, Tree(leaves).path(at - start))
        return Proof(event.number, 0, 0, b"")

    def parts(self, borrower: str = "B1") -> list[Part]:
        return bundle(self.evidence(borrower), "丰禾消费金融", borrower, MADE_AT, self.key)

    def files(self, borrower: str = "B1") -> Files:
        return Files(self.parts(borrower))


def small_log() -> Log:
    """Two borrowers over three days, with personal values, a recording, an erasure and an unsealed tail."""
    log = Log()
    for day in (29, 30, 31):
        for hour in (1, 2):
            at = f"2026-03-{day}T0{hour}:00:00Z"
            log.add("B1", "permit", at, {"contact": f"c{day}{hour}", "amount": 120050})
            log.add("B2", "refusal", at, {"rule": "cn.night"}, {"reason": "夜间"})
        log.add("B1", "contact", f"2026-03-{day}T03:00:00Z", {"seconds": 61}, {"note": f"愿意 {day} 日还款"})
        log.add(
            "B1", "recording", f"2026-03-{day}T03:01:00Z", {}, {"phone": "13800000000"}, (b"wav %d" % day,)
        )
        if day == 30:
            log.erase("B1", "phone")
        log.seal(f"2026-03-{day}")
    log.add("B1", "promise", "2026-04-01T02:00:00Z", {"amount": 50000}, {"note": "下月十日"})
    log.add("B1", "view", "2026-04-01T03:00:00Z", {"page": "case"})
    return log


def verdict(files: Files, *pinned: str) -> Verdict:
    return verify(files, pinned)
