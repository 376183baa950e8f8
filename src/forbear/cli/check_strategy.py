"""`forbear check-strategy F`: every mistake of a strategy at once, and what looks unwise."""

import json
from datetime import date
from pathlib import Path

import click

from forbear.cli.shared import Day, folder_option, out, the_home, today
from forbear.core.strategy.lint import lint
from forbear.core.strategy.model import Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.packs import packs_of
from forbear.interchange.home.planned_steps import refused_steps


@click.command("check-strategy")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", "day", type=Day(), default=None, help="The first day it is for, by default today.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(file: Path, day: date | None, as_json: bool, home_folder: Path) -> None:
    """Check the strategy in FILE: exit 2 with every mistake, or 0 with what looks unwise.

    In a lender's home its rule packs are asked, too: which steps they refuse on every day.
    """
    strategy = parse_strategy(read_text(file), str(file))
    warnings = [str(problem) for problem in lint(strategy)]
    packs, refused = _asked(strategy, day, home_folder)
    if as_json:
        summary = {"strategy": strategy.name, "version": strategy.version, "warnings": warnings}
        click.echo(json.dumps(summary | {"packs": packs, "refused": refused}, ensure_ascii=False))
        return
    stages = ", ".join(stage.stage for stage in strategy.stages)
    out.print(
        f"{file}: {strategy.name} (version {strategy.version}) is sound; stages: {stages}", markup=False
    )
    for warning in [*warnings, *refused]:
        out.print(f"  look at: {warning}", markup=False)


def _asked(strategy: Strategy, day: date | None, home_folder: Path) -> tuple[list[str], list[str]]:
    """The home's packs, and what they say of the steps; nothing where there is no home."""
    if not (home_folder / "lender.yaml").is_file():
        return [], []
    home = the_home(home_folder)
    packs = [f"{pack.name}@{pack.version}" for pack in packs_of(home)]
    return packs, [str(problem) for problem in refused_steps(home, strategy, day or today(home))]
