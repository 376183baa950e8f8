"""The tree as the tidy tests see it: Python modules as syntax trees, and the names of all files."""

import ast
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"

# Never part of the project, whether git is there or not.
_OUTSIDE = (".git",)


@dataclass(frozen=True, eq=False)
class Module:
    """One Python file: its dotted name, its path from the root, its text and its syntax tree."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, walked once for all rules."""
        return tuple(ast.walk(self.tree))

    @property
    def room(self) -> str:
        """The first folder under `forbear`; "" for the package's own file."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""


def module(text: str, name: str = "forbear.core.sample") -> Module:
    """A made-up module, for showing that a rule bites."""
    return Module(name, f"src/{name.replace('.', '/')}.py", text, ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """All modules of the package, by name."""
    return tuple(_read(path) for path in sorted((SRC / "forbear").rglob("*.py")))


def _read(path: Path) -> Module:
    text = path.read_text("utf-8")
    parts = path.relative_to(SRC).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path.relative_to(ROOT).as_posix(), text, parsed(path))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file, parsed once a run."""
    return ast.parse(path.read_text("utf-8"))


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, as paths from the root: what is there without what .gitignore names."""
    ignored = [line.strip("/\n") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()]
    return tuple(sorted(_walk(ROOT, [*_OUTSIDE, *filter(None, ignored)])))


def _walk(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        if any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from _walk(path, ignored)
        else:
            yield path.relative_to(ROOT)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@cache
def imported(source: Module) -> tuple[tuple[str, int, bool], ...]:
    """Every import as (dotted name, line, whether inside a function); `from a import b` gives `a.b`."""
    inside = {id(node) for function in functions(source.tree) for node in ast.walk(function)}
    found = []
    for node in source.nodes:
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, id(node) in inside) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source.path}:{node.lineno}: a relative import; write the full name"
            found += [
                (f"{node.module}.{alias.name}", node.lineno, id(node) in inside) for alias in node.names
            ]
    return tuple(found)
