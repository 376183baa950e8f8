"""`forbear sign-pack F`: make a checked version of a rule pack the home's, unless it gets a case wrong."""

import sys
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, moment, out
from forbear.core.base.problem import Problem


@click.command("sign-pack")
@click.argument("file", metavar="PACK", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--staff", "username", required=True, help="The account of who signs, somebody of compliance.")
@click.option("--reason", required=True, help="Why; it is kept as evidence.")
@folder_option()
def command(file: Path, username: str, reason: str, home_folder: Path) -> None:
    """Sign a version of a rule pack; the second person's signature puts it into the home. Exit 1 with the wrong cases.

    Asked are the cases beside the file and those that the home keeps for the pack, as `check-pack --cases` asks them.
    """
    signatures = desk(home_folder, "forbear.actions.strategies.pack_signatures")
    signed = signatures.sign_pack(file, username, reason, moment(home_folder))
    if isinstance(signed, Problem):
        raise click.UsageError(str(signed))
    if isinstance(signed, list):
        out.print(f"{file} is not signed: {len(signed):,} of its cases are wrong", highlight=False)
        for problem in signed:
            out.print(f"  {problem}", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)
    if isinstance(signed, signatures.ProposedPack):
        out.print(
            f"{file}: {signed.pack.name} (version {signed.pack.version}) has its first signature; it binds once "
            "another person of compliance signs the same file",
            highlight=False,
        )
        return
    out.print(f"{signed.path}: {signed.pack.name} (version {signed.pack.version}) is signed", highlight=False)
    if not signed.in_force:
        out.print(
            f"It binds once `packs:` in lender.yaml names packs/{signed.pack.name}.yaml.", highlight=False
        )
