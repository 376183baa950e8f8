"""The desk's commands as a person runs them: a night reaches the desk, evidence is handed out and checked."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.lender import make_home
from tests.factories.program import run_program

PROGRAM = Path(sys.executable).with_name("forbear")
#: As set on a lender's machine; there is no such server, so whoever asks it fails.
LENDERS_OWN = {"FORBEAR_DATABASE": "postgresql://nobody@/nothing?host=/nowhere"}


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A home with a book of three hundred made-up loans."""
    root = tmp_path_factory.mktemp("desk")
    home = root / "home"
    make_home(home, made_up=True)
    generate_feed(root / "feed", loans=300, seed=4, as_of=date(2026, 3, 31))
    import_feed(home / "data" / "book", root / "feed", quarantine=home / "quarantine")
    return root


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FORBEAR", "DJANGO"))}
    return clean | more


def run(root: Path, *arguments: object, status: int = 0, **more: str) -> str:
    done = run_program(*arguments, cwd=root, env=environment(**more))
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def rows(root: Path, query: str) -> list[tuple]:
    with sqlite3.connect(root / "home" / "data" / "desk.sqlite3") as connection:
        return connection.execute(query).fetchall()


def test_nights_reach_the_desk_in_order(lender):
    assert "cases opened" in run(lender, "night", "--as-of", "2026-03-30", "--home", "home")
    told = run(lender, "night", "--as-of", "2026-03-31", "--home", "home")
    assert "closed" in told
    assert "works on this night already" in run(lender, "night", "--as-of", "2026-03-31", "--home", "home")
    assert "already works on the night of 2026-03-31" in run(
        lender, "night", "--as-of", "2026-03-29", "--home", "home"
    )
    (late,) = rows(lender, "select count(*) from store_case where closed_on is null")[0]
    assert late > 10
    assert rows(lender, "select count(*) from store_case where closed_on is null and stage = ''") == [(0,)]
    assert rows(lender, "select count(*) from store_borrower")[0][0] < 100, (
        "personal data only where a case opens"
    )
    borrower = rows(lender, "select borrower_id from store_case order by 1 limit 1")[0][0]
    bundle = lender / "bundle.zip"
    run(lender, "evidence", "export", borrower, "--out", bundle, "--home", "home")
    key = lender / "home" / "data" / "keys" / "signing.pub.pem"
    assert "whole and unchanged" in run(lender, "verify", bundle, "--key", key)
    run(lender, "evidence", "check", "--home", "home")
    assert "rules" in run(lender, "check-pack", "home/packs/cn.yaml", "--last-days", 30, "--home", "home")


def opened(root: Path, port: int, *more: str, alone: bool = False) -> str:
    """What the demo says until its desk is open; then it is stopped as by a terminal, or `alone` by its number."""
    words = ["demo", "--dir", "demo", "--loans", "100", "--no-quarter", "--port", str(port), *more]
    said = ""
    running = subprocess.Popen(
        [PROGRAM, *words],
        cwd=root,
        env=environment(**LENDERS_OWN),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=interruptible,
    )
    with running:
        assert running.stdout is not None
        try:
            for line in running.stdout:
                said += line
                if line.startswith("Working."):
                    break
            if alone:
                running.terminate()
            else:  # the workers hear it too
                os.killpg(running.pid, signal.SIGINT)
            status = running.wait(60)
        finally:
            alone_at_last = nobody_left(running.pid)
    assert alone_at_last, "a process that the demo started is still there"
    assert status == 0, said
    return said


def interruptible() -> None:
    """A terminal's programs hear an interrupt; those of a run in the background would not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def nobody_left(group: int) -> bool:
    """Whether a group of processes is gone; what is left of it is ended, so that no test leaves one behind."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return True
    return False


def test_a_made_up_world_stays_out_of_the_lenders_database(tmp_path):
    told = run(tmp_path, "sim", "--borrowers", 10, "--days", 1, **LENDERS_OWN)
    assert "Every invariant held" in told
