"""The pages' language: plain words, sentences of a length one can follow, and names that are really there."""

import re
from functools import cache

import pytest

from tests.docs.pages import pages
from tests.tidy.test_words import prose
from tests.tidy.tree import ROOT, SRC, modules

#: A sentence has at most so many words; code and tables' cells are counted apart.
LONGEST = 25
PAGES = sorted(path for path in pages() if path != "CHANGELOG.md")
#: A file or folder by its path inside the package: `core/permits/decision.py`, `jobs/timetable.py`.
PATH = re.compile(r"`((?:[\w.]+/)+[\w.]*)`")
#: A module by its dotted name: `core.permits.decision`.
DOTTED = re.compile(r"`((?:forbear\.)?[a-z_]+(?:\.[a-z_]+)+)`")


def sentences(text: str) -> list[str]:
    """A page's sentences: paragraphs, list items and table cells apart, indented and fenced text left out."""
    text = re.sub(r"^(?:    |#).*$", "", prose(text), flags=re.MULTILINE)
    text = re.sub(r"^\|.*$", lambda row: row.group().replace("|", "\n\n"), text, flags=re.MULTILINE)
    text = re.sub(r"^(\s*(?:[-*]|\d+\.) )", r"\n\1", text, flags=re.MULTILINE)
    return [
        " ".join(sentence.split())
        for paragraph in re.split(r"\n\s*\n", text)
        for sentence in re.split(r"(?<=[.?:;])\s+", paragraph)
    ]


def too_long(text: str) -> list[str]:
    """The sentences of more words than a reader keeps in mind."""
    return [each for each in sentences(text) if len(re.findall(r"[\w'’-]*[^\W\d_][\w'’-]*", each)) > LONGEST]


@cache
def paths() -> frozenset[str]:
    """Every file and folder of the package, as a page names it: from the root, the package or its parent folder."""
    found = set()
    for path in (SRC / "forbear").rglob("*"):
        inside = path.relative_to(SRC / "forbear").as_posix()
        found |= {inside, f"{inside}/" if path.is_dir() else inside}
    return frozenset(found)


def rooms() -> frozenset[str]:
    """The package's own folders, by which a path of the package is known from one in a lender's home."""
    return frozenset(path.name for path in (SRC / "forbear").iterdir() if path.is_dir())


def lost(text: str) -> list[str]:
    """The paths and modules of the package that a text names and that are not there."""
    known = {module.name.removeprefix("forbear."): module.text for module in modules()}
    top = rooms() - {"strategies", "templates", "packs"}  # a lender's home has folders of the same names
    missing = [
        name
        for name in PATH.findall(text)
        if name.split("/")[0] in top
        and name not in paths()
        and not (ROOT / name).exists()
        and not (ROOT / "tests" / name).exists()
    ]
    for dotted in DOTTED.findall(text):
        name = dotted.removeprefix("forbear.")
        module, _, attribute = name.rpartition(".")
        if name.split(".")[0] not in top or attribute in {"yaml", "json", "csv", "md"} or name in known:
            continue
        if not re.search(rf"\b{attribute}\b", known.get(module, "")):
            missing.append(name)
    return missing


@pytest.mark.parametrize("path", PAGES)
def test_sentences_are_short(path):
    assert too_long(pages()[path]) == []


@pytest.mark.parametrize("path", PAGES)
def test_modules_and_files_named_are_there(path):
    assert lost(pages()[path]) == []


def test_a_long_sentence_is_caught():
    assert too_long("word " * 26 + "end.")
    assert too_long("| cell | " + "word " * 26 + " |")
    assert not too_long("word " * 25)
    assert not too_long("- " + "word " * 20 + "\n- " + "word " * 20)


def test_a_lost_name_is_caught():
    assert lost("see `core/permits/door.py` and `core.permits.door`") == [
        "core/permits/door.py",
        "core.permits.door",
    ]
    assert lost("see `core/permits/decision.py`, `core.permits.decision` and `data/book/`") == []
