"""The measured numbers as a table for a person, a table for a page, and JSON for a program."""

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rich.table import Table

from forbear import __version__
from forbear.bench.measure import AS_OF, Plan
from forbear.bench.result import Measured, Ratio, against, against_plain, findings
from forbear.bench.tasks import FROM_FEED

HEADS = (
    *(
        "",
        "loans",
        "seconds",
        "s a million",
        "× its columns",
        "× the ledger",
        "× the night",
        "loans a second",
    ),
    "peak memory",
)
IMPORT_HEADS = (
    *("", "loans", "rows", "seconds", "rows a second", "processor seconds", "× plain conversion"),
    "peak memory",
)
MORNING_HEADS = ("", "loans", "seconds", "import", "night", "publish", "processor seconds", "peak memory")
# what every task is held against, in the order of the columns
YARDSTICKS = ("read", "read-ledger", "night")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_ENGINE = "duckdb"


def machine() -> dict[str, str | int]:
    """What the run ran on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "forbear": __version__,
        _ENGINE: version(_ENGINE),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or sys.platform


def setting(plan: Plan) -> str:
    """The run's circumstances in one line."""
    on = machine()
    return (
        f"Forbear {on['forbear']}, {on['processor']}, {on['cores']} cores, {plan.threads} threads, Python "
        f"{on['python']}, DuckDB {on[_ENGINE]}; seed {plan.seed}, medians of {plan.runs} "
        f"{'rounds' if plan.runs > 1 else 'round'}, the tasks taking turns."
    )


def rows(measured: list[Measured]) -> list[tuple[str, ...]]:
    """The table of what decides loans; ratios with their lowest and highest round."""
    return [
        (
            one.task.title,
            f"{one.loans:,}",
            f"{median(one.seconds):.2f}",
            f"{one.a_million:.2f}",
            *(_times(against(one, name, measured)) for name in YARDSTICKS),
            f"{one.loans / median(one.seconds):,.0f}",
            _memory(one.peak),
        )
        for one in measured
        if one.task.group not in FROM_FEED
    ]


def import_rows(measured: list[Measured]) -> list[tuple[str, ...]]:
    """The table of imports."""
    return [
        (
            one.task.title,
            f"{one.loans:,}",
            f"{one.rows:,}",
            f"{median(one.seconds):.2f}",
            f"{one.rows / median(one.seconds):,.0f}",
            f"{median(one.processor):.2f}",
            _times(against_plain(one, measured)),
            _memory(one.peak),
        )
        for one in measured
        if one.task.group == "import"
    ]


def morning_rows(measured: list[Measured]) -> list[tuple[str, ...]]:
    """The table of the morning: one figure and its parts."""
    return [
        (
            one.task.title,
            f"{one.loans:,}",
            f"{median(one.seconds):.2f}",
            *(f"{median(one.parts[name]):.2f}" for name in ("import", "night", "publish")),
            f"{median(one.processor):.2f}",
            _memory(one.peak),
        )
        for one in measured
        if one.task.group == "morning"
    ]


def _times(ratio: Ratio | None) -> str:
    if ratio is None:
        return ""
    digits = 0 if ratio.middle >= 100 else 2
    middle = f"{ratio.middle:,.{digits}f}"
    if ratio.low == ratio.high:
        return middle
    return f"{middle} ({ratio.low:,.{digits}f}–{ratio.high:,.{digits}f})"


def _memory(count: int) -> str:
    return f"{count / 2**20:,.0f} MiB"


def _tables(measured: list[Measured]) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    tables = (
        (HEADS, rows(measured)),
        (IMPORT_HEADS, import_rows(measured)),
        (MORNING_HEADS, morning_rows(measured)),
    )
    return [(heads, lines) for heads, lines in tables if lines]


def rich_tables(measured: list[Measured]) -> list[Table]:
    """For a terminal."""
    tables = []
    for heads, lines in _tables(measured):
        table = Table(box=None, pad_edge=False, header_style="dim")
        for position, head in enumerate(heads):
            table.add_column(head, justify="right" if position else "left", no_wrap=True)
        for line in lines:
            table.add_row(*line)
        tables.append(table)
    return tables


def markdown(plan: Plan, measured: list[Measured]) -> str:
    """For a page: the tables, what was checked, and the circumstances."""
    parts = []
    for heads, lines in _tables(measured):
        rule = "|" + "|".join(" --- " if not position else " ---: " for position in range(len(heads))) + "|"
        parts.append("\n".join([_line(heads), rule, *map(_line, lines)]))
    parts += ["\n".join(f"- {sentence}" for sentence in findings(measured))] if findings(measured) else []
    return "\n\n".join([*parts, setting(plan)]) + "\n"


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def write_markdown(path: Path, text: str) -> None:
    """Write `text`; into a page that has the two marker lines, only between them."""
    page = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if begun and ended:
        text = f"{before}{BEGIN}\n\n{text}\n{END}{after}"
    path.write_text(text, encoding="utf-8")


def as_json(plan: Plan, measured: list[Measured]) -> str:
    """For a program: every run's numbers."""
    fields = {
        "machine": machine(),
        "threads": plan.threads,
        "runs": plan.runs,
        "seed": plan.seed,
        "as_of": AS_OF,
        "findings": findings(measured),
        "tasks": [_plain(one, measured) for one in measured],
    }
    return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"


def _plain(one: Measured, measured: list[Measured]) -> dict:
    times = {name: against(one, name, measured) for name in YARDSTICKS}
    times["plain-conversion"] = against_plain(one, measured)
    return {
        "task": one.task.name,
        "title": one.task.title,
        "size": one.size,
        "loans": one.loans,
        "rows": one.rows or None,
        "late_loans_equal_to_the_night": one.compared or None,
        "seconds": one.seconds,
        "median_seconds": median(one.seconds),
        "seconds_a_million_loans": one.a_million,
        "processor_seconds": one.processor,
        "parts": one.parts or None,
        "peak_bytes": one.peaks,
        **{
            f"times_{name.replace('-', '_')}": duration and [duration.middle, duration.low, duration.high]
            for name, duration in times.items()
        },
    }
