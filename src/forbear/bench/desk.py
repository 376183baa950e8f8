"""How fast the desk is: the next case, the pages, and bringing a night to it.

The pages are asked of a desk with as many open cases as `--cases`, filled in bulk, by the same code that serves them,
without the network. The night is one of a made-up lender's book: its first coming, when every case is new, and the
next day's, when every case has changed. A page's queries are counted: their number may not depend on the case.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import click

from forbear.bench.launch import empty_database, run_task, running_tasks
from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.lender import make_home, open_home, prove_twice
from forbear.night.run import plan_night, run_night

PARTS = ("pages", "publish")
AS_OF = date(2026, 3, 10)
_STRATEGY = "consumer-cn.yaml"
WORKERS = 2
#: How many contacts wait for workers that catch up.
CATCHING_UP = 100_000


@click.command("desk")
@click.option("--cases", type=click.IntRange(100, 10_000_000), default=1_000_000, show_default=True)
@click.option("--visits", type=click.IntRange(10, 10_000), default=200, show_default=True)
@click.option("--loans", type=click.IntRange(1000, 10_000_000), default=1_000_000, show_default=True)
@click.option("--only", type=click.Choice(PARTS), default=None, help="Only this part.")
@click.option(
    "--engine", type=click.Choice(["sqlite", "postgresql"]), default="postgresql", show_default=True
)
@click.option(
    "--while-working",
    "working",
    is_flag=True,
    help="Also visit the pages while two workers catch up 100,000 contacts.",
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: Path(tempfile.gettempdir()) / f"forbear-bench-{os.getuid()}",
    help="Where the lender with its nights stays for the next run.",
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write every number."
)
def command(
    cases: int,
    visits: int,
    loans: int,
    only: str | None,
    engine: str,
    working: bool,
    folder: Path,
    json_file: Path | None,
) -> None:
    """Measure the desk: next case, pages with their queries, and bringing a night to it."""
    results: dict[str, object] = {"engine": engine}
    if only != "publish":
        results["pages"] = pages = measure_pages(cases, visits, engine, WORKERS if working else 0)
        click.echo(
            f"{engine}, {cases:,} open cases, filled in {pages['filled']:.0f} s, figures counted in "
            f"{pages['counted']:.1f} s, {visits} visits each"
        )
        _print_pages(pages["each"])
        if working:
            work = pages["working"]
            click.echo(
                f"while {WORKERS} workers send {work['sent']:,} of {work['waiting']:,} contacts that wait, "
                f"{work['rate']:.0f} a second:"
            )
            _print_pages(work["each"])
    if only != "pages":
        results["publish"] = nights = measure_publish(loans, engine, folder)
        for night in nights:
            click.echo(
                f"{engine}, night of {night['as_of']}: {night['open']:,} open cases ({night['opened']:,} new, "
                f"{night['moved']:,} moved, {night['closed']:,} closed) in {night['spent']:.1f} s"
            )
            click.echo("    " + ", ".join(f"{name} {spent:.1f}" for name, spent in night["steps"].items()))
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=1), encoding="utf-8")


def _print_pages(pages: dict[str, dict]) -> None:
    click.echo(f"{'':24}{'first':>9}{'median':>9}{'95 %':>9}{'99 %':>9}   queries")
    for name, page in pages.items():
        times = "".join(f"{page[part]:>6.1f} ms" for part in ("first", "median", "p95", "p99"))
        low, high = page["queries"]
        click.echo(f"{name:24}{times}   {low if low == high else f'{low} to {high}'}")


@contextmanager
def _database(home: Path, engine: str) -> Iterator[dict[str, str]]:
    """An empty database for a home, as the environment that names them."""
    if engine == "sqlite":
        for file in (home / "data").glob("desk.sqlite3*"):
            file.unlink()
    with (
        tempfile.TemporaryDirectory(prefix="forbear-desk-") as folder,
        empty_database(engine, Path(folder)) as named,
    ):
        yield {"FORBEAR_HOME": str(home), **named}


def measure_pages(cases: int, visits: int, engine: str, workers: int = 0) -> dict:
    """Milliseconds and queries of each page, on a desk of its own; with `workers` also while that many catch up."""
    each = max(1, cases // CATCHING_UP) if workers else 15
    spec = {"cases": cases, "visits": visits}
    with tempfile.TemporaryDirectory(prefix="forbear-desk-home-") as folder:
        home = Path(folder) / "home"
        make_home(home, made_up=True)
        prove_twice(home, [])
        with _database(home, engine) as environment:
            alone = run_task("task_desk", {**spec, "waiting": each}, environment)
            if not workers:
                return alone
            specs = [{"name": f"bench-{number}"} for number in range(workers)]
            with running_tasks("task_worker", specs, environment) as answers:
                beside = run_task("task_desk", spec, environment)
            sent = sum(one["handled"] for one in answers)
            rate = sum(one["handled"] / one["seconds"] for one in answers)
            work = {"each": beside["each"], "sent": sent, "waiting": cases // each, "rate": rate}
            return {**alone, "working": work}


def measure_publish(loans: int, engine: str, folder: Path) -> list[dict]:
    """Seconds of bringing two nights of one lender to an empty desk, one after the other."""
    home = _lender(folder / f"desk-{loans}", loans)
    days = [str(AS_OF - timedelta(days=1)), str(AS_OF)]
    with _database(home, engine) as environment:
        return [run_task("task_desk", {"publish": day}, environment) for day in days]


def _lender(home: Path, loans: int) -> Path:
    """A made-up lender's home with two nights decided; made once and kept."""
    done = home / ".decided"
    if done.is_file():
        return home
    shutil.rmtree(home, ignore_errors=True)
    make_home(home, made_up=True)
    opened = open_home(home)
    generate_feed(home / "feed", loans=loans, seed=1, as_of=AS_OF, form="parquet", bad_rows=0)
    import_feed(opened.book, home / "feed", quarantine=opened.quarantine, threads=os.cpu_count() or 1)
    text = opened.strategy.read_text(encoding="utf-8")
    book = open_book(opened.book)
    for day in (AS_OF - timedelta(days=1), AS_OF):
        run_night(
            plan_night(book, opened.nights, day, text, _STRATEGY),
            book,
            opened.nights,
            threads=os.cpu_count() or 1,
        )
    done.touch()
    return home
