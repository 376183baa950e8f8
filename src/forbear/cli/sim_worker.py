"""One process that lives made-up worlds: a job a line on standard input, what it came to a line on standard output.

Before it, a line for each day that was lived tells how far the world is.

A home serves one country, and a process one home. It is started by `forbear sim` and by nobody else.
"""

import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

from forbear.cli.desk import desk
from forbear.interchange.home.lender import make_home
from forbear.sim.place import PLACES, prepare_home

#: What is sent as each day begins.
DAY = {"day": True}


def main(pack: str, folder: str) -> None:
    """Live each job in a home made under `folder`, which is taken away at the end."""
    home = Path(folder) / "home"
    # the answers go out by a way of their own: whatever a library says on standard output must not mix with them
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        make_home(home, made_up=True)
        prepare_home(home, PLACES[pack])
        module = desk(home, "forbear.sim.world_runner")
        again = module.WorldRunner()

        def tell(figures: dict) -> None:
            out.write(json.dumps(figures, ensure_ascii=False) + "\n")
            out.flush()

        for line in sys.stdin:
            tell(_lived(module.Setting, again, json.loads(line), lambda *_: tell(DAY)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Runner(Protocol):
    """What `forbear.sim.world_runner` makes, which can be imported only once Django knows the home."""

    def live(
        self, setting: object, days: int, strategy: Path | None, progress: Callable[[str, int, int], None]
    ) -> dict[str, object]: ...


def _lived(
    setting: Callable[..., object], again: _Runner, job: dict, progress: Callable[[str, int, int], None]
) -> dict:
    values = {name: value for name, value in job.items() if name not in ("days", "strategy", "name")}
    values |= {"first": date.fromisoformat(job["first"]), "only": frozenset(job.get("only", ()))}
    strategy = Path(job["strategy"]) if job.get("strategy") else None
    try:
        lived = again.live(setting(**values), job["days"], strategy, progress)
    except Exception:
        # a promise of our own that broke is a finding like a broken invariant, and the other worlds go on
        return {"job": job, "failed": traceback.format_exc()[-3000:]}
    return {"job": job, **lived}


if __name__ == "__main__":
    main(*sys.argv[1:])
