"""`forbear backup`: a home and its database as one file."""

from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, moment, out, progress_bar


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--encrypt-to",
    "recipients",
    multiple=True,
    help="Encrypt to this age recipient, as age1...; may be repeated.",
)
@click.option(
    "--keys-to",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Put the private keys into this file instead, to be kept elsewhere.",
)
@folder_option()
def command(target: Path, recipients: tuple[str, ...], keys_to: Path | None, home_folder: Path) -> None:
    """Keep the home and its database in one new file, while others go on working.

    It holds personal data and, without --keys-to, the private keys: encrypt it, and keep it away from this machine.
    """
    keeper = desk(home_folder, "forbear.jobs.backup")
    with progress_bar() as progress:
        manifest = keeper.make_backup(
            target, moment(home_folder), progress, recipients=recipients, keys_to=keys_to
        )
    size = target.stat().st_size
    out.print(f"{target}: {len(manifest.files):,} files, {manifest.events:,} events, {size / 1e6:,.1f} MB.")
    if keys_to is not None:
        out.print(f"{keys_to}: the private keys. Keep the two files in different places.")
    elif not recipients:
        out.print("It holds personal data and the signing key: keep it encrypted and away from this machine.")
