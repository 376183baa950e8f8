"""Made-up messages with their permits, and the surroundings of a transport."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forbear.channels.adapter_context import AdapterContext
from forbear.channels.transport import Message, Reply, Report
from forbear.core.permits.permit import Permit, sign

NOW = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()


def message(
    channel: str = "sms", to: str = "+8613800000001", body: str = "您好,您有一期还款逾期。", **more
) -> Message:
    """A message with a new contact_id."""
    given = {"contact_id": str(uuid.uuid4()), "sender": "示例贷款", "language": "zh"} | more
    return Message(channel=channel, to=to, body=body, **given)


def permit_for(about: Message, **changed: object) -> Permit:
    """A signed permit for exactly this message, but for what is changed."""
    fields = {
        "permit_id": str(uuid.uuid4()),
        "contact_id": about.contact_id,
        "borrower_id": "B1",
        "channel": about.channel,
        "purpose": "remind",
        "party": "debtor",
        "point": "0" * 32,
        "content": about.digest(),
        "agency": "",
        "packs": ("cn@1",),
        "facts": "f" * 64,
        "issued_at": "2026-03-10T07:00:00Z",
        "expires_at": "2026-03-10T07:01:00Z",
        "key_id": "test",
    }
    return sign(Permit(**(fields | changed)), KEY)


class Ears:
    """A listener that keeps what it hears; it fails as many times as told first."""

    def __init__(self, failing: int = 0) -> None:
        self.failing = failing
        self.heard: list[Report | Reply] = []

    def __call__(self, told: Report | Reply) -> None:
        """Keep it, or fail."""
        if self.failing > 0:
            self.failing -= 1
            raise OSError("the database is away")
        self.heard.append(told)


def around(folder: Path, name: str = "line", heard: Ears | None = None) -> AdapterContext:
    """Surroundings in which it is always NOW."""
    return AdapterContext(name, folder, lambda: NOW, heard or Ears())
