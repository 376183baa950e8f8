"""Imports go downward only, by the contracts in pyproject.toml, and stand at the top of their file."""

from collections.abc import Iterable

import pytest
from importlinter.cli import EXIT_STATUS_ERROR, EXIT_STATUS_SUCCESS, lint_imports

from tests.tidy.tree import ROOT, Module, imported, module, modules

# Where a name is imported only when asked for, and why.
LATE = {
    "forbear.core.facts.phone": "the numbering plans take a moment, and most commands read no number",
    "forbear.core.base.calendar": "the holiday tables take half a second that most books never need",
    "forbear.core.content.sound": "dictionaries of sounds take longer to load than most commands to run",
    "forbear.cli.demo": "a web server is loaded only when the desk is opened",
    "forbear.cli.demo_night": "tables can be imported only once Django knows the home",
    "forbear.cli.desk": "tables can be imported only once Django knows the home",
    "forbear.cli.main": "a command loads only what it needs itself",
    "forbear.cli.night": "the cluster is an extra that few nights need",
    "forbear.cli.restore": "the same, and the tables are there only once they are back",
    "forbear.insight.score_fit": "where LightGBM can't be loaded, a regression of ours is used",
    "forbear.insight.routing": "the router is an extra that lenders without visitors need not have",
}


def late(sources: Iterable[Module]) -> list[str]:
    """Imports hidden in functions, by statement or by importlib."""
    found = []
    for source in sources:
        if source.name in LATE:
            continue
        for name, line, inside in imported(source):
            if inside or name in ("importlib", "importlib.import_module"):
                found.append(f"{source.path}:{line}: {name} is imported late; import it at the top")
    return found


def test_the_contracts_on_imports_hold(monkeypatch):
    """Floors and order stand in pyproject.toml; `lint-imports` shows the chain that breaks one."""
    monkeypatch.chdir(ROOT)
    assert lint_imports() == EXIT_STATUS_SUCCESS


def test_a_forbidden_import_is_caught(monkeypatch, tmp_path):
    """The same contracts on a made-up package where core imports the desk."""
    package = tmp_path / "madeup"
    for room in ("core", "store"):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "core" / "a.py").write_text("from madeup.store import b\n")
    (package / "store" / "b.py").write_text("")
    (tmp_path / "setup.cfg").write_text(
        "[importlinter]\nroot_package = madeup\n\n[importlinter:contract:1]\nname = rooms\ntype = layers\n"
        "layers =\n    madeup.store\n    madeup.core\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert lint_imports(cache_dir=None) == EXIT_STATUS_ERROR


def test_imports_stand_at_the_top():
    assert late(modules()) == []
    assert set(LATE) <= {source.name for source in modules()}, "take what is gone out of LATE"


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    import json",
        "class A:\n    def f(self):\n        from forbear.core import loan",
        "import importlib",
        "from importlib import import_module",
    ],
)
def test_a_late_import_is_caught(text):
    assert late([module(text, "forbear.night.a")])


def test_a_relative_import_is_caught():
    with pytest.raises(AssertionError, match="full name"):
        list(imported(module("from . import b")))
