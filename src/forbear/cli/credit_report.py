"""`forbear credit-report`: one month's file for a credit bureau, its events, or holding a file against its form."""

import json
from datetime import date, timedelta
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, folder_option, moment, out, progress_bar, the_home, today
from forbear.cli.verify_sale import NotSound
from forbear.core.base.problem import Problem
from forbear.core.bureaus import cn as bureau_cn
from forbear.core.bureaus import metro2_check
from forbear.core.bureaus.file_checks import months_before
from forbear.core.bureaus.metro2 import LEFT_OUT
from forbear.interchange.home.country import credit_forms_of
from forbear.interchange.home.lender import HomeError


@click.command("credit-report")
@click.option(
    "--form",
    type=click.Choice(["cn", "cn_events", "metro2"]),
    default=None,
    help="Else the month's form of the lender's country.",
)
@click.option(
    "--month-end",
    "on",
    type=Day(),
    default=None,
    help="The month's last day, else last month's; of events their last day, else yesterday.",
)
@click.option(
    "--check",
    "checked",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only hold this file to its form.",
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(
    form: str | None, on: date | None, checked: Path | None, as_json: bool, home_folder: Path
) -> None:
    """Tell a credit bureau how loans stood at a month's end, adverse records only where the rules allow.

    The file is written into the home under data/credit. What turned out wrong since comes as corrections. The form
    cn_events tells what happened since the last such file: arrears that began or ended, write-offs, sales, disputes.
    """
    if checked is not None:
        _check(form or "cn", checked)
        return
    home = the_home(home_folder)
    form = form or credit_forms_of(home)[0]
    day = today(home)
    on = on or (day - timedelta(days=1) if form == "cn_events" else months_before(day, 1)[0])
    reporting = desk(home.folder, "forbear.actions.bureaus.bureau_report")
    with progress_bar() as progress:
        report = reporting.make_report(form, on, moment(home), actor="command line", progress=progress)
    if isinstance(report, Problem):
        raise HomeError(str(report))
    path, counts = reporting.report_path(report), report.counts
    if as_json:
        click.echo(json.dumps({"file": str(path), "sha256": report.sha256, **counts}))
        return
    out.print(
        f"{counts['records']:,} records of {on}: {counts['adverse']:,} adverse, {counts['corrections']:,} "
        f"corrections; {counts['withheld']:,} withheld, {counts.get('left_out', 0):,} left out. {path}"
    )
    for reason, number in report.gaps.get("left_out", {}).items():
        out.print(f"left out {number:,}: {LEFT_OUT[reason]}", markup=False)


def _check(form: str, path: Path) -> None:
    content = path.read_bytes()
    try:
        text = metro2_check.read_text(content) if form == "metro2" else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise HomeError(f"{path}: is not UTF-8 text") from None
    flaws = (metro2_check if form == "metro2" else bureau_cn).flaws(text)
    for flaw in flaws[:50]:
        out.print(flaw, markup=False)
    if flaws:
        raise NotSound(f"{path}: {len(flaws):,} flaws")
    out.print(f"{path}: holds")
    if form == "metro2":
        for name, number in metro2_check.gaps(text).items():
            out.print(f"{name} is missing on {number:,} records; a bureau asks for it")
