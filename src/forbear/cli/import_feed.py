"""`forbear import FEED`: feed to book."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from forbear.cli.accept import acceptance, record_acceptance
from forbear.cli.mapping_options import chosen_mapping, format_option, mapping_option
from forbear.cli.shared import (
    Day,
    encoding_option,
    err,
    folder_option,
    moment,
    out,
    progress_bar,
    table,
    the_home,
)
from forbear.core.base.money import minor_digits
from forbear.interchange.book.adapters import ADAPTERS
from forbear.interchange.book.adapters.feed_folder import keep_account
from forbear.interchange.book.book import sources_before
from forbear.interchange.book.comparison import Acceptance, ChangeStopped, Comparison, Guard
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.book.import_log import ImportLine, log_import
from forbear.interchange.book.import_run import ImportReport
from forbear.interchange.home.country import country_of
from forbear.interchange.home.lender import Home, locked
from forbear.interchange.mapping.mapped_feed import map_feed


@click.command("import")
@click.argument("feed", type=click.Path(path_type=Path))
@format_option()
@mapping_option()
@click.option("--delta", is_flag=True, help="The feed holds only rows that are new or changed.")
@click.option(
    "--anchor", type=Day(), default=None, help="The date that relative days count from (home-credit)."
)
@encoding_option()
@click.option(
    "--accept", default="", metavar="REASON", help="Import it whatever it changes; says why that is right."
)
@click.option("--by", default="", metavar="NAME", help="Who answers for --accept: an account of the desk.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(
    feed: Path,
    form: str | None,
    mapping: Path | None,
    delta: bool,
    anchor: date | None,
    encoding: str | None,
    accept: str,
    by: str,
    as_json: bool,
    home_folder: Path,
) -> None:
    """Import the loan book in the folder FEED. Bad rows go to the quarantine; the rest becomes the book."""
    home = the_home(home_folder)
    accepted = acceptance(home, accept, by)
    now = moment(home)
    guard = Guard(home.feed, now.astimezone(ZoneInfo(home.timezone)).date(), accepted)
    with (
        locked(home, "import"),
        tempfile.TemporaryDirectory(prefix="forbear-") as scratch,
        progress_bar() as progress,
        logged(home, feed, now) as log,
    ):
        mapped = None
        if form in ADAPTERS:
            progress("converting", 0, 0)
            ADAPTERS[form].convert(feed, Path(scratch) / "feed", anchor=anchor)
            feed = Path(scratch) / "feed"
            encoding = "utf-8"
            account = keep_account(feed, home.quarantine / f"converted-{now.astimezone(UTC):%Y%m%dT%H%M%S%f}")
            err.print(f"note: what the conversion left out, and why: {account}", markup=False)
        elif chosen := chosen_mapping(form, mapping, home.folder):
            progress("mapping", 0, 0)
            mapped = map_feed(
                chosen,
                feed,
                Path(scratch),
                threads=home.threads,
                largest_quarantine=home.largest_quarantine,
                before=sources_before(home.book),
            )
            feed = mapped.folder
        report = import_feed(
            home.book,
            feed,
            quarantine=home.quarantine,
            delta=delta,
            threads=home.threads,
            largest_quarantine=home.largest_quarantine,
            encoding=encoding or home.feed_encoding,
            country=country_of(home),
            creditors=home.creditor_codes,
            guard=guard,
            mapped=mapped,
            progress=progress,
        )
        log(report, accepted)
    if accepted and report.changed:
        record_acceptance(home, "feed", report.version, accepted, now)
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


@contextmanager
def logged(
    home: Home, feed: Path, now: datetime
) -> Iterator[Callable[[ImportReport, Acceptance | None], None]]:
    """Leave a line of the import in the home whatever becomes of it; a refused one shows its changes too.

    A folder that isn't there is a slip of the keyboard and no feed.
    """

    def imported(report: ImportReport, accepted: Acceptance | None) -> None:
        verdict = "imported" if report.changed else "unchanged"
        by, reason = (accepted.by, accepted.reason) if accepted else ("", "")
        line = ImportLine(
            now.isoformat(), verdict, str(feed), report.version, report.business_date, "", by, reason
        )
        log_import(home.quarantine, line)

    try:
        yield imported
    except FeedError as error:
        if isinstance(error, ChangeStopped):
            show_comparison(error.comparison)
        if feed.exists():
            log_import(home.quarantine, ImportLine(now.isoformat(), "refused", str(feed), problem=str(error)))
        raise


def show_comparison(comparison: Comparison) -> None:
    """What a feed changes of the book before it, for a person; what is beyond a limit is marked."""
    shown = table("The book before and this feed", "file", "", "before", "now", "change", right=(2, 3, 4))
    for name, what, before, now in comparison.tables:
        share = f"{(now - before) / before:+.1%}" if before else ""
        shown.add_row(name, what, f"{before:,}", f"{now:,}", share)
    err.print(shown)
    shown = table(
        "What changed", "what", "rows", "of", "share", "limit", "", "for example", right=(1, 2, 3, 4)
    )
    for change in comparison.changes:
        if change.rows:
            shown.add_row(
                change.words,
                f"{change.rows:,}",
                f"{change.of:,}",
                f"{change.rows / max(1, change.of):.1%}",
                f"{change.limit:.1%}",
                "stops" if change.stops else "",
                change.example,
            )
    err.print(shown)


def _shown_sums(currency: str, sums: dict[str, str]) -> list[str]:
    """What was read, accepted and quarantined, with the currency's own decimals; more where a bad row has them."""
    accepted, bad = Decimal(sums["accepted"]), Decimal(sums["quarantined"])
    least = minor_digits(currency) if currency else 2
    amounts = (accepted + bad, accepted, bad)
    digits = max([least, *(-int(amount.normalize().as_tuple().exponent) for amount in amounts)])
    return [f"{amount:,.{digits}f}" for amount in amounts]


def show_report(report: ImportReport) -> None:
    """The control totals and warnings, for a person."""
    if not report.changed:
        out.print(f"This feed is the book already (version {report.version}); nothing was changed.")
        return
    shown = table("Control totals", "file", "", "rows read", "accepted", "quarantined", right=(2, 3, 4))
    for name, parts in report.totals.items():
        rows = [f"{int(parts[part]['rows']):,}" for part in ("read", "accepted", "quarantined")]
        shown.add_row(name, "rows", *rows)
        for currency, columns in parts.get("by_currency", {}).items():
            for key, sums in columns.items():
                shown.add_row("", f"{key} {currency or 'of no known loan'}", *_shown_sums(currency, sums))
    out.print(shown)
    for warning in report.warnings:
        err.print(f"note: {warning}", markup=False)
    if report.quarantine:
        err.print(
            f"{report.quarantined_rows:,} bad rows, each with its reason: {report.quarantine}", markup=False
        )
    out.print(f"Everything read is accounted for. Book version {report.version}.")
