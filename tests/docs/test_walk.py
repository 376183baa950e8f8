"""The commands of the first walk run, in their order, from nothing; what they write is on its page."""

import csv
import json
import shlex
from pathlib import Path

import pytest

from forbear.cli.main import main
from forbear.core.facts.vocabulary import FACTS
from forbear.engine.columnar import connected, quote
from tests.docs.pages import marked, section, untold

NIGHT = "docs/night.md"


def commands() -> list[list[str]]:
    """The arguments of each `uv run forbear ...` line in blocks marked `run`."""
    lines = [line for block in marked("sh", "run") for line in block.text.splitlines() if line]
    assert lines
    words = [shlex.split(line, comments=True) for line in lines]
    assert all(each[:3] == ["uv", "run", "forbear"] for each in words)
    return [each[3:] for each in words]


def columns(folder: Path) -> list[str]:
    """The columns of a folder of Parquet files."""
    with connected() as connection:
        files = quote(folder / "*.parquet")
        return [row[0] for row in connection.execute(f"describe from read_parquet({files})").fetchall()]


def test_the_walk(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORBEAR_HOME", raising=False)
    for arguments in commands():
        with pytest.raises(SystemExit) as left:
            main(arguments)
        told = capfd.readouterr()
        assert left.value.code == 0, f"{arguments}: {told.err}"
    assert list((tmp_path / "arrears.quarantine").rglob("*.csv"))
    with (tmp_path / "arrears.csv").open(encoding="utf-8", newline="") as stream:
        assert untold(NIGHT, *next(csv.reader(stream))) == []
    night = tmp_path / "my-lender" / "nights" / "2026-03-31"
    for name in ("arrears", "cases", "treatments", "arms"):
        assert (night / f"{name}.csv").is_file()
        assert section(NIGHT, name)
        assert [each for each in untold(NIGHT, *columns(night / name)) if each not in FACTS] == []
    manifest = json.loads((night / "manifest.json").read_text("utf-8"))
    assert untold(NIGHT, *manifest) == []
