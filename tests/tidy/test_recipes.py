"""What starts our commands for somebody: each recipe, hook and workflow step calls what is there."""

import re
import shlex
import subprocess

import pytest
import yaml

from tests.tidy.tree import ROOT

RECIPE = re.compile(r"^([a-z]+)(?: \*\w+)?:(.*)\n((?:    .+\n)*)", re.MULTILINE)
TEXT = (ROOT / "justfile").read_text("utf-8")
WANTED = {
    *("lint", "format", "types", "fast", "full", "long", "docs", "messages", "openapi", "migration", "demo"),
}


def recipes() -> dict[str, tuple[list[str], list[str]]]:
    """Every recipe: those it needs, and its lines with the variables filled in."""
    values = dict(re.findall(r'^(\w+) := "(.*)"$', TEXT, re.MULTILINE))
    found = {}
    for name, needs, body in RECIPE.findall(TEXT):
        lines = re.sub(r"\{\{(\w+)\}\}", lambda each: values.get(each.group(1), ""), body).splitlines()
        found[name] = (needs.split(), [line.strip().removeprefix("@") for line in lines])
    return found


def runs() -> list[tuple[str, str]]:
    """Every command that a recipe, a hook or a workflow step runs, and where it stands."""
    found = [
        (f"just {name}", line)
        for name, (_, lines) in recipes().items()
        for line in lines
        if line != "just --list"
    ]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    found += [(f"hook {hook['id']}", hook["entry"]) for hook in hooks]
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            found += [(f"{path.name} {name}", step["run"]) for step in job["steps"] if "run" in step]
    return found


@pytest.mark.parametrize(("place", "command"), runs(), ids=lambda each: each.replace("/", "-"))
def test_a_command_is_there(place, command):
    program, *arguments = shlex.split(command)
    program = arguments.pop(0) if program == "bash" else program
    assert (ROOT / program).exists(), f"{place}: {program}"
    named = [each for each in arguments if "/" in each]
    assert [each for each in named if not (ROOT / each).exists()] == [], place
    if program == "./test":
        profiles = [each for each in arguments if each.startswith("--")]
        assert [each for each in profiles if f"--{each[2:]}" not in (ROOT / "test").read_text("utf-8")] == []


def test_the_recipes_are_all_there():
    found = recipes()
    assert set(found) >= WANTED
    assert {need for needs, _ in found.values() for need in needs} <= set(found)
    assert len(found) == len(re.findall(r"^[a-z]+.*:(?!=)", TEXT, re.MULTILINE))


@pytest.mark.parametrize("tool", [["ruff", "check"], ["ruff", "format"]])
def test_options_of_hooks_are_the_tools_own(tool):
    text = subprocess.run(
        [ROOT / ".venv" / "bin" / tool[0], tool[1], "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "--force-exclude" in text
