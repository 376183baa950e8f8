"""The type checker finds nothing in the rooms that pyproject.toml lists, which are all or are named as left out."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.tidy.tree import ROOT

SETTINGS = ROOT / "pyproject.toml"
ROOMS = ROOT / "src" / "forbear"


def mypy(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One run as `uv run mypy` makes it; what it learns is kept, so the next one takes a second."""
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", *arguments],
        cwd=ROOT,
        env=os.environ | {"MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_type_checker_is_content():
    done = mypy()
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_type_is_caught(tmp_path):
    """Strictly in core: also a value of which nothing is known."""
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from forbear.core.base.money import format_amount\n\n"
        "def wrong() -> int:\n    return format_amount(1, 'CNY')\n\n"
        "def untold(value):\n    return value\n"
    )
    done = mypy(bad)
    assert "[return-value]" in done.stdout
    assert "[no-untyped-def]" in done.stdout


def test_what_is_not_checked_is_left_out_by_name():
    settings = tomllib.loads(SETTINGS.read_text())["tool"]["mypy"]
    silent = [each["module"] for each in settings["overrides"] if each.get("follow_imports") == "silent"]
    checked = set(settings["packages"])
    left_out = {name.removesuffix(".*") for names in silent for name in names}
    assert checked | left_out == {f"forbear.{path.parent.name}" for path in ROOMS.glob("*/__init__.py")}
    assert not checked & left_out
    assert all("ignore_errors" not in each for each in settings["overrides"])
