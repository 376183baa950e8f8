"""`forbear arrears FEED`: only the delinquency step, no home and no database."""

import shutil
import tempfile
from datetime import date
from pathlib import Path

import click

from forbear.cli.mapping_options import chosen_mapping, format_option, mapping_option
from forbear.cli.shared import Day, encoding_option, err, out, progress_bar
from forbear.interchange.book.adapters import ADAPTERS
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_columns import FIRST_DAY, LAST_DAY
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.mapping.mapped_feed import map_feed
from forbear.night.arrears import write_arrears


@click.command("arrears")
@click.argument("feed", type=click.Path(path_type=Path))
@click.option("--as-of", type=Day(), required=True, help="The date that is asked about.")
@click.option(
    "--out", "target", type=click.Path(path_type=Path), required=True, help="A .csv or .parquet file."
)
@format_option()
@mapping_option()
@click.option(
    "--anchor", type=Day(), default=None, help="The date that relative days count from (home-credit)."
)
@encoding_option()
@click.option("--largest-quarantine", type=click.FloatRange(0, 1), default=0.05, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True)
def command(
    feed: Path,
    as_of: date,
    target: Path,
    form: str | None,
    mapping: Path | None,
    anchor: date | None,
    encoding: str | None,
    largest_quarantine: float,
    threads: int,
) -> None:
    """Write, for every loan in FEED, how late it is and by how much on the date --as-of."""
    if target.suffix not in (".csv", ".parquet"):
        raise FeedError(f"{target}: name a file that ends in .csv or .parquet")
    if not target.absolute().parent.is_dir():
        raise FeedError(f"{target}: the folder {target.absolute().parent} is missing; make it first")
    if target.is_dir():
        raise FeedError(f"{target}: is a folder; name a file")
    if not date.fromisoformat(FIRST_DAY) <= as_of <= date.fromisoformat(LAST_DAY):
        raise FeedError(f"{as_of}: is outside the years 1950 to 2199; ask for another date")
    quarantine = target.with_name(target.stem + ".quarantine")
    with tempfile.TemporaryDirectory(prefix="forbear-") as name, progress_bar() as progress:
        scratch = Path(name)
        mapped = None
        if form in ADAPTERS:
            ADAPTERS[form].convert(feed, scratch / "feed", anchor=anchor)
            feed, encoding = scratch / "feed", "utf-8"
        elif chosen := chosen_mapping(form, mapping, None):
            mapped = map_feed(chosen, feed, scratch, threads=threads, largest_quarantine=largest_quarantine)
            feed = mapped.folder
        report = import_feed(
            scratch / "book",
            feed,
            quarantine=quarantine,
            threads=threads,
            largest_quarantine=largest_quarantine,
            encoding=encoding or "utf-8",
            mapped=mapped,
            progress=progress,
        )
        rows = write_arrears(open_book(scratch / "book"), as_of, scratch / target.name, scratch, threads)
        try:
            shutil.copyfile(scratch / target.name, waiting := target.with_name(".forbear-arrears.new"))
            waiting.replace(target)
        except OSError as error:
            raise FeedError(f"{target}: {(error.strerror or 'cannot be written').lower()}") from None
    for warning in report.warnings:
        err.print(f"note: {warning}", markup=False)
    if report.quarantine:
        err.print(
            f"{report.quarantined_rows:,} bad rows, each with its reason: {report.quarantine}", markup=False
        )
    out.print(f"{target}: {rows:,} loans as of {as_of}", markup=False)
