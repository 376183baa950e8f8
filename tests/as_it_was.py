"""What a test may leave behind for the next one, put back: the home's files, the environment, settings, the folder.

Which tests share a process, and in what order, hangs on how fast each is. So no test may find what another one left.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

#: What a lender doesn't write by hand.
MADE = frozenset({"data", "nights", "quarantine"})
#: Set and taken away by pytest itself at each step of a test.
_OF_PYTEST = "PYTEST_CURRENT_TEST"

#: Each file below a folder by its path from there, with its size and when it was written; folders end in a slash.
Tree = dict[str, tuple[int, int]]


def tree(home: Path) -> Tree:
    """All that lies in a home, but for what the program makes there."""
    found: Tree = {}
    for entry in os.scandir(home):
        if entry.name not in MADE:
            _walk(entry, entry.name, found)
    return found


def _walk(entry: os.DirEntry[str], name: str, found: Tree) -> None:
    if entry.is_dir(follow_symlinks=False):
        found[f"{name}/"] = (0, 0)
        for below in os.scandir(entry.path):
            _walk(below, f"{name}/{below.name}", found)
    else:
        written = entry.stat(follow_symlinks=False)
        found[name] = written.st_size, written.st_mtime_ns


def put_back(home: Path, copy: Path, made: Tree) -> None:
    """The home is again as its copy, which `made` describes; its database and its keys stay."""
    there = tree(home)
    if there != made:
        _take_away(home, there.keys() - made.keys())
        for name in sorted(made):  # a folder stands before what lies in it
            if name.endswith("/"):
                (home / name).mkdir(exist_ok=True)
            elif there.get(name) != made[name]:
                shutil.copy2(copy / name, home / name)
    for folder in MADE:
        (home / folder).mkdir(exist_ok=True)
        for entry in os.scandir(home / folder):
            if not _stays(folder, entry.name):
                _remove(entry.path)
    keys = home / "data" / "keys"
    for entry in os.scandir(keys) if keys.is_dir() else ():
        if entry.name.endswith(".jsonl"):  # of a log whose tables are gone
            os.unlink(entry.path)


def _stays(folder: str, name: str) -> bool:
    return folder == "data" and (name == "keys" or (name.startswith("test-") and ".sqlite3" in name))


def _take_away(home: Path, names: set[str]) -> None:
    """The deepest first, so that each folder is empty by then."""
    for name in sorted(names, reverse=True):
        _remove(str(home / name.rstrip("/")))


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


@contextmanager
def environment() -> Iterator[None]:
    """Variables and the folder that the process is in."""
    before, folder = dict(os.environ), os.getcwd()
    yield
    for name in os.environ.keys() - before.keys() - {_OF_PYTEST}:
        del os.environ[name]
    for name, value in before.items():
        if name != _OF_PYTEST and os.environ.get(name) != value:
            os.environ[name] = value
    if not _is_in(folder):
        os.chdir(folder)


def _is_in(folder: str) -> bool:
    try:
        return os.getcwd() == folder
    except FileNotFoundError:  # a folder that the test took away
        return False


@contextmanager
def django_settings() -> Iterator[None]:
    """Settings that a test set by hand and left so, as where it failed before it put them back."""
    holder = settings._wrapped
    before = dict(vars(holder))
    yield
    if settings._wrapped is not holder:
        settings._wrapped = holder
    now = vars(holder)
    for name in [name for name in now if name.isupper() and name not in before]:
        delattr(settings, name)
    for name, value in before.items():
        if name.isupper() and now.get(name, holder) is not value:
            setattr(settings, name, value)
