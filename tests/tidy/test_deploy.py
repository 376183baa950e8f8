"""Goal: what is shipped for operators names what exists: figures, alarms with their page, commands and options."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from click import Context, Option
from click.testing import CliRunner

from forbear.cli.main import group
from tests.tidy.tree import ROOT

UV = ROOT / ".tools" / "uv" / "bin" / "uv"

ALERTS = yaml.load((ROOT / "deploy" / "alerts.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)["groups"][
    0
]["rules"]
UNITS = sorted((ROOT / "deploy").glob("*.service"))


def test_every_alarm_has_its_page_and_asks_for_figures_that_are_there():
    page = (ROOT / "docs" / "operate" / "alarms.md").read_text("utf-8")
    source = (ROOT / "src" / "forbear" / "store" / "health.py").read_text("utf-8")
    known = {f"forbear_{name}" for name in re.findall(r'Gauge\(\s*"(\w+)"', source)}
    assert len(known) >= 10
    for alert in ALERTS:
        assert f"\n## {alert['alert']}\n" in page, alert["alert"]
        asked = set(re.findall(r"forbear_\w+", alert["expr"]))
        assert asked <= known, asked - known
        assert asked or "probe_success" in alert["expr"]


def test_every_unit_starts_a_command_that_is_there_with_its_options():
    assert len(UNITS) == 3
    for unit in UNITS:
        lines = re.findall(
            r"^ExecStart=/usr/local/forbear/bin/forbear (.*)$", unit.read_text("utf-8"), re.MULTILINE
        )
        assert lines, unit.name
        for line in lines:
            command, *options = line.split()
            told = CliRunner().invoke(group, [command, "--help"], prog_name="forbear")
            assert told.exit_code == 0, line
            for option in (each for each in options if each.startswith("--")):
                assert option in told.output, line
            found = group.get_command(Context(group), command)
            needed = [each for each in found.params if each.required and isinstance(each, Option)]
            assert all(set(each.opts) & set(options) for each in needed), line


def test_the_container_installs_what_the_lock_names():
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(re.findall(r"--extra (\w+)", text)) <= extras.keys()
    assert "--locked" in text
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
    assert "USER forbear" in text


@pytest.mark.process
def test_systemd_takes_the_units(tmp_path):
    """They lie beside systemd's own units, as on a machine they are copied to."""
    program, units = shutil.which("systemd-analyze"), tmp_path / "etc/systemd/system"
    assert program, "systemd-analyze is part of Debian's systemd"
    units.mkdir(parents=True)
    for unit in (*UNITS, ROOT / "deploy" / "forbear-night.timer"):
        shutil.copy(unit, units)
    binary = tmp_path / "usr/local/forbear/bin/forbear"
    binary.parent.mkdir(parents=True)
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    command = [program, "verify", f"--root={tmp_path}", "--man=no", *(path.name for path in units.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    (units / "forbear-work.service").write_text("[Service]\nExecStart=/nowhere/forbear work\n")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.process
def test_the_wheel_is_the_same_to_the_byte(tmp_path):
    """Built in the tree, and from a copy whose files are of another day and another owner's rights."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o775 if path.is_dir() else 0o664)
    first, second = _wheel(ROOT, tmp_path / "one"), _wheel(copy, tmp_path / "two")
    assert first == second


def _wheel(source: Path, target: Path) -> str:
    """The digest of the wheel that is built there."""
    uv = str(UV) if UV.is_file() else "uv"
    subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", target, source], check=True)
    (wheel,) = target.glob("*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.mark.process
def test_one_command_lists_every_package_with_its_licence(tmp_path):
    command = [ROOT / ".venv/bin/python", ROOT / "scripts" / "sbom.py"]
    for name in ("one", "two"):
        done = subprocess.run([*command, tmp_path / name], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    content = (tmp_path / "one" / "forbear.cdx.json").read_bytes()
    assert content == (tmp_path / "two" / "forbear.cdx.json").read_bytes()
    bom = json.loads(content)
    assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == ("CycloneDX", "forbear")
    parts = {part["name"]: part for part in bom["components"]}
    assert {"django", "duckdb", "cryptography", "ortools"} <= parts.keys()
    assert "pytest" not in parts
    assert all(part["purl"] and part["licenses"] for part in parts.values())
    lines = (tmp_path / "one" / "licences.txt").read_text("utf-8").splitlines()
    assert "GPL" not in "\n".join(lines).replace("LGPL", "")
    assert len(lines) >= len(parts)
