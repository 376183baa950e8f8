"""The log in the database: events appended one by one, events appended in batches, sealing, checking everything.

Its home is FORBEAR_HOME, its database that home's (or FORBEAR_DATABASE), and both must be new.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from forbear.bench.child import Clock, answer
from forbear.bench.desk_ready import HOME
from forbear.store import evidence
from forbear.store.evidence_check import check
from forbear.store.evidence_seal import seal_day
from forbear.store.models import Event

_BATCH = 1000


def work(spec: dict, clock: Clock) -> dict:
    """`events` over `days` for as many `borrowers`; `singles` of them first, by `workers` threads."""
    assert HOME.is_dir(), "the home is there"
    assert not Event.objects.exists(), "the log to be measured is new"
    key = Ed25519PrivateKey.generate()
    start = datetime.fromisoformat(spec["start"])
    figures = {"singles": spec["singles"], "workers": spec["workers"]}
    with clock:
        figures["single_seconds"] = _timed(lambda: _singles(spec, start))
        left, day = spec["events"] - spec["singles"], 0
        figures["batch_seconds"] = figures["seal_seconds"] = 0
        a_day = -(-left // spec["days"])
        while left > 0:
            at = start + timedelta(days=day)
            now, count = at + timedelta(days=2), min(a_day, left)
            figures["batch_seconds"] += _timed(
                lambda at=at, count=count, day=day: _batches(spec, at, count, day)
            )
            figures["seal_seconds"] += _timed(lambda at=at, now=now: seal_day(at.date(), now, key))
            left, day = left - count, day + 1
        flaws: list = []
        began = time.process_time()
        figures["check_seconds"] = _timed(
            lambda: flaws.extend(check(start + timedelta(days=spec["days"] + 2)))
        )
        figures["check_cpu_seconds"] = time.process_time() - began
    assert flaws == [], f"the log is not whole: {flaws[0]}"
    return figures | {"events": Event.objects.count(), "loans": 0}


def _timed(doing: Callable) -> float:
    began = time.perf_counter()
    doing()
    return time.perf_counter() - began


def _singles(spec: dict, at: datetime) -> None:
    """Events one by one, each in a transaction of its own that is on disk when it ends."""
    share = spec["singles"] // spec["workers"]

    def one(worker: int) -> None:
        for place in range(share):
            with transaction.atomic():
                evidence.append(
                    "permit",
                    at=at,
                    actor=f"worker-{worker}",
                    borrower=f"W{worker}-{place % 50}",
                    body=_body(place),
                )
        connection.close()

    threads = [threading.Thread(target=one, args=(worker,)) for worker in range(spec["workers"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _batches(spec: dict, at: datetime, count: int, day: int) -> None:
    for start in range(0, count, _BATCH):
        with transaction.atomic():
            evidence.append_many(
                evidence.Entry(
                    "note" if place % 4 == 0 else "planned_contact",
                    at,
                    "night",
                    _body(place),
                    f"B{(day * 7919 + place) % spec['borrowers']}",
                    {"note": "a word with the borrower"} if place % 4 == 0 else {},
                )
                for place in range(start, min(start + _BATCH, count))
            )


def _body(place: int) -> dict:
    return {"contact": f"c-{place:036d}", "channel": "sms", "purpose": "collect", "facts": "0" * 64}


if __name__ == "__main__":
    answer(work)
