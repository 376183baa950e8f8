"""What every channel has in common: a permit and a message in, a receipt out.

An adapter never raises for what a provider does: it answers with a `Receipt`. The difference between
`refused` (it certainly did not leave) and `unknown` (it may have) is the one that keeps a borrower from being
contacted twice, so an adapter says `refused` or `busy` only when it knows.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from forbear.core.base.canonical import canonical
from forbear.core.base.problem import Problem
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.permits.permit import Permit

#: accepted: the provider has it. refused: it never will (bad number, rejected text). busy: it did not take it
#: now and may later (throttled, not connected). unknown: no certain answer; never sent again, but reconciled.
ANSWERS = ("accepted", "refused", "busy", "unknown")

#: What a provider reports later. `answered` and `unanswered` are calls, `bounced` and `complained` e-mails.
REPORTS = (
    "delivered",
    "undelivered",
    "bounced",
    "complained",
    "answered",
    "unanswered",
    "voicemail",
    "limited_message",
    "invalid",
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What is to leave. `contact_id` is also the idempotency key towards a provider that knows one.

    `to` is the address in the clear; it goes to the provider and nowhere else. For voice, `body` is what an
    automatic reminder says to a person, `on_machine` what it says where a machine listens or nobody can tell: never a
    word of a debt, and nothing when empty. `agent` is the collector's own line for click-to-call, empty for a reminder.
    """

    contact_id: str
    channel: str
    to: str
    sender: str
    language: str
    body: str
    subject: str = ""
    agent: str = ""
    unsubscribe_url: str = ""
    attachments: tuple[Attachment, ...] = ()
    on_machine: str = ""

    def digest(self) -> str:
        """SHA-256 of what the borrower would read or hear; a permit names it."""
        files = [
            [attachment.name, hashlib.sha256(attachment.content).hexdigest()]
            for attachment in self.attachments
        ]
        spoken = [self.on_machine] if self.on_machine else []
        return hashlib.sha256(canonical([self.channel, self.subject, self.body, files, *spoken])).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's answer. `detail` is in its own words, for staff, and holds no personal data.

    `reason` is why an adapter gave it to no provider. `opted_out`: the provider has a stop of this number on file.
    """

    answer: str
    provider: str
    provider_ref: str = ""
    detail: str = ""
    reason: Reason = NO_REASON
    opted_out: bool = False

    def __post_init__(self) -> None:
        assert self.answer in ANSWERS, self.answer
        assert not (self.detail and self.reason), "either the provider says why or the adapter"

    @property
    def why(self) -> Reason:
        """The reason with which the contact is left."""
        return Reason.of("provider", detail=self.detail[:300]) if self.detail else self.reason


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says later of a message or call it had taken, named by its own reference.

    `spellings` are other ways to write the reference, the likeliest first; each is tried in turn.
    """

    provider: str
    provider_ref: str
    state: str
    at: datetime
    detail: str = ""
    seconds: int = 0
    recording: bytes = field(default=b"", repr=False)
    recording_type: str = ""
    spellings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert self.state in REPORTS, self.state


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody sent back. `provider_ref` is the provider's own reference, for telling repeats apart.

    `command` is stop or start where the provider itself took it as one, by the account's own key words.
    """

    provider: str
    provider_ref: str
    channel: str
    sender: str
    to: str
    text: str
    at: datetime
    command: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call was taken, and the provider asks what to say. `by` is `person`, `machine`, `unknown` or `fax`."""

    provider: str
    provider_ref: str
    contact_id: str
    by: str
    at: datetime


class Transport(Protocol):
    """A way out. `provider` is its name in settings and receipts, `channels` what it carries."""

    @property
    def provider(self) -> str: ...

    @property
    def channels(self) -> tuple[str, ...]: ...

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Hand the message to the provider, at most once. Never raises for what the provider does."""
        ...

    def close(self) -> None:
        """Let go of connections. A transport may be used again afterwards."""
        ...


@runtime_checkable
class KeepsRecordings(Protocol):
    """A transport whose provider keeps the recordings of calls. `records` is whether it is set to make any."""

    records: bool

    def recording(self, call: str) -> tuple[bytes, str] | Problem:
        """The recording of a call by the provider's reference, and its media type; Problem while there is none."""
        ...


def recording_providers(transports: Iterable[Transport]) -> frozenset[str]:
    """The names of the providers that are set to record calls, whether they report or keep the recordings."""
    return frozenset(transport.provider for transport in transports if getattr(transport, "records", False))


def check_permit(permit: Permit, message: Message) -> None:
    """Every transport calls this first: the permit is for this very message."""
    assert permit.signature, "an unsigned permit opens nothing"
    assert permit.contact_id == message.contact_id, "the permit is for another contact"
    assert permit.channel == message.channel, "the permit is for another channel"
    assert not permit.content or permit.content == message.digest(), "the permit is for other words"
