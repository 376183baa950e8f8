"""`forbear backup`: a home and its database as one file."""

from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, moment, out, progress_bar


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@folder_option()
def command(target: Path, home_folder: Path) -> None:
    """Keep the home and its database in one new file, while others go on working.

    It holds personal data and the signing key: keep it encrypted and away from this machine.
    """
    keeper = desk(home_folder, "forbear.jobs.backup")
    with progress_bar() as progress:
        manifest = keeper.make_backup(target, moment(home_folder), progress)
    size = target.stat().st_size
    out.print(f"{target}: {len(manifest.files):,} files, {manifest.events:,} events, {size / 1e6:,.1f} MB.")
    out.print("It holds personal data and the signing key: keep it encrypted and away from this machine.")
