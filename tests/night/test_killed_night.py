"""Goal: `forbear night` killed by SIGKILL at any moment and run again leaves the bytes of an undisturbed one.

Method: the command itself, in homes that are copies of one; killed after a random share of the time that it takes, then
run again to its end. The night's files must be the same bytes, the desk's tables the same rows, the evidence whole.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.lender import make_home
from tests.interchange.book.small_feed import tree_bytes

DAY = date(2026, 3, 31)
TIMES = 20
#: What a reader of the desk would see; moments and random ids are each run's own.
ROWS = (
    "select borrower_id, worst_loan, stage, handler, held, facts, value, as_of, opened_on, closed_on from store_case",
    "select loan_id, days_past_due, past_due_amount, outstanding, bucket, as_of from store_loan",
    "select borrower_id, loan_id, planned_on, stage, channel, template, position, state from store_treatment",
    "select borrower_id, loans, channel, purpose, template, state, outcome, reason_code from store_contact",
    "select borrower, number, kind from store_event where borrower <> ''",
    "select as_of, version from store_publishednight",
)


def command(home: Path, *arguments: str) -> subprocess.Popen:
    given = {name: value for name, value in os.environ.items() if not name.startswith("FORBEAR_")}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.Popen(
        [sys.executable, "-m", "forbear", *arguments, "--home", str(home)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=given,
    )  # fmt: skip


def ends_well(process: subprocess.Popen) -> None:
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors


def desk(home: Path) -> list[list[tuple]]:
    with sqlite3.connect(f"file:{home}/data/desk.sqlite3?mode=ro", uri=True) as database:
        return [sorted(database.execute(query).fetchall(), key=repr) for query in ROWS]


def how_far(home: Path) -> str:
    """What the kill left."""
    with sqlite3.connect(f"file:{home}/data/desk.sqlite3?mode=ro", uri=True) as database:
        published = database.execute("select max(as_of) from store_publishednight").fetchone()[0]
    if published == str(DAY):
        return "published"
    if (home / "nights" / str(DAY)).is_dir():
        return "decided"
    return "begun" if (home / "nights" / f".{DAY}.unfinished").is_dir() else "not begun"


def until_begun(process: subprocess.Popen, home: Path) -> None:
    """Wait until the night has its folder: before that, Python only starts."""
    mark = home / "nights" / f".{DAY}.unfinished"
    while process.poll() is None and not mark.is_dir():
        time.sleep(0.002)


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A home the evening before, how long its night works, and what that leaves."""
    root = tmp_path_factory.mktemp("lender")
    home = root / "home"
    make_home(home, made_up=True)
    generate_feed(root / "feed", loans=6_000, seed=4, as_of=DAY, form="parquet")
    import_feed(home / "data" / "book", root / "feed", quarantine=home / "quarantine", partitions=6)
    ends_well(command(home, "night", "--as-of", str(DAY - timedelta(days=1))))
    twin = root / "twin"
    shutil.copytree(home, twin)
    process = command(twin, "night", "--as-of", str(DAY))
    until_begun(process, twin)
    begun = time.monotonic()
    ends_well(process)
    return home, time.monotonic() - begun, tree_bytes(twin / "nights" / str(DAY)), desk(twin)


@pytest.mark.long
def test_killed_at_random_moments_and_run_again(tmp_path, lender):
    prepared, works, night, rows = lender
    chance, left = random.Random(20), Counter()
    for number in range(1, TIMES + 1):
        home = tmp_path / f"home-{number}"
        shutil.copytree(prepared, home)
        process = command(home, "night", "--as-of", str(DAY))
        if number % 10:
            until_begun(process, home)
        # the first is surely killed, however quick the others
        time.sleep(works * (0.1 if number == 1 else chance.uniform(0, 0.9)))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left[how_far(home)] += process.returncode == -signal.SIGKILL
        ends_well(command(home, "night", "--as-of", str(DAY)))
        assert tree_bytes(home / "nights" / str(DAY)) == night
        assert desk(home) == rows
        days = sorted(path.name for path in (home / "nights").iterdir())
        assert days == [str(DAY - timedelta(days=1)), str(DAY)]
        ends_well(command(home, "evidence", "check"))
        shutil.rmtree(home)
    print(f"killed: {dict(left)}")  # noqa: T201  shown with -s
    assert sum(left.values()) >= 15, "most were killed before they had ended"
    assert len(left) >= 3, f"they were killed at several of its steps: {left}"
