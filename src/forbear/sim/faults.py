"""What goes wrong, by a seeded schedule: providers that are slow or lie, workers that die, files half written."""

from collections import Counter
from random import Random

from forbear.channels.transport import Message, Receipt
from forbear.core.permit import Permit

#: Each fault with what it stands for.
FAULTS = {
    "provider_busy": "the provider does not take a message now",
    "provider_refuses": "the provider rejects a message",
    "provider_unknown": "no answer came: the message may have left",
    "worker_dies_before": "the worker died after deciding and before the wire",
    "worker_dies_after": "the worker died after the wire and before writing it down",
    "report_twice": "a provider's report comes twice",
    "report_early": "a report overtakes the answer",
    "payment_twice": "a payment is told twice",
    "payment_bounces": "a payment is taken back",
    "payment_backdated": "a payment is heard of days later",
    "feed_half_written": "the feed's file is cut off",
    "night_twice": "a second night runs beside the first",
}


class Faults:
    """Asked at each point whether it goes wrong now; counts what did."""

    def __init__(self, share: float, chance: Random) -> None:
        self.share = share
        self.chance = chance
        self.happened: Counter[str] = Counter()

    def strikes(self, name: str) -> bool:
        """Whether this fault happens here."""
        assert name in FAULTS, name
        hit = self.chance.random() < self.share
        self.happened[name] += hit
        return hit


class Wire:
    """A provider that keeps what truly reached somebody, and answers as the schedule says."""

    provider = "sim"
    channels = ("sms", "voice", "email", "push", "letter")

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.arrived: Counter[str] = Counter()
        self.unreported: list[tuple[str, str]] = []

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Hand it over; what the answer says need not be what happened."""
        assert permit.contact_id == message.contact_id, "a permit is for one contact"
        if self.faults.strikes("provider_busy"):
            return Receipt("busy", self.provider, detail="sim: throttled")
        if self.faults.strikes("provider_refuses"):
            return Receipt("refused", self.provider, detail="sim: rejected")
        self.arrived[message.contact_id] += 1
        reference = f"sim-{message.contact_id}"
        self.unreported.append((message.contact_id, reference))
        if self.faults.strikes("provider_unknown"):
            return Receipt("unknown", self.provider, detail="sim: no answer")
        return Receipt("accepted", self.provider, reference)

    def close(self) -> None:
        """Nothing is held open."""
