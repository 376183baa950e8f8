"""Goal: a made-up lender lives for days with faults everywhere, by the real code, and every invariant holds."""

import json
import os
import subprocess
import sys

import pytest

from forbear.cli.sim import require_whole
from forbear.cli.verify import NotSound
from forbear.sim.fault_table import FAULTS
from forbear.sim.story import whose
from tests.docs.pages import page
from tests.profile import rounds
from tests.tidy.tree import ROOT

SEEDS = rounds(2, 60)


def sim(*arguments: str) -> subprocess.CompletedProcess:
    given = {name: value for name, value in os.environ.items() if not name.startswith("FORBEAR_")}
    return subprocess.run(
        [sys.executable, "-m", "forbear", "sim", *arguments], capture_output=True, text=True, env=given
    )


def test_with_faults_everywhere_every_invariant_holds():
    days = rounds(2, 3)
    done = sim(
        "--borrowers", str(rounds(15, 30)), "--days", str(days), "--seeds", str(SEEDS), "--jobs", "1", "--json"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout[-3000:]
    told = json.loads(done.stdout)
    assert (told["worlds"], told["days"], told["bad"]) == (SEEDS, days * SEEDS, [])
    assert told["contacts"] > 5 * SEEDS
    struck = {name for name, one in told["faults"].items() if one["happened"]}
    assert len(struck) > 10
    assert {"crash_at_write", "crash_at_commit", "disk_full"} & struck
    assert set(told["faults"]) == set(FAULTS)


@pytest.mark.long
@pytest.mark.parametrize("pack", ["cn", "us", "uk"])
def test_the_ready_strategy_of_a_country_breaks_no_rule_of_it_or_of_a_region(pack):
    days = 365
    done = sim(
        "--borrowers", "60", "--days", str(days), "--pack", pack, "--seed", "11", "--behind", "0.5",
        "--faults", "0", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout[-3000:]
    told = json.loads(done.stdout)
    assert (told["days"], told["broken"], told["evidence_flaws"]) == (days, {}, [])
    assert sum(told["contacts"].values()) > days


def test_the_same_seed_gives_the_same_world_whatever_the_number_of_processes():
    borrowers = rounds(14, 60)
    world = (
        "--borrowers",
        str(borrowers),
        "--days",
        "2",
        "--seed",
        "9",
        "--behind",
        "0.9",
        "--lenders",
        "2",
        "--json",
    )
    runs = [sim(*world, "--jobs", jobs) for jobs in ("1", "2")]
    assert [done.returncode for done in runs] == [0, 0], runs[0].stderr
    first, again = (json.loads(done.stdout) for done in runs)
    assert first == again
    assert (first["broken"], first["evidence_flaws"]) == ({}, [])
    assert (first["borrowers"], first["days"]) == (borrowers, 2)
    assert sum(first["contacts"].values()) > 0
    assert first["visits"]["ended"] > 0, "somebody went from door to door"
    assert sum(first["lawsuits"].values()) > 0, "somebody was taken to court"


def test_two_strategies_are_compared_on_one_world_with_pictures(tmp_path):
    ready = ROOT / "src" / "forbear" / "strategies"
    done = sim(
        "--compare", str(ready / "consumer-cn.yaml"), str(ready / "consumer-cn-spaced.yaml"), "--worlds", "1",
        "--borrowers", str(rounds(14, 40)), "--days", "2", "--behind", "0.8",
        "--faults", "0", "--hold-out", "0.4", "--jobs", "1",
        "--picture", str(tmp_path), "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["names"] == ["consumer-cn", "consumer-cn-spaced"]
    assert told["rows"][0]["first"] > 0
    assert told["rows"][0]["difference"]["low"] is None
    ((_, contacts, _, _),) = [
        row for row in told["incremental"] if row[0] == "contacts for each late borrower"
    ]
    assert contacts["value"] > 0
    assert [row[0] for row in told["incremental"]][-1] == "the same, for each contact"
    pictures = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert set(pictures) == {
        "cash.svg",
        "past_due.svg",
        "roll.svg",
        "contacts.svg",
        "refusals.svg",
        "complaints.svg",
    }
    assert all("consumer-cn-spaced" in text and "<svg" in text for text in pictures.values())


def test_a_broken_world_is_told_with_its_seed_and_its_story():
    broken = {"money kept": ["S0000001: desk (1, 1), truth (2, 2)"]}
    told = {"broken": broken, "broken_on": "2026-01-05", "evidence_flaws": []}
    chosen = {"seed": 7, "borrowers": 30, "faults": 0.1, "pack": "cn"}
    with pytest.raises(NotSound) as found:
        require_whole(told, chosen, ["2026-01-05 S0000001 case_opened {}"])
    assert "money kept broke on 2026-01-05; seed 7, 30 borrowers" in str(found.value)
    assert "commit" in str(found.value) or "release" in str(found.value)
    assert whose(broken) == ["S0000001"]


def test_a_home_that_is_there_is_left_alone(tmp_path):
    done = sim("--keep", str(tmp_path))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "is there already" in done.stderr


def test_every_fault_is_told():
    told = page("docs/sim.md")
    assert [what for what, must in FAULTS.values() if f"| {what} | {must} |" not in told] == []
