"""An attack on a demo on PostgreSQL: everybody tries everything while the service and its workers are killed.

Attackers are each role, borrowers, programs and nobody; they ask every address with keys of all rows, send forms and
what no form sends, slowly, in floods and many times at once. At the end the evidence is checked, and what was sent.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import psycopg

from forbear.bench.attackers import Attack, attack
from forbear.bench.launch import BenchFailed, empty_database, run_task
from forbear.bench.load import free_port, wait_until_ready

_KILL_EVERY = 20.0
#: A fault of ours in what the service or a worker wrote.
_TRACE = "Traceback (most recent call last)"


@click.command("attack")
@click.option("--minutes", type=click.FloatRange(0.1, 600), default=30.0, show_default=True)
@click.option(
    "--attackers", type=click.IntRange(1, 200), default=8, show_default=True, help="That walk at once."
)
@click.option(
    "--cases", type=click.IntRange(10, 1_000_000), default=5_000, show_default=True, help="That wait."
)
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True)
@click.option(
    "--demo", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A demo that is there."
)
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write all.")
def command(
    minutes: float, attackers: int, cases: int, seed: int, demo: Path | None, json_file: Path | None
) -> None:
    """Attack a made-up lender on PostgreSQL on this machine, and tell what gave way."""
    outcome = measure(minutes, attackers, cases, seed, demo)
    for name, number in sorted(outcome["asked"].items()):
        click.echo(f"{name:40}{number:>10,}")
    click.echo(
        f"{outcome['kills']} kills; {outcome['sends']:,} sends, {len(outcome['twice'])} twice; "
        f"evidence: {outcome['evidence']}; "
        f"{outcome['traces']} tracebacks"
    )
    for what, number in sorted(outcome["found"].items()):
        click.echo(f"{number:>6}  {what}")
    if json_file is not None:
        json_file.write_text(json.dumps(outcome, indent=1, ensure_ascii=False), encoding="utf-8")
    if outcome["found"] or outcome["twice"] or outcome["flaws"]:
        raise SystemExit(1)


def measure(minutes: float, attackers: int, cases: int, seed: int, demo: Path | None = None) -> dict:
    """What the attack asked, and what it found."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forbear-attack-")))
        home = folder / "home"
        named = stack.enter_context(empty_database("postgresql", folder / "server"))
        environment = {**named, "FORBEAR_HOME": str(home), "FORBEAR_PROXIES": "1"}
        _move_demo(demo or _make_demo(folder / "demo"), home, folder, environment)
        ready = run_task("task_attack", {"step": "ready", "cases": cases}, environment)
        journal = folder / "journal"
        journal.touch()
        service = stack.enter_context(_attacked(home, environment, journal, seed))
        state = Attack(service.port, ready, time.monotonic() + minutes * 60, seed)
        service.begin(state)
        asyncio.run(attack(state, attackers))
        service.end()
        return _outcome(state, service, journal, home, environment)


def _make_demo(folder: Path) -> Path:
    _forbear(["demo", "--dir", str(folder), "--loans", "300", "--quarter", "--no-serve"], {})
    return folder


def _move_demo(demo: Path, home: Path, folder: Path, environment: dict[str, str]) -> None:
    """The demo as it was made, on PostgreSQL and by this machine's own time."""
    _forbear(["backup", str(folder / "backup.zip"), "--home", str(demo)], {})
    _forbear(["restore", str(folder / "backup.zip"), str(home), "--no-check"], environment)
    (home / "data" / "clock.json").unlink(missing_ok=True)
    (home / "lender.yaml").write_text(
        (demo / "lender.yaml").read_text("utf-8")
        + "\ncreditors:\n  donghu: {name: {zh: 东湖银行, en: East Lake Bank}}\n",
        encoding="utf-8",
    )
    for mark in demo.glob(".*"):  # a backup has no mark of a demo
        if mark.is_file():
            shutil.copy(mark, home / mark.name)


def _forbear(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "forbear", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 2) or (done.returncode and arguments[0] != "evidence"):
        raise BenchFailed(f"forbear {arguments[0]}: {done.stderr[-500:]}")
    return done.stdout


class Service:
    """The service, the timetable and two workers, of which one after the other is killed and started again."""

    def __init__(self, home: Path, environment: dict[str, str], journal: Path, seed: int, log: Path) -> None:
        self.port = free_port()
        self.kills: Counter[str] = Counter()
        self.log = log
        self._home, self._environment, self._journal = home, environment, journal
        self._chance, self._stop = random.Random(f"kill-{seed}"), threading.Event()
        self._running: dict[str, subprocess.Popen] = {}
        self._thread: threading.Thread | None = None
        self._turn = 0
        for name in ("serve", "work", "worker 1", "worker 2"):
            self._start(name)
        wait_until_ready(self.port, self._running["serve"])

    def _start(self, name: str) -> None:
        self._turn += 1
        program = [sys.executable, "-m"]
        if name == "serve":
            program += ["forbear", "serve", "--port", str(self.port), "--home", str(self._home)]
        elif name == "work":
            program += ["forbear", "work", "--home", str(self._home)]
        else:
            spec = {"name": f"{name}-{self._turn}".replace(" ", "-"), "journal": str(self._journal)}
            program += ["forbear.bench.task_attacked_worker", json.dumps(spec)]
        with self.log.open("ab") as said:
            self._running[name] = subprocess.Popen(
                program,
                env={**os.environ, **self._environment},
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def begin(self, state: Attack) -> None:
        """Kill one of them every so often, until the end."""
        self._thread = threading.Thread(target=self._kill_on, args=(state,), daemon=True)
        self._thread.start()

    def _kill_on(self, state: Attack) -> None:
        while not self._stop.wait(_KILL_EVERY):
            what = self._chance.choice(
                ("worker 1", "worker 2", "worker 1", "work", "serve", "page process", "database")
            )
            self.kills[what] += 1
            state.away = what in ("serve", "page process")
            try:
                self._kill(what)
            finally:
                state.away = False

    def _kill(self, what: str) -> None:
        if what == "database":
            self._cut_database()
        elif what == "page process":
            master = self._running["serve"].pid
            children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
            for child in children:
                os.kill(int(child), signal.SIGKILL)
            wait_until_ready(self.port, self._running["serve"])
        else:
            process = self._running[what]
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._start(what)
            if what == "serve":
                wait_until_ready(self.port, self._running["serve"])

    def _cut_database(self) -> None:
        """End every connection to the database, in the midst of whatever it does."""
        with psycopg.connect(self._environment["FORBEAR_DATABASE"], autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and backend_type = 'client backend'"
            )

    def end(self) -> None:
        """Let all end in order."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def _attacked(home: Path, environment: dict[str, str], journal: Path, seed: int) -> Iterator[Service]:
    service = Service(home, environment, journal, seed, home.parent / "said.log")
    try:
        yield service
    finally:
        service.end()


def _outcome(state: Attack, service: Service, journal: Path, home: Path, environment: dict[str, str]) -> dict:
    """What was asked and found, what was sent twice, and whether the log is whole."""
    sent = journal.read_text("ascii").split()
    mailbox = {path.stem for path in (home / "data" / "mailbox").glob("*.json")}
    twice = sorted(name for name, number in Counter(sent).items() if number > 1 or name in mailbox)
    left = run_task("task_attack", {"step": "left"}, environment)
    again = sorted(set(sent) & set(left["waiting"]))
    said = service.log.read_text("utf-8", "replace")
    checked = json.loads(_forbear(["evidence", "check", "--json", "--home", str(home)], environment))
    return {
        "asked": dict(state.asked),
        "found": dict(state.found),
        "kills": service.kills.total(),
        "killed": dict(service.kills),
        "sends": len(sent),
        "twice": [*twice, *again],
        "contacts": left["contacts"],
        "evidence": checked["says"],
        "flaws": checked["flaws"],
        "traces": said.count(_TRACE),
        "said": [part[:4_000] for part in said.split(_TRACE)[1:101]],
    }
