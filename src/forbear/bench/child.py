"""The inner side of a measured task: a process of its own that tells its time and its peak memory.

A task is a module run as `python -m MODULE SPEC`, where SPEC is JSON; it answers with one line of JSON on
standard output. Starting Python and getting ready is outside the clock; only what the task does within
`with clock:` is measured.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

Work = Callable[[dict, "Clock"], dict]


class Clock:
    """Seconds and processor seconds spent inside its `with` block, and the process's peak memory at the end of it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.processor_seconds = 0.0
        self.peak_bytes = 0
        self._started = self._worked = 0.0

    def __enter__(self) -> "Clock":
        self._started, self._worked = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._started
        self.processor_seconds += time.process_time() - self._worked
        self.peak_bytes = max(self.peak_bytes, peak_bytes())

    def add(self, answered: dict) -> None:
        """Take in what a part measured that ran in a process of its own, after this one."""
        self.seconds += answered["seconds"]
        self.processor_seconds += answered["processor_seconds"]
        self.peak_bytes = max(self.peak_bytes, answered["peak_bytes"])


def peak_bytes() -> int:
    """The largest resident size this process has had, in bytes.

    Linux tells it per program. `getrusage` is for other systems: on Linux its figure starts from the size
    of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def answer(work: Work) -> None:
    """Do `work` with the specification from the command line and tell what came of it."""
    clock = Clock()
    figures = work(json.loads(sys.argv[1]), clock)
    measured = {
        **figures,
        "seconds": clock.seconds,
        "processor_seconds": clock.processor_seconds,
        "peak_bytes": clock.peak_bytes,
    }
    sys.stdout.write(json.dumps(measured) + "\n")
