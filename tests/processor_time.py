"""Processor time by test and by file, on Linux: `pytest -n 0 -p tests.processor_time tests/web` tells the dearest.

The clock of a busy machine says little. Counted is what this process takes and what all processes below it take, also
those that still run, such as a browser. On a loaded machine the same work takes up to a third more of a processor.
"""

import ctypes
import os
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

_TICKS = os.sysconf("SC_CLK_TCK")
#: PR_SET_CHILD_SUBREAPER of prctl(2): what outlives the process that started it stays below this one, and counts.
_KEEP_BELOW = 36
#: How many tests and files are told.
_SHOWN = 40
_taken: Counter[str] = Counter()


def pytest_configure() -> None:
    """Keep all that is started below this process."""
    ctypes.CDLL(None).prctl(_KEEP_BELOW, 1, 0, 0, 0)


def _below(process: int) -> float:
    """Seconds of the processes below one, and of those that they waited for."""
    seconds = 0.0
    try:
        tasks = [str(task / "children") for task in Path(f"/proc/{process}/task").iterdir()]
        children = [int(child) for task in tasks for child in Path(task).read_text().split()]
    except OSError:  # it has ended
        return seconds
    for child in children:
        try:
            told = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        seconds += sum(map(int, told[11:15])) / _TICKS + _below(child)
    return seconds


def _so_far() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system + _below(os.getpid())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count what a test takes with its fixtures; what a file's tests share falls to the first of them."""
    before = _so_far()
    try:
        return (yield)
    finally:
        _taken[item.nodeid.partition("[")[0]] += _so_far() - before


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the dearest files and tests, and all of them together."""
    files: Counter[str] = Counter()
    for name, seconds in _taken.items():
        files[name.partition("::")[0]] += seconds
    for found in (files, _taken):
        terminalreporter.write_line("")
        for name, seconds in found.most_common(_SHOWN):
            terminalreporter.write_line(f"{seconds:8.1f} s  {name}")
    terminalreporter.write_line(f"{_taken.total():8.1f} s  in all")
