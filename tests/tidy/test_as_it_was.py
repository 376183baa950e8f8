"""Goal: no test finds what another one left, whatever it left."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings

from tests.as_it_was import django_settings, environment, put_back, tree
from tests.conftest import KEPT


def spoil_files(home: Path) -> None:
    (home / "policy.yaml").write_text("another: policy\n", "utf-8")
    (home / "sign_in.yaml").unlink()
    (home / "packs" / "notes.txt").write_text("left", "utf-8")
    (home / ".lock").write_text("", "utf-8")


def spoil_folders(home: Path) -> None:
    shutil.rmtree(home / "packs" / "content")
    (home / "packs" / "of" / "others").mkdir(parents=True)
    (home / "packs" / "of" / "others" / "us.yaml").write_text("left", "utf-8")
    (home / "paper").mkdir()
    (home / "templates-here").symlink_to(home / "templates")
    shutil.rmtree(home / "strategies")
    (home / "strategies").write_text("a file where a folder was", "utf-8")


def spoil_what_is_made(home: Path) -> None:
    for folder in ("data", "nights", "quarantine"):
        (home / folder / "2026-03-10" / "cases").mkdir(parents=True)
        (home / folder / "notes.json").write_text("{}", "utf-8")
    (home / "data" / "keys").mkdir()
    (home / "data" / "keys" / "log.jsonl").write_text("{}", "utf-8")
    (home / "data" / "keys" / "web.key").write_text("of this process", "utf-8")
    (home / "data" / "test-gw0.sqlite3-wal").write_text("of this process", "utf-8")


@pytest.mark.parametrize("spoil", [spoil_files, spoil_folders, spoil_what_is_made])
def test_a_home_is_put_back(spoil, tmp_path):
    home, copy = tmp_path / "home", KEPT["as made"]
    shutil.copytree(copy, home)
    before, texts = tree(home), {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert before == KEPT["tree"]
    spoil(home)
    put_back(home, copy, before)
    assert tree(home) == before
    left = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    stays = {"data/keys/web.key", "data/test-gw0.sqlite3-wal"} if spoil is spoil_what_is_made else set()
    assert left == {path.relative_to(home).as_posix() for path in texts} | stays
    assert all(path.read_bytes() == text for path, text in texts.items())
    assert list((home / "nights").iterdir()) == []


def test_variables_and_the_folder_are_put_back(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_OF_A_TEST", "before")
    monkeypatch.setenv("FORBEAR_TAKEN_AWAY", "before")
    folder = tmp_path / "gone"
    folder.mkdir()
    before, here = dict(os.environ), Path.cwd()
    with environment():
        os.environ["FORBEAR_OF_A_TEST"] = "changed"
        os.environ["FORBEAR_LEFT"] = "left"
        del os.environ["FORBEAR_TAKEN_AWAY"]
        os.chdir(folder)
        folder.rmdir()
    assert dict(os.environ) == before
    assert Path.cwd() == here


def test_settings_are_put_back():
    home, holder = settings.HOME, settings._wrapped
    with django_settings():
        settings.HOME = None
        settings.LEFT_BY_A_TEST = True
        del settings.TIME_ZONE
    assert settings.HOME is home
    assert settings._wrapped is holder
    assert not hasattr(settings, "LEFT_BY_A_TEST")
    assert settings.TIME_ZONE
