"""Goal: a worker killed at any step sends nothing twice and loses nothing unseen.

Method: a real process is killed with SIGKILL at a chosen step, over and over; each time the next worker takes over once
the lease has run out. The wire is a file. At the end every contact either left exactly once, or is `unknown`
where a person sees it and left at most once.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from forbear.actions.contacts.send import LEASE
from forbear.store.models import Contact, Permit
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.profile import rounds

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db(transaction=True)]

STEPS = (
    "after the claim",
    "before the permit",
    "after the permit, before its commit",
    "after the intent's commit",
    "before the wire",
    "after the wire",
    "before the answer's commit",
    "after the answer's commit",
)
TIMES = rounds(16, 200)


def test_killed_at_every_step(tmp_path):
    house_rules()
    Path(tmp_path / "wire").touch()
    for n in range(TIMES):
        wished(make_borrower(f"B{n}", phone=f"+86100{n:08d}"))
    steps = [STEPS[n % len(STEPS)] for n in range(TIMES)]
    random.Random(5).shuffle(steps)
    environment = os.environ | {
        "FORBEAR_HOME": str(settings.HOME.folder),
        "FORBEAR_TEST_NAME": str(connection.settings_dict["NAME"]),
        "FORBEAR_TEST_WIRE": str(tmp_path / "wire"),
    }
    killed = Counter()
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("worker_process.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as workers:

        def round_of(name: str, moment, step: str) -> int:
            workers.stdin.write(json.dumps({"name": name, "now": moment.isoformat(), "step": step}) + "\n")
            workers.stdin.flush()
            return int(workers.stdout.readline())

        now = NOON
        for n, step in enumerate(steps):
            if round_of(f"w{n}", now, step) == signal.SIGKILL:
                killed[step] += 1
            now += timedelta(seconds=20)
        for n in range(TIMES):
            now += LEASE
            assert round_of(f"last{n}", now, "") == 0
            if not Contact.objects.filter(state__in=("waiting", "claimed", "sending")).exists():
                break
        workers.stdin.close()
    assert killed.keys() == set(STEPS), "every step was reached"
    wire = Counter((tmp_path / "wire").read_text().split())
    states = dict(Contact.objects.values_list("contact_id", "state"))
    assert set(states.values()) <= {"sent", "unknown"}
    assert {each for each, state in states.items() if state == "sent"} <= set(wire)
    assert max(wire.values()) == 1
    assert set(wire) <= set(states)
    unsure = [each for each, state in states.items() if state == "unknown"]
    assert 0 < len(unsure) <= sum(killed[step] for step in STEPS[3:7]), "only what may have left is unsure"
    assert Permit.objects.count() == TIMES, "one permit for each intent, none for what died before its commit"
