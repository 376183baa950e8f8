"""What only a long run does stands in tests/long.yaml, with tests of a default run that prove the same."""

import ast

import pytest
import yaml

from tests.tidy.tree import ROOT

MOVED = yaml.safe_load((ROOT / "tests" / "long.yaml").read_text("utf-8"))


def marked(function: ast.FunctionDef) -> bool:
    """Whether the whole test is left to a long run."""
    return any(ast.unparse(each) == "pytest.mark.long" for each in function.decorator_list)


@pytest.fixture(scope="module")
def tests() -> dict[str, bool]:
    """Every test by its name, and whether it is left to a long run."""
    return {
        f"{path.relative_to(ROOT)}::{function.name}": marked(function)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
    }


def test_every_test_that_is_left_to_a_long_run_is_told(tests):
    told = [each["test"] for each in MOVED]
    assert [name for name, left in tests.items() if left and name not in told] == []
    assert [name for name in told if name not in tests] == []
    assert len(set(told)) == len(told)


def test_what_proves_the_same_is_there_and_is_run_by_default(tests):
    for each in MOVED:
        assert each.keys() == {"test", "more", "by_default"}, each
        assert each["by_default"], each
        assert [name for name in each["by_default"] if tests.get(name, True)] == [], each["test"]
