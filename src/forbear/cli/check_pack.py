"""`forbear check-pack F`: every mistake of a rule pack at once, what looks unwise, and the cases it gets wrong."""

import json
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from forbear.cli.check_cases import check
from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, moment, out, table
from forbear.core.permits.lint import lint
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import FORCES, Pack
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.packs import READY_PACKS
from forbear.interchange.home.signed_packs import NOT_SIGNED, SIGNED, state_of


@click.command("check-pack")
@click.argument("file", metavar="PACK", type=click.Path(path_type=Path))
@click.option(
    "--last-days", type=click.IntRange(1, 400), default=None, help="Also ask what it would have refused."
)
@click.option("--rule", "only", default=None, help="With --last-days: only this rule.")
@click.option(
    "--cases",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="A file of cases that the pack must get right; see docs/rules/cases.md.",
)
@click.option(
    "--through-database", is_flag=True, help="With --cases: ask through tables, as the desk and programs do."
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(
    file: Path,
    last_days: int | None,
    only: str | None,
    cases: Path | None,
    through_database: bool,
    as_json: bool,
    home_folder: Path,
) -> None:
    """Check a rule pack: a file, or the name of a ready one such as `us`. Exit 2 with every mistake.

    With --cases its answers are held against a file of cases with known answers, and the exit is 1 unless all are
    right.
    """
    file = _found(file)
    if cases is not None:
        if not check(file, cases, through_database=through_database, as_json=as_json):
            sys.exit(1)
        return
    pack = parse_pack(read_text(file), str(file))
    if only is not None and pack.rule(only) is None:
        raise click.UsageError(f"{file} has no rule {only}")
    tried = _tried(pack, last_days, only, home_folder) if last_days else []
    warnings = [str(problem) for problem in lint(pack)]
    if (file.parent / SIGNED).is_dir() and (state := state_of(file)):
        warnings.append(NOT_SIGNED[state] % {"file": file.name})
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


def _found(file: Path) -> Path:
    """The pack's file; a plain name is that of a ready pack."""
    ready = READY_PACKS / f"{file}.yaml"
    found = file if file.is_file() or not ready.is_file() else ready
    if not found.is_file():
        raise click.UsageError(f"there is no rule pack {file}")
    return found


def _tried(pack: Pack, last_days: int, only: str | None, home_folder: Path) -> list:
    rule_backtest = desk(home_folder, "forbear.insight.rule_backtest")
    now = moment(home_folder)
    rules = tuple(rule for rule in pack.rules if only in (None, rule.id))
    return rule_backtest.backtest_rules(rules, now - timedelta(days=last_days), now)


def _show(tried: list, last_days: int) -> None:
    results = table(
        f"Contacts permitted in the last {last_days} days, and what each rule would have refused",
        *("rule", "asked", "refused", "can't tell"),
        right=(1, 2, 3),
    )
    for rule in tried:
        results.add_row(rule.rule, f"{rule.permitted:,}", f"{rule.refused:,}", f"{rule.unknown:,}")
    out.print(results)
