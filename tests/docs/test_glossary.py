"""The glossary: its names are in the source, and its screen words are in the catalogue."""

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po
from scripts.terms import parted

from tests.docs.pages import page
from tests.tidy.tree import SRC

PAGE = "docs/glossary.md"
CATALOGUE = SRC / "forbear" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROW = re.compile(r"^\| (.+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
SCREEN = re.compile(r"\*([^*]+)\*")


def terms() -> list[tuple[str, ...]]:
    """The rows of the page: English, Chinese, name in code, meaning."""
    return [row for row in ROW.findall(page(PAGE)) if row[0] != "English"]


@cache
def source() -> frozenset[str]:
    """Every name of the source, files' names included."""
    found = set()
    for path in (SRC / "forbear").rglob("*"):
        if path.suffix in {".py", ".sql", ".yaml"}:
            found |= {path.stem, *re.findall(r"\w+", path.read_text("utf-8"))}
    return frozenset(found)


@cache
def catalogue() -> frozenset[tuple[str, str]]:
    """Every message of the Chinese catalogue with its translation, whatever its context."""
    with CATALOGUE.open("rb") as file:
        messages = list(read_po(file))
    return frozenset((each.id, each.string) for each in messages if isinstance(each.id, str))


@pytest.mark.parametrize("term", terms(), ids=lambda term: f"{term[2]}-{term[0]}")
def test_a_term_is_what_code_and_pages_say(term):
    english, chinese, code, meaning = term
    (name,) = re.findall(r"`(\w+)`", code)
    assert name in source()
    words = list(zip(SCREEN.findall(english), SCREEN.findall(chinese), strict=True))
    assert [pair for pair in words if pair not in catalogue()] == []
    said, _, explained = parted(meaning)
    assert said.endswith(".")
    assert len(said.split()) <= 25
    assert not explained or explained.endswith("。")


def test_no_term_stands_twice():
    english = [term[0] for term in terms()]
    assert len(english) > 80
    assert sorted(english) == sorted(set(english))
