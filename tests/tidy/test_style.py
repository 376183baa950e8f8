"""Ruff, djlint and biome find nothing and would lay nothing out in another way."""

import subprocess
import sys
from pathlib import Path

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


PAGES = ROOT / "src" / "forbear" / "web" / "pages"


def djlint(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "djlint", *arguments, "--quiet"],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_djlint_is_content_with_the_pages():
    done = djlint(str(PAGES), "--check", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_line_of_a_page_is_too_long_to_read():
    long = [
        f"{page.relative_to(ROOT)}:{number} has {len(line)} signs, at most 120"
        for page in sorted(PAGES.rglob("*.html"))
        for number, line in enumerate(page.read_text().splitlines(), 1)
        if len(line) > 120
    ]
    assert not long, long


def test_a_bad_page_is_caught():
    assert (
        djlint(
            "-", "--check", given="<p>{% if a %}<b>x</b>{% endif %}</p>\n<div><div>\n<p>1\n</div></div>"
        ).returncode
        == 1
    )
    assert djlint("-", "--lint", given='<img src="a.png">').returncode == 1


def test_biome_is_content_with_scripts_and_styles():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("biome")), "check", "--error-on-warnings"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
