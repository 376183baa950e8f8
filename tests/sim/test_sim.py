"""Goal: a made-up lender lives for days with faults everywhere, by the real code, and every invariant holds."""

import json
import os
import subprocess
import sys

import pytest

LONG = bool(os.environ.get("FORBEAR_LONG"))
SEEDS = range(1, 41) if LONG else (1, 2)


def sim(*arguments: str) -> subprocess.CompletedProcess:
    given = {name: value for name, value in os.environ.items() if not name.startswith("FORBEAR_")}
    return subprocess.run(
        [sys.executable, "-m", "forbear", "sim", *arguments], capture_output=True, text=True, env=given
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_with_faults_everywhere_every_invariant_holds(seed):
    done = sim("--borrowers", "120", "--days", "6", "--seed", str(seed), "--faults", "0.25", "--json")
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    told = json.loads(done.stdout)
    assert (told["days"], told["broken"], told["evidence_flaws"]) == (6, {}, [])
    assert sum(told["faults"].values()) > 5
    assert sum(told["contacts"].values()) > 0


def test_the_same_seed_gives_the_same_world():
    runs = [sim("--borrowers", "60", "--days", "3", "--seed", "9", "--json") for _ in range(2)]
    first, again = (json.loads(done.stdout) for done in runs)
    assert first == again


def test_a_home_that_is_there_is_left_alone(tmp_path):
    done = sim("--keep", str(tmp_path))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "is there already" in done.stderr
