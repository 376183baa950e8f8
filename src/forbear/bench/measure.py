"""Gets everything ready, then lets the tasks take turns, round after round."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from forbear import __version__
from forbear.bench.launch import BenchFailed, run_task, running_postgresql
from forbear.bench.result import Measured
from forbear.bench.tasks import FROM_FEED, Task, chosen

AS_OF = "2026-11-20"  # fixed, so that a feed made once serves every run
DATABASE = "FORBEAR_BENCH_DATABASE"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, how often, and where files may lie."""

    sizes: tuple[int, ...]
    runs: int
    threads: int
    orm_loans: int
    seed: int
    folder: Path
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Turn:
    """One task at one size, ready to run: the specification and environment of its process."""

    task: Task
    size: int
    spec: dict
    environment: dict[str, str]


def measure(plan: Plan, progress: Progress) -> list[Measured]:
    """Run every task `plan.runs` times in turn; `BenchFailed` when one fails or two disagree."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".run-", dir=plan.folder)))
        turns = _get_ready(plan, scratch, stack, progress)
        measured = [Measured(turn.task, turn.size) for turn in turns]
        for number in range(plan.runs):
            for turn, results in zip(turns, measured, strict=True):
                figures = run_task(turn.task.module, turn.spec, turn.environment)
                results.add(figures)
                progress(
                    f"round {number + 1} of {plan.runs}: {turn.task.title}, {results.loans:,} loans: "
                    f"{figures['seconds']:.2f} s"
                )
    for size in plan.sizes:
        _assert_same_night([result for result in measured if result.size == size])
    return measured


def _assert_same_night(measured: list[Measured]) -> None:
    digests = {digest for result in measured for digest in result.digests}
    if len(digests) > 1:
        raise BenchFailed("the night gave different bytes from one run to the next")


def _get_ready(plan: Plan, scratch: Path, stack: ExitStack, progress: Progress) -> list[Turn]:
    """Make feeds, books, nights and databases, and the list of turns of one round."""
    common = {"threads": plan.threads, "as_of": AS_OF, "scratch": str(scratch)}
    tasks = chosen(plan.groups)
    turns = []
    for size in plan.sizes:
        feeds = _feeds(plan, size, _forms(tasks), common, progress)
        where = {}
        if plan.groups - FROM_FEED:
            where = _book_and_nights(plan, size, feeds["parquet"], scratch, common, progress)
        home = _yesterday(size, feeds, scratch, common, progress) if "morning" in plan.groups else {}
        for task in tasks:
            if task.group == "orm":
                continue
            given = {"feed": feeds[task.settings["form"]], **home} if task.group in FROM_FEED else where
            turns.append(Turn(task, size, common | given | task.settings, {}))
        if size == plan.sizes[0]:
            sample = {**common, **where, "wanted": plan.orm_loans}
    for task in (task for task in tasks if task.group == "orm"):
        progress(f"filling the database: {task.title}")
        database = stack.enter_context(_database(task.settings["engine"], scratch))
        environment = {DATABASE: json.dumps(database)}
        run_task(task.module, {**sample, "step": "fill"}, environment)
        turns.append(Turn(task, plan.sizes[0], {**sample, "step": "loop"}, environment))
    return turns


def _forms(tasks: list[Task]) -> set[str]:
    """The forms of the feeds that tasks begin with; a book and a home of yesterday are made of Parquet."""
    return {
        form
        for task in tasks
        for form in (
            (task.settings["form"],) if task.group == "import" else (task.settings.get("form"), "parquet")
        )
        if form
    }


def _yesterday(
    size: int, feeds: dict[str, str], scratch: Path, common: dict, progress: Progress
) -> dict[str, str]:
    """A home as it was yesterday, for the morning."""
    progress(f"the day before of a home with {size:,} loans")
    home = {"home": str(scratch / f"home-{size}")}
    run_task("task_morning", {**common, **home, "step": "prepare", "before": feeds["parquet"]})
    return home


def _feeds(plan: Plan, size: int, forms: set[str], common: dict, progress: Progress) -> dict[str, str]:
    feeds = {}
    for form in sorted(forms):
        progress(f"a {form} feed of {size:,} loans")
        spec = {"step": "feed", "form": form, "loans": size, "seed": plan.seed, "release": __version__}
        prepared = run_task("task_prepare", common | spec | {"folder": str(plan.folder)})
        feeds[form] = prepared["folder"]
    return feeds


def _book_and_nights(
    plan: Plan, size: int, feed: str, scratch: Path, common: dict, progress: Progress
) -> dict[str, str]:
    progress(f"the book of {size:,} loans")
    book = run_task("task_prepare", {**common, "step": "book", "feed": feed})["folder"]
    nights = scratch / f"nights-{size}"
    progress(f"the night before, {size:,} loans")
    run_task("task_night", {**common, "step": "prepare", "book": book, "nights": str(nights)})
    return {"book": book, "nights": str(nights)}


@contextmanager
def _database(engine: str, scratch: Path) -> Iterator[dict[str, object]]:
    """A new database for the length of the block, as Django's settings name it."""
    name = f"django.db.backends.{engine}"
    if engine == "sqlite3":
        # the journal mode and patience that a Django site on SQLite would choose
        options = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}
        yield {"ENGINE": name, "NAME": str(scratch / "orm.sqlite3"), "OPTIONS": options}
        return
    with tempfile.TemporaryDirectory(prefix="forbear-bench-postgresql-") as folder:
        data = Path(folder) / "data"
        with running_postgresql(str(data)) as host:
            yield {"ENGINE": name, "NAME": "postgres", "USER": "postgres", "HOST": host}
