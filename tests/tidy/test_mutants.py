"""The list of mutants fits the tree: each can be made, each names tests that are there, and a mutant is told apart."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT

SCRIPT = runpy.run_path(str(ROOT / "scripts" / "mutants.py"))
LIST = ROOT / "tests" / "mutants.yaml"
MUTANTS = SCRIPT["read"](LIST)
RULE = "def late(days: int) -> bool:\n    return days > 0\n"
TEST = "from forbear.rule import late\n\n\ndef test_a_day():\n    assert late(1)\n    assert not late(-1)\n"


def test_every_mutant_can_be_made():
    for mutant in MUTANTS:
        SCRIPT["changed"](mutant, ROOT)
        assert [name for name in mutant["tests"] if not (ROOT / name.split("::")[0]).exists()] == [], mutant[
            "change"
        ]


def test_each_subject_has_eight_and_no_change_stands_twice():
    subjects = Counter(mutant["subject"] for mutant in MUTANTS)
    assert set(subjects) == set(SCRIPT["SUBJECTS"])
    assert min(subjects.values()) >= 8
    assert len({(mutant["subject"], mutant["change"]) for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(("old", "new"), [("no such text", "x"), ("days", "x"), ("> 0", "> 0")])
def test_a_mutant_that_cannot_be_made_is_told(tmp_path, old, new):
    (tmp_path / "rule.py").write_text(RULE, "utf-8")
    with pytest.raises(SCRIPT["MutantError"], match=r"rule\.py"):
        SCRIPT["changed"]({"file": "rule.py", "old": old, "new": new}, tmp_path)


def test_a_list_with_another_field_is_told(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("- {subject: night, change: a day less}\n", "utf-8")
    with pytest.raises(SCRIPT["MutantError"], match="a day less"):
        SCRIPT["read"](path)


@pytest.mark.process
def test_killed_alive_and_broken_are_told_apart(tmp_path):
    small_tree(tmp_path)
    found = {
        new: (state, by)
        for new, state, by in (
            (mutant["new"], state, by)
            for mutant, state, by in SCRIPT["results"](
                [made("> 0", "> 1"), made("> 0", ">= 0"), made("> 0", "> nothing"), made("no text", "")],
                tmp_path,
            )
        )
    }
    state, by = found["> 1"]
    assert (state, by.partition(" - ")[0]) == ("killed", "tests/test_rule.py::test_a_day")
    assert found[">= 0"] == ("alive", "")
    assert found["> nothing"][0] == "broken", "what can't run was noticed by nobody"
    assert found[""][0] == "broken"
    assert (tmp_path / "src/forbear/rule.py").read_text("utf-8") == RULE


def made(old: str, new: str) -> dict:
    return {
        "file": "src/forbear/rule.py",
        "old": old,
        "new": new,
        "tests": ["tests/test_rule.py"],
        "change": new,
    }


def small_tree(root: Path) -> None:
    """A tree with one rule and its test."""
    for name, text in (
        ("src/forbear/__init__.py", ""),
        ("src/forbear/rule.py", RULE),
        ("tests/test_rule.py", TEST),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-q'\n", "utf-8")
