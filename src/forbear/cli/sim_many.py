"""Many worlds at once: processes that live them, each job's answer as it comes."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from queue import Queue

import click

from forbear import __version__
from forbear.cli.shared import out, progress_bar, table
from forbear.cli.sim_worker import DAY
from forbear.cli.verify_sale import NotSound
from forbear.sim.fault_table import FAULTS
from forbear.sim.lenders import faults_summed, parts, summed
from forbear.sim.workspace import room_for

#: The last day of winter time and of summer time lie among the first days of each second world.
_FIRST_DAYS = {
    "cn": (date(2026, 1, 5), date(2026, 9, 28)),
    "us": (date(2026, 3, 6), date(2026, 10, 30)),
    "uk": (date(2026, 3, 27), date(2026, 10, 23)),
}
#: After that many worlds a process is started again.
_CHUNK = 25


def live_many(
    jobs: Sequence[dict], processes: int, progress: Callable[[str, int, int], None]
) -> Iterator[dict]:
    """Live all of them, by that many processes; the answers in the order in which they come.

    The progress is in days, since a world may take seconds or an hour.
    """
    answers: Queue = Queue()
    by_pack: dict[str, list[dict]] = {}
    for job in jobs:
        by_pack.setdefault(job["pack"], []).append(job)
    size = max(1, min(_CHUNK, -(-len(jobs) // processes)))
    chunks = [
        (pack, mine[start : start + size])
        for pack, mine in by_pack.items()
        for start in range(0, len(mine), size)
    ]
    with ThreadPoolExecutor(processes) as pool:
        for pack, chunk in chunks:
            pool.submit(_worker, pack, chunk, answers.put)
        left, lived, days = len(jobs), 0, sum(job["days"] for job in jobs)
        while left:
            answer = answers.get()
            if answer == DAY:
                progress("days", lived, days)
                lived += 1
            else:
                left -= 1
                yield answer


def _worker(pack: str, chunk: list[dict], tell: Callable[[dict], None]) -> None:
    folder = room_for(max(job["borrowers"] for job in chunk), max(job["days"] for job in chunk))
    given = {name: value for name, value in os.environ.items() if not name.startswith("FORBEAR_")}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    days_done = 0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        with subprocess.Popen(
            [sys.executable, "-m", "forbear.cli.sim_worker", pack, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=given,
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("".join(json.dumps(job) + "\n" for job in chunk))
            process.stdin.close()
            for line in process.stdout:
                said = json.loads(line)
                days_done += said != DAY
                tell(said)
        errors.seek(0)
        why = errors.read()[-3000:] or f"the process ended with {process.returncode}"
    for job in chunk[days_done:]:
        tell({"job": job, "failed": why})


def commit() -> str:
    """The code that runs, as far as it is known: the release, and the commit of a checkout."""
    try:
        revision = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"],  # noqa: S607
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return f"release {__version__}"
    return f"release {__version__}, commit {revision.stdout.strip()}"


def live_lenders(chosen: dict) -> dict:
    """One world as several lenders, each lived by a process of its own, that many at once; what they came to
    together."""
    names = ("seed", "faults", "pack", "behind", "days")
    jobs = [
        {
            **{name: chosen[name] for name in names},
            "first": str(chosen["first"]), "borrowers": count, "begin": begin,
            "strategy": str(chosen["strategy"].resolve()) if chosen["strategy"] else "",
        }
        for begin, count in parts(chosen["borrowers"], chosen["lenders"])
    ]  # fmt: skip
    lived: dict[int, dict] = {}
    with progress_bar() as progress:
        for figures in live_many(jobs, chosen["jobs"], progress):
            if figures.get("failed"):
                raise NotSound(
                    f"seed {chosen['seed']}, borrowers from {figures['job']['begin']}: {figures['failed']}"
                )
            lived[figures["job"]["begin"]] = figures
    total = summed([lived[begin] for begin in sorted(lived)])
    return total | {"story": [line for begin in sorted(lived) for line in lived[begin].get("story", ())]}


def live_seeds(chosen: dict) -> None:
    """Live many small worlds, each with its seed, country, season and share of faults; and sum up what happened."""
    jobs = [_job(chosen, number) for number in range(chosen["seed"], chosen["seed"] + chosen["seeds"])]
    faults: dict[str, dict] = {}
    days, contacts, bad = 0, 0, []
    with progress_bar() as progress:
        for figures in live_many(jobs, chosen["jobs"], progress):
            if figures.get("failed") or figures["broken"] or figures["evidence_flaws"]:
                bad.append(figures)
            if not figures.get("failed"):
                days, contacts = days + figures["days"], contacts + sum(figures["contacts"].values())
                faults = faults_summed([faults, figures["faults"]])
    if chosen["as_json"]:
        summed = {"worlds": len(jobs), "days": days, "contacts": contacts, "faults": faults, "bad": bad}
        click.echo(json.dumps(summed, ensure_ascii=False))
    else:
        out.print(f"{len(jobs):,} worlds, {days:,} days, {contacts:,} contacts.")
        show_faults(faults, whole=not bad)
        for figures in bad:
            _show_bad(figures)
    if bad:
        seeds = ", ".join(str(world["job"]["seed"]) for world in bad[:20])
        raise NotSound(f"{len(bad)} of {len(jobs)} worlds broke; seeds {seeds}; {commit()}")
    if not chosen["as_json"]:
        out.print("Every invariant held in every world, and all evidence is whole.")


def _job(chosen: dict, seed: int) -> dict:
    """Every third world is of another country; faults come from seldom to often, by the seed."""
    pack = tuple(_FIRST_DAYS)[seed % 3]
    return {
        "borrowers": chosen["borrowers"],
        "first": str(_FIRST_DAYS[pack][seed // 3 % 2]),
        "seed": seed,
        "faults": round(0.03 + 0.2 * (seed * 7919 % 100) / 100, 4),
        "pack": pack,
        "behind": chosen["behind"] or 0.4,
        "days": chosen["days"],
    }


def _show_bad(figures: dict) -> None:
    job = figures["job"]
    out.print(f"BROKEN: seed {job['seed']}, pack {job['pack']}, faults {job['faults']}, from {job['first']}")
    if figures.get("failed"):
        out.print(figures["failed"])
        return
    for name, breaches in figures["broken"].items():
        out.print(f"  {figures['broken_on']}: {name}: {breaches[0]}")
    for flaw in figures["evidence_flaws"][:3]:
        out.print(f"  {flaw}")
    if figures.get("alone"):
        out.print(f"  the same with --only {' --only '.join(figures['whose'])}")
    for line in figures.get("story", ()):
        out.print(f"  {line}")


def show_faults(faults: dict[str, dict], *, whole: bool) -> None:
    """A table: each fault, what must happen, how often it could have struck, did, and how that ended.

    `whole` says that every invariant held: then what must happen did.
    """
    shown = table("Faults", "fault", "what must happen", "chances", "struck", "and then", right=(2, 3))
    for name, one in faults.items():
        ended = ", ".join(f"{how} {number:,}" for how, number in one["ended"].items()) or (
            "held" if whole else "?"
        )
        what, must = FAULTS[name]
        shown.add_row(
            what, must, f"{one['tried']:,}", f"{one['happened']:,}", ended if one["happened"] else "-"
        )
    out.print(shown)
