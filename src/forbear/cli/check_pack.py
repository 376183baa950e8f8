"""`forbear check-pack F`: every mistake of a rule pack at once, what looks unwise, and what it would have refused."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, out, table
from forbear.core.permits.lint import lint
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import FORCES, Pack
from forbear.interchange.home.lender import read_text


@click.command("check-pack")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--last-days", type=click.IntRange(1, 400), default=None, help="Also ask what it would have refused."
)
@click.option("--rule", "only", default=None, help="With --last-days: only this rule.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(file: Path, last_days: int | None, only: str | None, as_json: bool, home_folder: Path) -> None:
    """Check the rule pack in FILE: exit 2 with every mistake, or 0 with what looks unwise."""
    pack = parse_pack(read_text(file), str(file))
    if only is not None and pack.rule(only) is None:
        raise click.UsageError(f"{file} has no rule {only}")
    tried = _tried(pack, last_days, only, home_folder) if last_days else []
    warnings = [str(problem) for problem in lint(pack)]
    if as_json:
        summary = {
            "pack": pack.name,
            "version": pack.version,
            "rules": len(pack.rules),
            "warnings": warnings,
        }
        click.echo(json.dumps(summary | {"tried": [asdict(rule) for rule in tried]}, ensure_ascii=False))
        return
    of_force = ", ".join(f"{sum(r.force == force for r in pack.rules)} {force}" for force in FORCES)
    out.print(f"{file}: {pack.name} (version {pack.version}) is sound; {len(pack.rules)} rules: {of_force}")
    for warning in warnings:
        out.print(f"  look at: {warning}")
    if last_days:
        _show(tried, last_days)


def _tried(pack: Pack, last_days: int, only: str | None, home_folder: Path) -> list:
    draft_rule = desk(home_folder, "forbear.insight.rule_backtest")
    now = datetime.now(UTC)
    rules = tuple(rule for rule in pack.rules if only in (None, rule.id))
    return draft_rule.try_rules(rules, now - timedelta(days=last_days), now)


def _show(tried: list, last_days: int) -> None:
    results = table(
        f"Contacts permitted in the last {last_days} days, and what each rule would have refused",
        *("rule", "asked", "refused", "can't tell"),
        right=(1, 2, 3),
    )
    for rule in tried:
        results.add_row(rule.rule, f"{rule.permitted:,}", f"{rule.refused:,}", f"{rule.unknown:,}")
    out.print(results)
