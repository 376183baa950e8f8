"""The sending worker: claims what is due, carries it through, and stops when asked, after the one in hand."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from django.conf import settings

from forbear.actions.contacts.send import claim, recover, send_one
from forbear.channels.transport import Transport
from forbear.interchange.home import clock as home_clock
from forbear.jobs.throttle import await_turn

_RECOVER_EVERY_SECONDS = 20.0
#: Of 19 steps down. Workers that catch up have what the desk leaves them of the processors, and all of it at night.
_NICE = 10


def clock() -> datetime:
    """The moment now, in UTC."""
    return home_clock.now(settings.HOME)


def worker_name() -> str:
    """A name for this process that no other has at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"[:64]


def give_way() -> None:
    """From now on this thread and those it starts get the processor after those that serve pages: people come first.

    A system that knows no priorities is left as it is; one that was given a lower priority keeps it.
    """
    if hasattr(os, "setpriority"):
        low = max(_NICE, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, 0, low)


class Worker:
    """One sending worker. `paces` has each provider's messages a second; 0 or missing is unlimited."""

    def __init__(
        self,
        providers: Mapping[str, Transport],
        paces: Mapping[str, float] | None = None,
        name: str = "",
        now: Callable[[], datetime] = clock,
    ) -> None:
        self.providers = providers
        self.paces = paces or {}
        self.name = name or worker_name()
        self.now = now
        self.stopping = threading.Event()
        self._recovered_at = 0.0

    def stop(self) -> None:
        """Stop after the contact in hand."""
        self.stopping.set()

    def once(self, limit: int = 20) -> int:
        """Send what is due now, at most `limit`; how many contacts were handled. Without a provider all of it waits."""
        if time.monotonic() - self._recovered_at > _RECOVER_EVERY_SECONDS:
            recover(self.now())
            self._recovered_at = time.monotonic()
        handled = 0
        claimed = claim(self.name, self.now(), limit=limit, channels=self.providers.keys())
        for contact_id, channel in claimed.items():
            if self.stopping.is_set():
                break  # what is left was claimed only; its lease runs out and another worker takes it
            self._wait_for_turn(self.providers[channel].provider)
            send_one(contact_id, self.name, self.providers, self.now)
            handled += 1
        return handled

    def _wait_for_turn(self, provider: str) -> None:
        if wait := await_turn(provider, self.paces.get(provider, 0), self.now()):
            self.stopping.wait(wait.total_seconds())
