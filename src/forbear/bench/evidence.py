"""How fast the evidence log is: verifying a bundle, writing events, sealing days and checking the whole log.

Run as `python -m forbear.bench.evidence --events 1000000`. Everything is made up; making the bundle is not measured.
The log is written through `forbear.store.evidence` into a new home, on SQLite or on a PostgreSQL server started for
it. The bundle is the hardest of its size: each event has a proof among 100,000 events of its day.
"""

import hashlib
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forbear.bench.launch import empty_database, run_task
from forbear.core.base.canonical import canonical
from forbear.core.base.merkle import Tree
from forbear.core.evidence.bundle import Evidence, Proof, Value, bundle
from forbear.core.evidence.log import DailySeal, Event, commitment, event_hash, key_hex, line_hash, sign_line
from forbear.core.evidence.verify import verify
from forbear.core.permits.permit import moment_text
from forbear.interchange.documents.evidence_file import BundleFile, pack
from forbear.interchange.home.lender import make_home

A_DAY = 100_000
START = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = "愿意下月十日还款"


def made_up(events: int, key: Ed25519PrivateKey) -> Evidence:
    """One borrower's evidence with as many events, every fourth with a personal value, sealed day by day."""
    lines, values, proofs = [], [], []
    seals: list[tuple[bytes, str]] = []
    previous = ""
    for number in range(1, events + 1):
        at = START + timedelta(days=(number - 1) // A_DAY)
        personal = {}
        if number % 4 == 0:
            salt = hashlib.sha256(b"%d" % number).digest()[:16]
            personal = {"note": commitment(salt, canonical(_WORDS))}
            values.append(Value(number, "note", salt, _WORDS))
        body: dict[str, object] = {"contact": f"c-{number:036d}", "channel": "sms", "facts": "0" * 64}
        line = Event(
            *(f"{number:036d}", moment_text(at), "permit", "B1", number, previous, "worker-1", body, personal)
        ).line()
        previous = event_hash(line)
        lines.append(line)
    for day in range(-(-events // A_DAY)):
        mine = lines[day * A_DAY : (day + 1) * A_DAY]
        tree = Tree([bytes.fromhex(event_hash(line)) for line in mine])
        seal = _seal(day, len(mine), tree, seals[-1][0] if seals else b"", key).line()
        seals.append((seal, sign_line(seal, key)))
        first = day * A_DAY + 1
        proofs += [Proof(first + at, day + 1, first + at, tree.path(at)) for at in range(len(mine))]
    return Evidence(lines, proofs, values, seals)


def _seal(day: int, count: int, tree: Tree, before: bytes, key: Ed25519PrivateKey) -> DailySeal:
    until = START + timedelta(days=day + 1)
    return DailySeal(
        day + 1,
        (START + timedelta(days=day)).date().isoformat(),
        moment_text(until),
        day * A_DAY + 1,
        count,
        tree.root().hex(),
        line_hash(before) if before else "",
        moment_text(until),
        key_hex(key.public_key()),
    )


def measure_verify(events: int, folder: Path) -> dict:
    """Seconds that `forbear verify` takes on such a bundle, its flaws and the zip around it included."""
    key, path = Ed25519PrivateKey.generate(), folder / "bundle.zip"
    pack(path, bundle(made_up(events, key), "a lender", "B1", moment_text(START), key))
    began, busy = time.perf_counter(), time.process_time()
    with BundleFile(path) as opened:
        verdict = verify(opened, (key_hex(key.public_key()),))
        flaws = [*verdict.flaws, *opened.flaws()]
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    assert flaws == [] and verdict.sealed == events, "a sound bundle was not found to be one"  # noqa: PT018
    return {"events": events, "seconds": seconds, "cpu_seconds": busy, "bytes": path.stat().st_size}


def measure_log(events: int, singles: int, workers: int, engine: str, folder: Path) -> dict:
    """Seconds for each step of a log's life, on a new home."""
    make_home(folder / "home", made_up=True)
    spec = {
        "events": events,
        "singles": singles,
        "workers": workers,
        "days": 10,
        "borrowers": max(events // 50, 1),
        "start": START.isoformat(),
    }
    with empty_database(engine, folder / "server") as named:
        return run_task("task_evidence", spec, {"FORBEAR_HOME": str(folder / "home"), **named})


@click.command()
@click.option("--events", type=click.IntRange(1000, 10_000_000), default=1_000_000, show_default=True)
@click.option("--singles", type=click.IntRange(4, 1_000_000), default=4000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--engine", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--only", type=click.Choice(["verify", "log"]), default=None, help="One of the two halves.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(events: int, singles: int, workers: int, engine: str, only: str | None, as_json: bool) -> None:
    """Measure the evidence log."""
    results: dict = {"engine": engine}
    with tempfile.TemporaryDirectory(prefix="forbear-bench-") as name:
        if only != "log":
            results["verify"] = measure_verify(events, Path(name))
        if only != "verify":
            results["log"] = measure_log(events, min(singles, events // 2), workers, engine, Path(name))
    if as_json:
        click.echo(json.dumps(results))
        return
    for line in (*_verify_lines(results.get("verify")), *_log_lines(results.get("log"), engine)):
        click.echo(line)


def _seconds(wall: float, busy: float) -> str:
    """The time it took, and how much of it this process was at work: the rest went to others on the machine."""
    return f"{wall:.1f} s, {busy:.1f} s of them at work"


def _verify_lines(data: dict | None) -> list[str]:
    if data is None:
        return []
    size = f"{data['bytes'] / 2**20:,.0f} MiB"
    return [
        f"verify a bundle of {data['events']:,} events ({size}): {_seconds(data['seconds'], data['cpu_seconds'])}"
    ]


def _log_lines(data: dict | None, engine: str) -> list[str]:
    if data is None:
        return []
    checked = _seconds(data["check_seconds"], data["check_cpu_seconds"])
    batched, by = data["events"] - data["singles"], f"{data['workers']} workers, {engine}"
    return [
        f"append one by one, {by}: {data['singles'] / data['single_seconds']:,.0f} a second",
        f"append in batches: {batched / data['batch_seconds']:,.0f} a second",
        f"seal: {batched / data['seal_seconds']:,.0f} events a second",
        f"check the whole log of {data['events']:,} events: {checked}",
    ]


if __name__ == "__main__":
    command()
