"""What a test needs: a browser, a process of its own, tables, the engine. Read from what it uses, by no list.

A test's function is followed through all functions of the tests and of the product that it names, and so are its
fixtures. What is called by a name hides what it does: a fast run fails where a test that isn't marked starts a process
(see `no_process`), and that test is then marked by hand.
"""

import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType

import pytest
from click import Command

#: Roughly how many seconds of a processor a test takes that needs it: a run starts its longest files first.
NEEDS = {"browser": 2.0, "process": 4.0, "database": 0.2, "engine": 0.3}
TABLES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}
BROWSERS = {"playwright", "chromium"}
PROCESSES = {"subprocess", "multiprocessing", "multiprocessing.context"}
ENGINE = "forbear.engine.columnar"
OURS = ("tests.", "forbear.")

_known: dict[FunctionType | type, frozenset[str]] = {}
_running: list[str] = []


def needs(item: pytest.Item) -> set[str]:
    """All that this test needs."""
    names = set(getattr(item, "fixturenames", ()))
    found = {mark.name for mark in item.iter_markers() if mark.name in NEEDS}
    if item.get_closest_marker("django_db") or names & TABLES:
        found.add("database")
    if names & BROWSERS:
        found.add("browser")
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    functions = [getattr(item, "function", None), *(one.func for all_ in fixtures.values() for one in all_)]
    for function in functions:
        found |= _reached(function, frozenset())
    return found


def _reached(thing: object, above: frozenset[int]) -> frozenset[str]:
    """What a function or class needs by itself and by all that it names."""
    function = getattr(thing, "__wrapped__", thing)
    function = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    if not isinstance(function, FunctionType | type):
        return frozenset()
    if function in _known:
        return _known[function]
    if id(function) in above:
        return frozenset()
    found: set[str] = set()
    for value in _named(function):
        found |= _need(value)
        if getattr(value, "__module__", None) and str(value.__module__).startswith(OURS):
            found |= _reached(value, above | {id(function)})
    _known[function] = frozenset(found)
    return _known[function]


def _need(value: object) -> set[str]:
    """What it means that a function names this."""
    module = value.__name__ if isinstance(value, ModuleType) else str(getattr(value, "__module__", ""))
    if module in PROCESSES:
        return {"process"}
    if module.startswith("playwright"):
        return {"browser"}
    # a command loads what it needs when it is called
    return {"engine"} if module == ENGINE or isinstance(value, Command) else set()


def _named(function: FunctionType | type) -> Iterator[object]:
    """Every global that a function, or a class's own function, names; and what its closure holds."""
    if isinstance(function, type):
        for value in vars(function).values():
            inner = getattr(value, "__func__", value)
            if isinstance(inner, FunctionType):
                yield from _named(inner)
        return
    for name in _names(function.__code__):
        if name in function.__globals__:
            yield function.__globals__[name]
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue  # not bound yet


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _names(value)


def no_process() -> None:
    """From now on a test that starts a process fails: a fast run has none, so such a test must be marked."""

    def watch(event: str, _: tuple) -> None:
        if event in ("subprocess.Popen", "os.fork", "os.posix_spawn") and _running:
            raise AssertionError(f"{_running[-1]} starts a process: mark it with pytest.mark.process")

    sys.addaudithook(watch)


def now_running(name: str) -> None:
    """The test that `no_process` would name; "" between tests."""
    _running[:] = [name] if name else []
