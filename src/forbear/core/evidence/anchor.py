"""What is known of the log outside its database: seals and chains' ends that were written down elsewhere.

Somebody with the database can cut events out of it, take down its seals and let the service sign the rest again. A
seal that somebody else has shows it: the log must still have that very seal in its place. What no seal covers yet is
known by hashes of events, written down every hour; a hash tells nothing, and its event must be there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from forbear.core.base.canonical import canonical
from forbear.core.evidence.log import EvidenceError, read_seal

LINE, SIGNATURE = "line", "signature"


@dataclass(frozen=True, slots=True)
class KnownSeal:
    """A seal as somebody outside has it: its number, its day, its line, and where it was found."""

    number: int
    day: str
    line: str
    origin: str


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known outside: seals, and hashes of events as 64 hex digits."""

    seals: tuple[KnownSeal, ...] = ()
    heads: frozenset[str] = field(default_factory=frozenset)

    @property
    def last(self) -> KnownSeal | None:
        """The seal with the highest number."""
        return max(self.seals, key=lambda seal: seal.number, default=None)


NOTHING_KNOWN = Known()


def seal_row(line: str, signature: str) -> bytes:
    """A seal as a line of an anchor: canonical JSON of its own line and its signature in hex."""
    return canonical({LINE: line, SIGNATURE: signature}) + b"\n"


def read_seals(content: bytes, origin: str) -> list[KnownSeal]:
    """The seals of an anchor, or of the `seals.jsonl` of a bundle. EvidenceError names the line that is none."""
    found = []
    for place, text in enumerate(content.splitlines(), 1):
        if not text.strip():
            continue
        try:
            fields = json.loads(text)
            line = fields.get(LINE, text.decode()) if isinstance(fields, dict) else text.decode()
            seal = read_seal(str(line).encode())
        except (ValueError, RecursionError):
            raise EvidenceError(f"{origin}:{place}: is no seal; a seal is one line of JSON") from None
        found.append(KnownSeal(seal.number, seal.day, str(line), origin))
    return found


def cut_problem(known: Known, here: Iterable[tuple[int, str]]) -> str | None:
    """Why the log can't go on, where it lacks what is known of it; `here` are the numbers and lines of its seals."""
    last = known.last
    if last is None:
        return None
    lines = dict(here)
    if lines.get(last.number) == last.line:
        return None
    state = "has another seal in its place" if last.number in lines else "has it no more"
    return (
        f"seal {last.number} of {last.day} is in {last.origin}, but the database {state}: evidence was cut out or "
        "an old copy of the database was put back. Nothing is sealed. Run `forbear evidence check`; "
        "after a restored backup `forbear evidence go-on`"
    )
