"""How fast the permit gate is: permits a second and the time of each, with several workers on one database.

Each permit is a whole decision under the ready pack for mainland China (every rule, the newest facts, the borrower's
row held), signed, used, written into the evidence log and committed.
"""

import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import click

from forbear.bench.launch import empty_database, run_task
from forbear.interchange.home.lender import make_home


@click.command("permits")
@click.option("--permits", type=click.IntRange(100, 1_000_000), default=4000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--runs", type=click.IntRange(1, 20), default=3, show_default=True)
@click.option(
    "--rate",
    type=click.FloatRange(0, 100_000),
    default=0.0,
    help="Preferences a second that come, over all workers; else each worker asks as fast as it can.",
)
@click.option(
    "--engine", type=click.Choice(["sqlite", "postgresql"]), default="postgresql", show_default=True
)
def command(permits: int, workers: int, runs: int, rate: float, engine: str) -> None:
    """Measure the permit decision: permits a second, and the median and 99th percentile of each."""
    rates, medians, lasts, works = [], [], [], []
    for run in range(runs):
        durations, seconds, worked = measure(permits, workers, engine, rate)
        works.append(worked / len(durations))
        rates.append(len(durations) / seconds)
        medians.append(statistics.median(durations))
        lasts.append(durations[int(len(durations) * 0.99)])
        click.echo(f"run {run + 1}: {rates[-1]:,.0f} permits/s", err=True)
    click.echo(
        f"{engine}, {workers} workers, {permits:,} permits{f' wished for at {rate:g} a second' if rate else ''}, "
        f"median of {runs}: "
        f"{statistics.median(rates):,.0f} permits/s, each {statistics.median(medians) * 1000:.1f} ms, "
        f"99th percentile {statistics.median(lasts) * 1000:.1f} ms; "
        f"a worker's processor is busy for {statistics.median(works) * 1000:.1f} ms of each"
    )


def measure(permits: int, workers: int, engine: str, rate: float = 0.0) -> tuple[list[float], float, float]:
    """The seconds of each permit, sorted, of all of them together, and of the workers' processors.

    Each run has a home of its own.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forbear-permits-")))
        make_home(folder / "home", made_up=True)
        named = stack.enter_context(empty_database(engine, folder / "server"))
        environment = {"FORBEAR_HOME": str(folder / "home"), **named}
        run_task("task_permits", {"prepare": permits + workers}, environment)
        specs = [
            {"borrowers": permits, "first": number, "of": workers, "warm": permits + number, "rate": rate}
            for number in range(workers)
        ]
        with ThreadPoolExecutor(workers) as pool:
            answers = list(pool.map(lambda spec: run_task("task_permits", spec, environment), specs))
    assert sum(one["given"] for one in answers) == permits, "each borrower may be called once"
    spent = max(one["ended"] for one in answers) - min(one["started"] for one in answers)
    durations = sorted(seconds for one in answers for seconds in one["each"])
    return durations, spent, sum(one["worked"] for one in answers)
