"""Goal: what is shipped for operators names what exists: figures, alarms with their page, commands and options."""

import re
import tomllib

import yaml
from click import Context, Option
from click.testing import CliRunner

from forbear.cli.main import group
from tests.tidy.tree import ROOT

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
