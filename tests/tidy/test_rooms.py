"""Imports go downward only, rooms of one level leave each other alone, and no module is in a cycle."""

import graphlib
from collections.abc import Iterable

import pytest

from tests.tidy.tree import Module, imported, module, modules

# From the ground up. Rooms of one level don't import each other.
LEVELS = (
    ("core",),
    ("engine",),
    ("store", "channels", "interchange"),
    ("actions", "night"),
    ("insight",),
    ("web", "jobs"),
    ("config",),
    ("sim",),
    ("cli", "bench"),
    ("__main__",),
)
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
COLUMNAR = ("duckdb", "forbear.engine.columnar")
# Where a name is imported only when asked for, and why.
LATE = {
    "forbear.core.base.calendar": "the holiday tables take half a second that most books never need",
    "forbear.core.content.sound": "dictionaries of sounds take longer to load than most commands to run",
    "forbear.cli.demo": "a web server is loaded only when the desk is opened",
    "forbear.cli.desk": "tables can be imported only once Django knows the home",
    "forbear.cli.main": "a command loads only what it needs itself",
    "forbear.cli.night": "the cluster is an extra that few nights need",
    "forbear.cli.restore": "the same, and the tables are there only once they are back",
    "forbear.insight.routing": "the router is an extra that lenders without visitors need not have",
}


def upward(sources: Iterable[Module]) -> list[str]:
    """Imports of a room that is not below."""
    found = []
    for source in sources:
        for name, line, _ in imported(source):
            if not name.startswith("forbear.") or not source.room:
                continue
            room = name.split(".")[1]
            if room == "__version__" or room == source.room:
                continue
            if room not in LEVEL_OF or LEVEL_OF[room] >= LEVEL_OF[source.room]:
                found.append(f"{source.path}:{line}: {source.room} imports {name}; imports go downward only")
    return found


def columnar_elsewhere(sources: Iterable[Module]) -> list[str]:
    """Imports of the columnar library outside its one room."""
    library, home = COLUMNAR
    return [
        f"{source.path}:{line}: only {home} imports {library}"
        for source in sources
        for name, line, _ in imported(source)
        if name.split(".")[0] == library and source.name != home
    ]


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


def cycle(sources: Iterable[Module]) -> list[str]:
    """One chain of modules that import each other, or nothing."""
    sources = list(sources)
    names = {source.name for source in sources}
    graph = {
        source.name: {target for name, _, _ in imported(source) if (target := _module_in(name, names))}
        - {source.name}
        for source in sources
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def _module_in(name: str, names: set[str]) -> str:
    """The module that an imported name is or lies in; "" when it is none of ours."""
    if name in names:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in names else ""


def test_every_room_has_a_level():
    rooms = {source.room for source in modules()} - {""}
    assert rooms <= set(LEVEL_OF), "a new room needs its place in LEVELS and in ARCHITECTURE.md"


def test_imports_go_downward():
    assert upward(modules()) == []


def test_only_the_engine_imports_the_columnar_library():
    assert columnar_elsewhere(modules()) == []


def test_imports_stand_at_the_top():
    assert late(modules()) == []
    assert set(LATE) <= {source.name for source in modules()}, "take what is gone out of LATE"


def test_no_modules_import_each_other():
    assert cycle(modules()) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("forbear.core.a", "from forbear.night.run import run_night"),
        ("forbear.core.a", "import forbear.engine.columnar"),
        ("forbear.engine.a", "from forbear.interchange import book"),
        ("forbear.interchange.a", "from forbear.store import models"),
        ("forbear.cli.a", "from forbear.bench import command"),
        ("forbear.night.a", "from forbear.attic import thing"),
    ],
)
def test_an_upward_import_is_caught(name, text):
    assert upward([module(text, name)])


def test_a_downward_import_is_not():
    sample = module(
        "from forbear import __version__\nfrom forbear.core import loan\nimport json", "forbear.cli.a"
    )
    assert upward([sample]) == []


@pytest.mark.parametrize("text", ["import duckdb", "from duckdb import connect", "import duckdb.typing as t"])
def test_a_second_importer_of_the_columnar_library_is_caught(text):
    assert columnar_elsewhere([module(text, "forbear.night.a")])
    assert columnar_elsewhere([module(text, "forbear.engine.columnar")]) == []


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


def test_a_cycle_is_caught():
    pair = [
        module("from forbear.core.b import thing", "forbear.core.a"),
        module("from forbear.core import a", "forbear.core.b"),
    ]
    assert set(cycle(pair)) == {"forbear.core.a", "forbear.core.b"}
    assert cycle(pair[:1]) == []


def test_a_relative_import_is_caught():
    with pytest.raises(AssertionError, match="full name"):
        list(imported(module("from . import b")))
