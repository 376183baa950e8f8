"""Hold the fast world against the real one: `uv run python scripts/fast_parity.py --worlds 30`.

Each world is lived by the real code and in columns. Told is, for each measure, the mean of both and how much more the
fast one has, in percent of the real mean, with its 95 % interval over the worlds.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from importlib.resources import files
from statistics import fmean

from forbear.cli.sim_many import live_many
from forbear.core.strategy.parse import parse_strategy
from forbear.sim.compare import estimate
from forbear.sim.fast.state import CHANNELS
from forbear.sim.fast.wishes import StrategyPolicy
from forbear.sim.fast.world import FastWorld, Outcome, Setting

FIRST = date(2026, 1, 5)
Both = tuple[float, float]


def _reached(by_day: list[Mapping[str, int]]) -> int:
    return sum(day["contacts"] for day in by_day)


#: Each measure of the real world's figures and the fast one's outcome.
MEASURES: dict[str, Callable[[dict, Outcome], Both]] = {
    "cash": lambda real, fast: (real["paid"], fast.paid),
    "cash from those who were late": lambda real, fast: (
        sum(cash for _, cash, _ in real["people"].values()),
        fast.paid_late,
    ),
    "past due at the end": lambda real, fast: (real["by_day"][-1]["owed_late"], fast.by_day[-1]["owed_late"]),
    "contacts that reached somebody": lambda real, fast: (_reached(real["by_day"]), fast.reached),
    "promises": lambda real, fast: (sum(real["promises"].values()), fast.promises.get("made", 0)),
    "complaints asked": lambda real, fast: (
        real["requests"].get("complaint", 0),
        fast.requests.get("complaint", 0),
    ),
}


def _by_channel(name: str) -> Callable[[dict, Outcome], Both]:
    return lambda real, fast: (real["contacts"].get(name, 0), fast.contacts.get(name, 0))


def fast_one(job: dict) -> Outcome:
    """The same world in columns."""
    text = (files("forbear") / "strategies" / "consumer-cn.yaml").read_text("utf-8")
    policy = StrategyPolicy(parse_strategy(text, "consumer-cn.yaml"), "CNY")
    setting = Setting(job["borrowers"], date.fromisoformat(job["first"]), job["seed"], behind=job["behind"])
    return FastWorld(setting, policy).run(job["days"])


def main() -> None:
    """Live them, and tell."""
    options = argparse.ArgumentParser(description=__doc__)
    for name, value in (("--worlds", 30), ("--borrowers", 250), ("--days", 60), ("--seed", 100)):
        options.add_argument(name, type=int, default=value)
    options.add_argument("--behind", type=float, default=0.3)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = options.parse_args()
    jobs = [
        {
            "borrowers": chosen.borrowers, "first": str(FIRST), "seed": seed, "faults": 0.0, "pack": "cn",
            "behind": chosen.behind, "days": chosen.days, "strategy": "",
        }
        for seed in range(chosen.seed, chosen.seed + chosen.worlds)
    ]  # fmt: skip
    worlds = []
    for real in live_many(jobs, chosen.jobs, lambda step, done, of: None):
        assert not real.get("failed"), real["failed"]
        assert not real["broken"], real["broken"]
        worlds.append((real, fast_one(real["job"])))
    sys.stdout.write("| measure | real | fast | difference |\n|---|--:|--:|--:|\n")
    for title, both in {**{name: _by_channel(name) for name in CHANNELS}, **MEASURES}.items():
        pairs = [both(*world) for world in worlds]
        real, fast = (fmean(pair[side] for pair in pairs) for side in (0, 1))
        difference = estimate([100 * (mine - theirs) / max(real, 1) for theirs, mine in pairs])
        shown = f"{difference.value:+.1f} % ({difference.low:+.1f} to {difference.high:+.1f})"
        sys.stdout.write(f"| {title} | {real:,.1f} | {fast:,.1f} | {shown} |\n")


if __name__ == "__main__":
    main()
