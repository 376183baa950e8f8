"""`forbear init DIR`: a lender's home with settings and ready strategies."""

from pathlib import Path

import click

from forbear.cli.shared import out
from forbear.interchange.home.lender import make_home


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Make a lender's home in the folder DIR."""
    make_home(folder)
    out.print(f"{folder} is a lender's home now. Next: forbear import FEED --home {folder}")
