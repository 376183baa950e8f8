"""Ruff finds nothing and would format nothing anew."""

import subprocess
import sys

import pytest

from tests.tidy.tree import ROOT


def ruff(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "--quiet"],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["check"], ["format", "--diff"]], ids=["check", "format"])
def test_ruff_is_content(arguments):
    done = ruff(*arguments, "src", "tests", "scripts")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_bad_line_is_caught():
    assert (
        ruff("check", "--stdin-filename", "src/forbear/core/a.py", "-", given="import os\n").returncode == 1
    )
    assert ruff("format", "--check", "--stdin-filename", "a.py", "-", given="x  = 1\n").returncode == 1
