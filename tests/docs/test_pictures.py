"""The docs' pictures: each that is named is there, each that is there is made by the script's list, none is large."""

import re
import runpy
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT

FOLDER = ROOT / "docs" / "pictures"
#: All pictures of pages together take at most so many bytes, and one of them at most so many.
MOST, MOST_EACH = 1_500_000, 150_000
NAMED = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")


def prose() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def named() -> list[tuple[Path, str, Path]]:
    """Every picture that a page shows: the page, what it says for it, the file."""
    return [
        (page, words, (page.parent / address).resolve())
        for page in prose()
        for words, address in NAMED.findall(page.read_text("utf-8"))
    ]


@pytest.fixture(scope="module")
def made() -> set[str]:
    script = runpy.run_path(str(ROOT / "scripts" / "pictures.py"))
    return {f"{each.name}-{language}.png" for each in script["PICTURES"] for language in script["LANGUAGES"]}


def test_each_picture_that_is_named_is_there_and_said_in_words():
    assert len(named()) > 25
    assert [str(page) for page, words, path in named() if not path.is_file() or len(words) < 6] == []


def test_the_script_makes_each_of_them(made):
    assert {path.name for path in FOLDER.glob("*.png")} == made


def test_each_of_them_is_shown_in_its_language(made):
    shown = {path.name: page for page, _, path in named() if path.suffix == ".png"}
    assert made - shown.keys() == set()
    chinese = ("zh", "README.zh-CN.md")
    for name, page in shown.items():
        assert name.endswith("-zh.png") == (page.parent.name == "zh" or page.name in chinese), (name, page)


def test_none_is_large():
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert max(sizes.values()) < MOST_EACH
    assert sum(sizes.values()) < MOST
