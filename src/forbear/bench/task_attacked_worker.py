"""A worker that is killed at any moment: what it hands to the provider is written to a file at once, one line each."""

import os
import time

from forbear.bench.child import Clock, answer
from forbear.bench.task_worker import catch_up
from forbear.channels.transport import Message, Receipt
from forbear.core.permits.permit import Permit


class Noting:
    """A provider of texts that takes all, and notes each before it answers."""

    provider = "bench"
    channels = ("sms",)

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Take it."""
        os.write(self._file, f"{message.contact_id}\n".encode())
        time.sleep(0.02)  # so that some are killed between the wire and the answer
        return Receipt("accepted", self.provider, message.contact_id)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def work(spec: dict, clock: Clock) -> dict:
    """Send until it is stopped or killed."""
    return catch_up(Noting(spec["journal"]), spec["name"], clock)


if __name__ == "__main__":
    answer(work)
