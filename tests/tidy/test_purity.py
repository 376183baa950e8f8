"""`core` is pure: values in, values out. No file, clock, chance, engine or framework; no float near money."""

import ast
from collections.abc import Iterable

import pytest

from tests.tidy.tree import Module, functions, imported, module, modules

# All that core may import: what has neither state nor effect, and the libraries the rules lean on.
PURE = {
    *("bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum", "fractions"),
    *(
        "functools",
        "graphlib",
        "hashlib",
        "itertools",
        "math",
        "operator",
        "re",
        "string",
        "types",
        "typing",
        "unicodedata",
    ),
    *("moneyed", "pydantic", "sqlglot", "yaml", "forbear.core"),
    *("base64", "cryptography", "hmac", "json", "opencc", "pypinyin", "rfc8785", "zoneinfo"),
}
# Tables of holidays, of sounds and of numbering plans are loaded late, by name.
ALSO = {
    name: {"importlib"}
    for name in ("forbear.core.base.calendar", "forbear.core.content.sound", "forbear.core.facts.phone")
}
EFFECTS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint", "globals"}
CLOCKS = {"now", "today", "utcnow", "fromtimestamp", "utcfromtimestamp"}
#: The one clock; and what makes rows up, where no home is.
READS_THE_CLOCK = {"forbear.interchange.home.clock", "forbear.cli.generate", "forbear.sim.case_rows"}
# The engine's `/` is a double on both sides, so conditions know them, and a probability is one. Money is none.
DOUBLES = ("forbear.core.conditions", "forbear.core.files.hints", "forbear.core.strategy.arms")


def core() -> list[Module]:
    return [source for source in modules() if source.room == "core"]


def impure(source: Module) -> list[str]:
    """Imports and calls that reach out of the values given."""
    found = []
    allowed = PURE | ALSO.get(source.name, set())
    for name, line, _ in imported(source):
        if not any(name == pure or name.startswith(f"{pure}.") for pure in allowed):
            found.append(f"{source.path}:{line}: core may not import {name}")
    for node in source.nodes:
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in EFFECTS:
            found.append(f"{source.path}:{node.lineno}: core may not call {node.func.id}")
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            found.append(f"{source.path}:{node.lineno}: core has no clock; a date is handed in")
    return found


def floats(source: Module) -> list[str]:
    """Float literals and the word `float` where money is counted: all of core but the conditions."""
    if source.name.startswith(DOUBLES):
        return []
    found = []
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"{source.path}:{node.lineno}: the literal {node.value} is a float")
        elif isinstance(node, ast.Name) and node.id == "float":
            found.append(f"{source.path}:{node.lineno}: money is never a float")
    return found


def undocumented(source: Module) -> list[str]:
    """What has no docstring: the module, and in core every public class, function and method."""
    if not source.text.strip():
        return []  # a package's empty file
    found = [] if ast.get_docstring(source.tree) else [f"{source.path}:1: the module has no docstring"]
    if source.room == "core":
        found += [
            f"{source.path}:{node.lineno}: {node.name} has no docstring"
            for node in _public(source.tree.body)
            if not ast.get_docstring(node)
        ]
    return found


def _public(body: Iterable[ast.stmt]) -> Iterable[ast.ClassDef | ast.FunctionDef]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def printing(source: Module) -> list[str]:
    """Calls of `print` outside the command line."""
    if source.room == "cli":
        return []
    return [
        f"{source.path}:{node.lineno}: only the command line prints"
        for node in source.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def clocks(source: Module) -> list[str]:
    """Calls that read the time elsewhere than in the one clock, which alone knows of a demo's moved time."""
    if source.name in READS_THE_CLOCK or source.room == "bench" or ".migrations." in source.name:
        return []
    return [
        f"{source.path}:{node.lineno}: ask forbear.interchange.home.clock for the time"
        for node in source.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "today", "utcnow"}
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and ast.unparse(node.func.value).rpartition(".")[2] in {"datetime", "date", "timezone"}
    ]


def test_core_is_pure():
    assert len(core()) > 20
    assert [line for source in core() for line in impure(source)] == []


def test_core_knows_no_float():
    assert [line for source in core() for line in floats(source)] == []


def test_what_is_public_is_documented():
    ours = [source for source in modules() if ".migrations." not in source.name]  # those are Django's
    assert len(ours) > 300
    assert [line for source in ours for line in undocumented(source)] == []


def test_the_time_is_read_in_one_place():
    assert [line for source in modules() for line in clocks(source)] == []


@pytest.mark.parametrize(
    "text", ["datetime.now(UTC)", "date.today()", "timezone.now()", "datetime.datetime.utcnow()"]
)
def test_another_clock_is_caught(text):
    assert clocks(module(text))


def test_asking_the_one_clock_passes():
    assert clocks(module("clock.now(home)\nrequest.now\nmoment.today(home)")) == []


def test_only_the_command_line_prints():
    assert [line for source in modules() for line in printing(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        *("import os", "import io", "import random", "import time", "import sys", "import duckdb"),
        *("from pathlib import Path", "from django.db import models", "import importlib", "import datetimex"),
        *(
            "open('a')",
            "print('a')",
            "eval('1')",
            "date.today()",
            "datetime.now(tz)",
            "datetime.date.today()",
        ),
    ],
)
def test_an_effect_is_caught(text):
    assert impure(module(text))


def test_what_is_pure_passes():
    text = "from collections.abc import Iterable\nfrom datetime import date\nimport yaml\ndate(2026, 1, 1)"
    assert impure(module(text)) == []


@pytest.mark.parametrize("text", ["x = 0.5", "x = 1e3", "x = -2.0", "x = float(y)", "def f(x: float): ..."])
def test_a_float_is_caught(text):
    assert floats(module(text, "forbear.core.base.money"))


def test_a_decimal_passes():
    assert floats(module("x = Decimal('0.5')\ny = 7 // 2\nz = True", "forbear.core.base.money")) == []


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        '"""A module."""\ndef f():\n    return 1',
        '"""A module."""\nclass A:\n    """A class."""\n    def f(self):\n        return 1',
    ],
)
def test_a_missing_docstring_is_caught(text):
    assert undocumented(module(text))


def test_a_private_helper_needs_none():
    assert undocumented(module('"""A module."""\ndef _f():\n    def g(): ...\n')) == []
    assert not list(functions(ast.parse("x = 1")))


def test_a_print_is_caught():
    assert printing(module("def f():\n    print(1)", "forbear.night.a"))
    assert printing(module("print(1)", "forbear.cli.a")) == []
