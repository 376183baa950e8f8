"""`forbear rotate-key NAME`: another key in place of one that may be known."""

from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, moment, out
from forbear.core.base.problem import Problem
from forbear.interchange.home.keys import ROTATED

#: What each key is for, and what rotating it means to people.
_MEANS = {
    "web": "Sessions go on: cookies of the former key are still read.",
    "points": "Numbers and searches are found as before; the next night reads every borrower again.",
    "portal": "Links in messages go on; new messages have links of the new key.",
    "factors": "Apps, passkeys and recovery codes go on.",
    "fields": "What is personal or secret in the database is sealed again; older copies open with the former key.",
    "signing": "Hand data/keys/signing.pub.pem to everybody who checks bundles; seals of the former key still verify.",
}


@click.command("rotate-key")
@click.argument("name", type=click.Choice(ROTATED))
@click.option("--reason", required=True, help="Why; it goes into the log.")
@folder_option()
def command(name: str, reason: str, home_folder: Path) -> None:
    """Make a new key NAME of the lender; what was made with the former one is still read and verified.

    Before `points`, stop `serve` and `work`. Restart both afterwards, and make a backup.
    """
    rotation = desk(home_folder, "forbear.actions.staff.key_rotation")
    done = rotation.rotate_key(name, moment(home_folder), reason, actor="command line")
    if isinstance(done, Problem):
        raise click.UsageError(str(done))
    out.print(f"{name}: rotated. {_MEANS[name]}")
    out.print("Restart `forbear serve` and `forbear work` now, and make a backup.")
