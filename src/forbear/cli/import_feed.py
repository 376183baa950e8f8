"""`forbear import FEED`: feed to book."""

import json
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import click

from forbear.cli.shared import Day, encoding_option, err, folder_option, out, progress_bar, table, the_home
from forbear.interchange.book.adapters import ADAPTERS
from forbear.interchange.book.import_feed import ImportReport, import_feed
from forbear.interchange.home.country import country_of
from forbear.interchange.home.lender import locked


@click.command("import")
@click.argument("feed", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["forbear", *ADAPTERS]), default="forbear", show_default=True
)
@click.option("--delta", is_flag=True, help="The feed holds only rows that are new or changed.")
@click.option(
    "--anchor", type=Day(), default=None, help="The date that relative days count from (home-credit)."
)
@encoding_option()
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(
    feed: Path,
    form: str,
    delta: bool,
    anchor: date | None,
    encoding: str | None,
    as_json: bool,
    home_folder: Path,
) -> None:
    """Import the loan book in the folder FEED. Bad rows go to the quarantine; the rest becomes the book."""
    home = the_home(home_folder)
    with (
        locked(home, "import"),
        tempfile.TemporaryDirectory(prefix="forbear-") as scratch,
        progress_bar() as progress,
    ):
        if form != "forbear":
            progress("converting", 0, 0)
            ADAPTERS[form].convert(feed, Path(scratch) / "feed", anchor=anchor)
            feed = Path(scratch) / "feed"
            encoding = "utf-8"
        report = import_feed(
            home.book,
            feed,
            quarantine=home.quarantine,
            delta=delta,
            threads=home.threads,
            largest_quarantine=home.largest_quarantine,
            encoding=encoding or home.feed_encoding,
            country=country_of(home),
            progress=progress,
        )
    if as_json:
        summary = {
            "version": report.version,
            "changed": report.changed,
            "totals": report.totals,
            "warnings": report.warnings,
            "quarantine": str(report.quarantine) if report.quarantine else None,
        }
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        show_report(report)


def show_report(report: ImportReport) -> None:
    """The control totals and warnings, for a person."""
    if not report.changed:
        out.print(f"This feed is the book already (version {report.version}); nothing was changed.")
        return
    shown = table("Control totals", "file", "", "rows read", "accepted", "quarantined", right=(2, 3, 4))
    for name, parts in report.totals.items():
        rows = [f"{int(parts[part]['rows']):,}" for part in ("read", "accepted", "quarantined")]
        shown.add_row(name, "rows", *rows)
        for key in parts["accepted"]:
            if key != "rows":
                sums = [f"{Decimal(parts[part][key]):,.2f}" for part in ("read", "accepted", "quarantined")]
                shown.add_row("", key, *sums)
    out.print(shown)
    for warning in report.warnings:
        err.print(f"note: {warning}", markup=False)
    if report.quarantine:
        err.print(
            f"{report.quarantined_rows:,} bad rows, each with its reason: {report.quarantine}", markup=False
        )
    out.print(f"Everything read is accounted for. Book version {report.version}.")
