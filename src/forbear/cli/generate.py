"""`forbear generate`: a made-up lender's feed."""

from datetime import date
from pathlib import Path

import click

from forbear.cli.shared import Day, out, progress_bar
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.generate import generate_feed


@click.command("generate")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--loans", type=click.IntRange(1, 100_000_000), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True)
@click.option("--as-of", type=Day(), default=None, help="The last day of the feed; else today.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option(
    "--bad-rows", type=click.IntRange(0, 1_000_000), default=0, help="Spoil about this many rows on purpose."
)
def command(folder: Path, loans: int, seed: int, as_of: date | None, form: str, bad_rows: int) -> None:
    """Write a made-up lender's feed into the new folder FOLDER; the same seed gives the same feed."""
    if folder.exists():
        raise FeedError(f"{folder}: exists already; name a new folder")
    with progress_bar() as progress:
        progress("writing", 0, 0)
        generate_feed(
            folder, loans=loans, seed=seed, as_of=as_of or date.today(), form=form, bad_rows=bad_rows
        )
    out.print(f"{folder}: a feed of {loans:,} loans. Next: forbear import {folder}")
