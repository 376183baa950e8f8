"""A sending worker that can be killed at a chosen step; run by test_killed.

Reads one JSON line per round: the worker's name, the moment, and the step to die at ("" to live). For each it forks, so
that Django is started once. The wire is a file: what is written there has left.
"""

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from forbear.config.start import start

start(Path(os.environ["FORBEAR_HOME"]))

from django.conf import settings  # noqa: E402
from django.db import connections, transaction  # noqa: E402

from forbear.actions.contacts import send  # noqa: E402
from forbear.channels.transport import Message, Receipt  # noqa: E402
from forbear.core.permits.permit import Permit  # noqa: E402

settings.DATABASES["default"]["NAME"] = os.environ["FORBEAR_TEST_NAME"]
connections.databases["default"]["NAME"] = os.environ["FORBEAR_TEST_NAME"]


def die_at(step: str, wanted: str) -> None:
    """Die here, if here is where to die: no handler, no clean-up."""
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)


class Wire:
    """A provider whose wire is a file."""

    provider = "wire"
    channels = ("sms",)

    def __init__(self, path: str, step: str) -> None:
        self.path, self.step = path, step

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Write the contact's id, durably."""
        die_at("before the wire", self.step)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{message.contact_id}\n".encode())
        os.fsync(descriptor)
        os.close(descriptor)
        die_at("after the wire", self.step)
        return Receipt("accepted", self.provider, message.contact_id)

    def close(self) -> None:
        """Nothing to close."""


def work(told: dict) -> None:
    """One worker's round: what is due, one contact after another."""
    now, step = datetime.fromisoformat(told["now"]), told["step"]
    wire = Wire(os.environ["FORBEAR_TEST_WIRE"], step)
    give = send.give_permit

    def giving(*args: object, **more: object) -> object:
        die_at("before the permit", step)
        answer = give(*args, **more)
        die_at("after the permit, before its commit", step)
        transaction.on_commit(lambda: die_at("after the intent's commit", step))
        return answer

    send.give_permit = giving
    settle = send._log_event

    def telling(*args: object, **more: object) -> None:
        settle(*args, **more)
        die_at("before the answer's commit", step)
        transaction.on_commit(lambda: die_at("after the answer's commit", step))

    send._log_event = telling
    send.recover(now)
    claimed = send.claim(told["name"], now, limit=3)
    die_at("after the claim", step)
    for contact_id in claimed:
        send.send_one(contact_id, told["name"], {"sms": wire}, lambda: now)


for line in sys.stdin:
    child = os.fork()
    if not child:
        work(json.loads(line))
        connections.close_all()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    sys.stdout.write(f"{status}\n")
    sys.stdout.flush()
