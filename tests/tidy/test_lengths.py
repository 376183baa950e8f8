"""Functions fit on a screen, files can be held in the head, and every SQL file has a reader."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from tests.tidy.kept import unclean
from tests.tidy.tree import ROOT, Module, files, functions, module, modules, parsed

LONGEST_FUNCTION = 70
LONGEST_FILE = 500
CODE = (".py", ".sql", ".sh")


def long_functions(path: str, tree: ast.Module) -> list[str]:
    """Functions of more lines than a screen has."""
    return [
        f"{path}:{function.lineno}: {function.name} has {length} lines, more than {LONGEST_FUNCTION}"
        for function in functions(tree)
        if (length := function.end_lineno - function.lineno + 1) > LONGEST_FUNCTION
    ]


def functions_too_long(texts: Mapping[str, str]) -> list[str]:
    """The same of modules by their paths."""
    return [line for path in texts for line in long_functions(path, parsed(ROOT / path))]


def long_files(texts: Mapping[str, str]) -> list[str]:
    """Files of too many lines."""
    return [
        f"{path}: {length} lines, more than {LONGEST_FILE}"
        for path, text in texts.items()
        if (length := len(text.splitlines())) > LONGEST_FILE
    ]


def unused_sql(sql: Iterable[str], sources: Iterable[Module]) -> list[str]:
    """SQL files that no module of the package names."""
    named = {
        node.value
        for source in sources
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return [path for path in sql if path.rpartition("/")[2] not in named]


@cache
def code() -> dict[str, str]:
    """The text of every code file, also those of tests and scripts; not the tables that Django writes out."""
    return {
        path.as_posix(): (ROOT / path).read_text("utf-8")
        for path in files()
        if path.suffix in CODE and path.parent.name != "migrations"
    }


def test_functions_fit_on_a_screen():
    modules = {path: text for path, text in code().items() if path.endswith(".py")}
    assert modules
    assert unclean(functions_too_long, modules, Path(__file__)) == []


def test_files_can_be_held_in_the_head():
    assert long_files(code()) == []


def test_every_sql_file_is_used():
    sql = [path for path in code() if path.endswith(".sql") and path.startswith("src/")]
    assert sql, "the night is SQL"
    assert unused_sql(sql, modules()) == []


def test_a_long_function_is_caught():
    body = "    x = 1\n" * LONGEST_FUNCTION
    assert long_functions("a.py", ast.parse("def f():\n" + body))
    assert long_functions("a.py", ast.parse("class A:\n  async def f(self):\n" + body))
    assert not long_functions("a.py", ast.parse("def f():\n" + body.removeprefix("    x = 1\n")))


def test_a_long_file_is_caught():
    assert long_files({"a.py": "\n" * (LONGEST_FILE + 1)})
    assert not long_files({"a.py": "\n" * LONGEST_FILE})


def test_an_unused_sql_file_is_caught():
    reader = module('text = statements("forbear.night", "facts.sql")', "forbear.night.a")
    assert unused_sql(["src/forbear/night/sql/facts.sql", "src/forbear/night/sql/old.sql"], [reader]) == [
        "src/forbear/night/sql/old.sql"
    ]
