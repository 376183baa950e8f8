"""What goes wrong, by a seeded schedule: providers that are slow or lie, machines that die, files half written."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from forbear.channels.transport import Message, Receipt
from forbear.core.permits.permit import Permit
from forbear.sim.chance import Chance
from forbear.sim.fault_table import FAULTS


class Faults:
    """Asked at each point whether it goes wrong now; counts what did.

    A draw belongs to what it is about, so the same seed has the same faults whatever happens in between.
    """

    def __init__(self, share: float, chance: Chance) -> None:
        self.share = share
        self.chance = chance
        self.tried: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self.ended: Counter[tuple[str, str]] = Counter()

    def due(self, name: str, *about: object) -> bool:
        """Whether this fault is to happen here; `struck` is reported once it has."""
        assert name in FAULTS, name
        self.tried[name] += 1
        return self.chance.draw(name, *about) < self.share

    def struck(self, name: str, how: str) -> None:
        """It happened, and this is how it ended."""
        self.happened[name] += 1
        self.ended[name, how] += 1

    def strikes(self, name: str, *about: object) -> bool:
        """Whether this fault happens here."""
        hit = self.due(name, *about)
        self.happened[name] += hit
        return hit

    def counts(self) -> dict[str, dict[str, object]]:
        """Each fault that had an opportunity: how many, how often it struck, and how that ended where it is known."""
        return {
            name: {
                "tried": self.tried[name],
                "happened": self.happened[name],
                "ended": {how: number for (of, how), number in sorted(self.ended.items()) if of == name},
            }
            for name in FAULTS
            if self.tried[name]
        }

    def moment(self, now: datetime, *about: object, far: bool = True) -> datetime:
        """What the clock says: mostly `now`, sometimes less, once in a while (only if `far`) two days less."""
        if not self.strikes("clock_back", *about):
            return now
        if far and self.chance.draw("how far", *about) < 0.2:
            return now - timedelta(hours=50)
        return now - timedelta(minutes=1 + self.chance.below(180, "minutes", *about))


class Wire:
    """A provider that keeps what truly reached somebody, and answers as the schedule says.

    `meanwhile` is what happens elsewhere while an answer is awaited for long.
    """

    provider = "sim"
    channels = ("sms", "voice", "email", "push", "letter")

    def __init__(self, faults: Faults, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.faults, self.meanwhile = faults, meanwhile
        self.arrived: Counter[str] = Counter()
        self.unreported: list[tuple[str, str]] = []
        self.new: list[str] = []

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Hand it over; what the answer says need not be what happened."""
        assert permit.contact_id == message.contact_id, "a permit is for one contact"
        about = (permit.borrower_id, permit.channel, permit.issued_at)
        if self.faults.strikes("provider_busy", *about):
            return Receipt("busy", self.provider, detail="sim: throttled")
        if self.faults.strikes("provider_refuses", *about):
            return Receipt("refused", self.provider, detail="sim: rejected")
        reference = f"sim-{message.contact_id}"
        if self.faults.strikes("provider_lies", *about):
            return Receipt("accepted", self.provider, reference)
        self.arrived[message.contact_id] += 1
        self.new.append(message.contact_id)
        self.unreported.append((message.contact_id, reference))
        if self.faults.strikes("provider_slow", *about):
            self.meanwhile()
        if self.faults.strikes("provider_unknown", *about):
            return Receipt("unknown", self.provider, detail="sim: no answer")
        return Receipt("accepted", self.provider, reference)

    def close(self) -> None:
        """Nothing is held open."""
