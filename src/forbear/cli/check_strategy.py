"""`forbear check-strategy F`: every mistake of a strategy at once, and what looks unwise."""

import json
from pathlib import Path

import click

from forbear.cli.shared import out
from forbear.core.strategy.lint import lint
from forbear.core.strategy.parse import parse_strategy
from forbear.interchange.home.lender import read_text


@click.command("check-strategy")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(file: Path, as_json: bool) -> None:
    """Check the strategy in FILE: exit 2 with every mistake, or 0 with what looks unwise."""
    strategy = parse_strategy(read_text(file), str(file))
    warnings = [str(problem) for problem in lint(strategy)]
    if as_json:
        summary = {"strategy": strategy.name, "version": strategy.version, "warnings": warnings}
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    stages = ", ".join(stage.stage for stage in strategy.stages)
    out.print(
        f"{file}: {strategy.name} (version {strategy.version}) is sound; stages: {stages}", markup=False
    )
    for warning in warnings:
        out.print(f"  look at: {warning}", markup=False)
