"""How the service feels to many at once: people at the desk and borrowers, over the network, while workers catch up.

A real `forbear serve` answers. Each person waits between two pages as people do, drawn from an exponential
distribution; a page's time runs until its last byte is there. First nobody else works, then two workers send.
"""

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import httpx

from forbear.bench.launch import BenchFailed, empty_database, run_task, running_tasks
from forbear.interchange.home.lender import make_home, prove_twice

#: Seconds between two pages of one person.
STAFF_SECONDS, BORROWER_SECONDS = 8.0, 20.0
_READY_SECONDS, _PATIENCE_SECONDS = 60, 60.0


@click.command("load")
@click.option("--staff", type=click.IntRange(1, 1000), default=30, show_default=True)
@click.option("--borrowers", type=click.IntRange(1, 10_000), default=200, show_default=True)
@click.option(
    "--minutes", type=click.FloatRange(0.05, 600), default=10.0, show_default=True, help="Of each part."
)
@click.option("--cases", type=click.IntRange(100, 10_000_000), default=100_000, show_default=True)
@click.option("--workers", type=click.IntRange(0, 16), default=2, show_default=True, help="That catch up.")
@click.option(
    "--engine", type=click.Choice(["sqlite", "postgresql"]), default="postgresql", show_default=True
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write every number."
)
def command(
    staff: int, borrowers: int, minutes: float, cases: int, workers: int, engine: str, json_file: Path | None
) -> None:
    """Measure the pages under many people, without and with workers that send."""
    parts = measure(staff, borrowers, minutes, cases, workers, engine)
    for part in parts:
        sent = f"{workers} workers send, {part['rate']:.0f} a second" if part["workers"] else "no worker"
        click.echo(
            f"{engine}, {staff} staff, {borrowers} borrowers, {minutes:g} minutes, {sent}: {part['pages']:,} pages, "
            f"{part['errors']} errors, serve takes up to {part['memory'] / 2**20:.0f} MiB"
        )
        click.echo(f"{'':12}{'pages':>8}{'median':>12}{'95 %':>12}{'99 %':>12}{'longest':>12}")
        for who, found in part["each"].items():
            times = "".join(f"{found[name]:>9.1f} ms" for name in ("median", "p95", "p99", "longest"))
            click.echo(f"{who:12}{found['pages']:>8,}{times}")
    if json_file is not None:
        json_file.write_text(json.dumps(parts, indent=1), encoding="utf-8")


def measure(staff: int, borrowers: int, minutes: float, cases: int, workers: int, engine: str) -> list[dict]:
    """What each part measured: alone, and with `workers` if there are any. All have one desk and one service."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forbear-load-")))
        home = folder / "home"
        make_home(home, made_up=True)
        prove_twice(home, [])
        named = stack.enter_context(empty_database(engine, folder / "server"))
        environment = {"FORBEAR_HOME": str(home), **named}
        wanted = {"cases": cases, "staff": staff, "borrowers": borrowers}
        people = run_task("task_load", wanted, environment)["people"]
        port, process = stack.enter_context(_serving(home, environment))
        parts = [_part(people, port, process, minutes)]
        if workers:
            specs = [{"name": f"load-{number}"} for number in range(workers)]
            with running_tasks("task_worker", specs, environment) as answers:
                part = _part(people, port, process, minutes)
            rate = sum(one["handled"] / one["seconds"] for one in answers)
            parts.append({**part, "workers": workers, "rate": rate})
        return parts


@contextmanager
def _serving(home: Path, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """`forbear serve` on a free port for the length of the block; the port and its process."""
    port = free_port()
    command = [sys.executable, "-m", "forbear", "serve", "--port", str(port), "--home", str(home)]
    behind_proxy = {**os.environ, **environment, "FORBEAR_PROXIES": "1"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=behind_proxy, stdout=said, stderr=said)
        try:
            wait_until_ready(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until_ready(port: int, process: subprocess.Popen) -> None:
    """Wait for the service's first answer; BenchFailed when there is none."""
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise BenchFailed("serve: it did not start")


def _part(people: list[dict], port: int, process: int, minutes: float) -> dict:
    """Let everybody look at pages for that time: times in milliseconds by kind of person, errors, memory in bytes."""
    seen: dict[str, list[float]] = defaultdict(list)
    errors: list[str] = []
    asyncio.run(_all(people, port, minutes * 60, seen, errors))
    return {
        "workers": 0,
        "pages": sum(len(times) for times in seen.values()),
        "errors": len(errors),
        "which": sorted(set(errors)),
        "memory": _memory(process),
        "each": {who: _figures(times) for who, times in sorted(seen.items())},
    }


def _figures(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {
        "pages": len(times),
        "median": times[len(times) // 2],
        "p95": times[int(len(times) * 0.95)],
        "p99": times[int(len(times) * 0.99)],
        "longest": times[-1],
    }


async def _all(
    people: list[dict], port: int, seconds: float, seen: dict[str, list[float]], errors: list[str]
) -> None:
    # a connection is given up before the service does so, as a browser would ask again
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=len(people), keepalive_expiry=1.0)
    address = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE_SECONDS, limits=limits) as client:
        until = time.monotonic() + seconds
        await asyncio.gather(
            *(_one(client, person, number, until, seen, errors) for number, person in enumerate(people))
        )


async def _one(
    client: httpx.AsyncClient,
    person: dict,
    number: int,
    until: float,
    seen: dict[str, list[float]],
    errors: list[str],
) -> None:
    """One person looks at their pages in an order by chance, until the time is over."""
    chance = random.Random(number)
    mean = BORROWER_SECONDS if person["who"] == "borrower" else STAFF_SECONDS
    headers = {
        "Host": "localhost",
        "Cookie": person["cookie"],
        "Accept-Language": "zh-CN",
        "X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}",
    }
    while (wait := chance.expovariate(1 / mean)) < until - time.monotonic():
        await asyncio.sleep(wait)
        page = chance.choice(person["pages"]).format(n=chance.randrange(1, person["cases"] + 1))
        before = time.perf_counter()
        try:
            response = await client.get(page, headers=headers)
            status = response.status_code
        except httpx.HTTPError as error:
            errors.append(f"{page}: {type(error).__name__}")
            continue
        seen[person["who"]].append((time.perf_counter() - before) * 1000)
        if status != 200:
            errors.append(f"{page.rstrip('0123456789')}: {status}")


def _memory(process: int) -> int:
    """The most that the service and its processes have held, in bytes; 0 where the system doesn't say."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(
                line.split(":", 1)
                for line in (folder / "status").read_text(encoding="ascii").splitlines()
                if ":" in line
            )
        except OSError:
            continue
        if int(folder.name) == process or int(status["PPid"]) == process:
            total += int(status.get("VmHWM", "0 kB").split()[0]) * 1024
    return total
