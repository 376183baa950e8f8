"""The set-up: its shell parses, it names no machine, and it takes the right uv for the machine at hand."""

import hashlib
import io
import platform
import runpy
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT

SHELL = ("demo", "test", ".ci/run", "scripts/setup.sh")
HASH = "0" * 64
NAMES = (
    "uv-0.13.9.tar.gz",
    "uv-0.9.1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
    "uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl",
    "uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
    "uv-0.14.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "uv-0.14.0rc1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "uv-0.13.9-py3-none-win_amd64.whl",
)
LINKS = [f"../../files/{name}#sha256={HASH}" for name in NAMES]


@pytest.fixture
def fetch(monkeypatch):
    """The script's functions, on a Linux machine with glibc."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    return runpy.run_path(str(ROOT / "scripts" / "fetch_uv.py"))


@pytest.mark.parametrize("name", SHELL)
def test_the_shell_parses(name):
    bash = shutil.which("bash")
    assert subprocess.run([bash, "-n", ROOT / name], check=False).returncode == 0


@pytest.mark.parametrize("name", ["demo", "test", ".ci/run"])
def test_the_commands_can_be_run(name):
    assert (ROOT / name).stat().st_mode & 0o111


def test_the_wanted_version_is_taken(fetch):
    assert fetch["choose"](LINKS) == LINKS[2]


def test_without_it_the_newest_is(fetch):
    assert fetch["choose"]([LINKS[1], LINKS[6], LINKS[7]]) == LINKS[6]


@pytest.mark.parametrize(
    ("system", "machine", "libc", "place"),
    [
        ("linux", "aarch64", "glibc", 3),
        ("linux", "aarch64", "", 3),
        ("linux", "x86_64", "", 4),
        ("darwin", "arm64", "", 5),
    ],
)
def test_the_machine_decides(fetch, monkeypatch, system, machine, libc, place):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: (libc, ""))
    assert fetch["choose"](LINKS) == LINKS[place]


def test_a_machine_without_one_is_told(fetch, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    with pytest.raises(fetch["NotFetched"], match="no uv for linux on vax"):
        fetch["choose"](LINKS)


def an_index(folder: Path, wheel: bytes, digest: str) -> str:
    """A package index in a folder, as a link to it."""
    (folder / "uv").mkdir(parents=True)
    (folder / "uv" / NAMES[2]).write_bytes(wheel)
    page = folder / "uv" / "index.html"
    page.write_text(f'<a href="{NAMES[2]}#sha256={digest}">uv</a>', "utf-8")
    return page.as_uri()


def a_wheel() -> bytes:
    """A wheel of uv with made-up programs."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("uv-0.13.9.data/scripts/uv", "#!/bin/sh\n")
        archive.writestr("uv-0.13.9.data/scripts/uvx", "#!/bin/sh\n")
        archive.writestr("uv/__init__.py", "")
    return kept.getvalue()


@pytest.fixture
def serve(fetch, monkeypatch):
    """Answers every page of an index from the folder `root`."""

    def from_folder(root: Path, wheel: bytes, digest: str) -> None:
        an_index(root, wheel, digest)
        monkeypatch.setenv("UV_INDEX_URL", root.as_uri())
        inner = fetch["wheel"].__globals__
        plain = inner["get"]
        monkeypatch.setitem(
            inner, "get", lambda address: plain(f"{address}index.html" if address.endswith("/") else address)
        )

    return from_folder


def test_a_wheel_becomes_a_program(fetch, serve, tmp_path):
    wheel = a_wheel()
    serve(tmp_path / "index", wheel, hashlib.sha256(wheel).hexdigest())
    fetch["unpack"](fetch["wheel"](), tmp_path / "uv")
    assert sorted(path.name for path in (tmp_path / "uv" / "bin").iterdir()) == ["uv", "uvx"]
    assert (tmp_path / "uv" / "bin" / "uv").stat().st_mode & 0o111


def test_a_damaged_wheel_is_refused(fetch, serve, tmp_path):
    serve(tmp_path / "index", a_wheel(), HASH)
    with pytest.raises(fetch["NotFetched"], match="damaged"):
        fetch["wheel"]()


def test_an_index_that_is_not_there_is_told(fetch, monkeypatch, tmp_path):
    monkeypatch.setenv("UV_INDEX_URL", (tmp_path / "nowhere").as_uri())
    with pytest.raises(fetch["NotFetched"], match="can't be reached"):
        fetch["wheel"]()
