"""How fast what people write is acted on, and how fast the inbox is with many messages in it.

Replies come at a rate, whether a worker is free or not. The time of each runs from its moment until its consequence is
committed: stop, hold, request with number, confirmation in the outbox. The pages are asked of an inbox in which every
message still waits, by the code that serves them, without the network.
"""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import click

from forbear.bench.launch import empty_database, run_task
from forbear.interchange.home.lender import make_home, prove_twice

PARTS = ("replies", "pages")


@click.command("inbound")
@click.option("--replies", type=click.IntRange(20, 1_000_000), default=3000, show_default=True)
@click.option("--rate", type=click.FloatRange(1, 10_000), default=50.0, show_default=True, help="A second.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--messages", type=click.IntRange(100, 10_000_000), default=100_000, show_default=True)
@click.option("--visits", type=click.IntRange(10, 10_000), default=200, show_default=True)
@click.option("--only", type=click.Choice(PARTS), default=None, help="Only this part.")
@click.option(
    "--engine", type=click.Choice(["sqlite", "postgresql"]), default="postgresql", show_default=True
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write every number."
)
def command(
    replies: int,
    rate: float,
    workers: int,
    messages: int,
    visits: int,
    only: str | None,
    engine: str,
    json_file: Path | None,
) -> None:
    """Measure replies to their consequence at a rate, and the inbox with many messages."""
    results: dict[str, object] = {"engine": engine}
    if only != "pages":
        results["replies"] = found = measure_replies(replies, rate, workers, engine)
        click.echo(
            f"{engine}, {workers} workers, {replies:,} replies at {rate:g} a second: median {found['median']:.0f} ms, "
            f"95 % {found['p95']:.0f} ms, 99 % {found['p99']:.0f} ms, longest {found['longest']:.0f} ms; "
            f"a worker's processor is busy for {found['worked']:.1f} ms of each"
        )
    if only != "replies":
        results["pages"] = pages = measure_inbox(messages, visits, engine)
        click.echo(f"{engine}, {messages:,} messages that wait, {visits} visits each")
        for name, page in pages.items():
            times = "".join(f"{page[part]:>8.1f} ms" for part in ("median", "p95", "p99"))
            low, high = page["queries"]
            click.echo(f"{name:20}{times}   {low if low == high else f'{low} to {high}'} queries")
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=1), encoding="utf-8")


def measure_replies(replies: int, rate: float, workers: int, engine: str) -> dict[str, float]:
    """Milliseconds from a reply's moment to its committed consequence, over all workers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forbear-inbound-")))
        make_home(folder / "home", made_up=True)
        named = stack.enter_context(empty_database(engine, folder / "server"))
        environment = {"FORBEAR_HOME": str(folder / "home"), **named}
        run_task("task_inbound", {"prepare": replies + workers}, environment)
        specs = [
            {"replies": replies, "first": number, "of": workers, "warm": replies + number, "rate": rate}
            for number in range(workers)
        ]
        with ThreadPoolExecutor(workers) as pool:
            answers = list(pool.map(lambda spec: run_task("task_inbound", spec, environment), specs))
    spent = sorted(seconds * 1000 for one in answers for seconds in one["each"])
    assert len(spent) == replies, "every reply is kept"
    return {
        "median": spent[len(spent) // 2],
        "p95": spent[int(len(spent) * 0.95)],
        "p99": spent[int(len(spent) * 0.99)],
        "longest": spent[-1],
        "worked": sum(one["worked"] for one in answers) * 1000 / replies,
    }


def measure_inbox(messages: int, visits: int, engine: str) -> dict[str, dict]:
    """Milliseconds and queries of each page of an inbox of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forbear-inbox-")))
        make_home(folder / "home", made_up=True)
        prove_twice(folder / "home", [])
        named = stack.enter_context(empty_database(engine, folder / "server"))
        environment = {"FORBEAR_HOME": str(folder / "home"), **named}
        return run_task("task_inbound", {"messages": messages, "visits": visits}, environment)["pages"]
