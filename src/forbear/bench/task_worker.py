"""A worker that catches up, as `forbear work` does, until it is stopped. Its home is FORBEAR_HOME.

Each contact goes through the permit gate, to a provider that takes it at once.
"""

import signal
import time

from forbear.bench.child import Clock, answer
from forbear.bench.desk_ready import HOME
from forbear.channels.transport import Message, Receipt, Transport
from forbear.core.permits.permit import Permit
from forbear.jobs.send_due import Worker, give_way


class Taking:
    """A provider of texts that is there already."""

    provider = "bench"
    channels = ("sms",)

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Take it."""
        return Receipt("accepted", self.provider, message.contact_id)

    def close(self) -> None:
        """Nothing to close."""


def work(spec: dict, clock: Clock) -> dict:
    """Send until SIGTERM; how many contacts were handled, and in how long."""
    return catch_up(Taking(), spec["name"], clock)


def catch_up(transport: Transport, name: str, clock: Clock) -> dict:
    """Send texts by a transport as a worker of that name until SIGTERM; how many contacts were handled."""
    assert HOME.is_dir(), "the home is there"
    give_way()
    worker = Worker({"sms": transport}, name=name)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    handled = 0
    with clock:
        while not worker.stopping.is_set():
            done = worker.once()
            handled += done
            if not done:
                time.sleep(0.1)
    return {"handled": handled}


if __name__ == "__main__":
    answer(work)
