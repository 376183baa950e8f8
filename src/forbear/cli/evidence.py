"""`forbear evidence`: hand out a borrower's evidence, check the whole log, seal days, erase what is due."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from django.db import connection, transaction

from forbear.cli.desk import desk
from forbear.cli.shared import err, folder_option, out, progress_bar, the_home
from forbear.cli.verify_sale import NotSound
from forbear.core.evidence.log import EvidenceError, key_hex, key_name
from forbear.core.evidence.verify import pem_key
from forbear.interchange.documents.evidence_file import BundleError, pack
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.lender import Home

#: Who the log says did it.
ACTOR = "command line"


@click.command("evidence")
@click.option("--borrower", help="Hand out this borrower's evidence; needs --out.")
@click.option(
    "--out", "target", type=click.Path(dir_okay=False, path_type=Path), help="The bundle to be written."
)
@click.option("--reason", default="", help="Why it is handed out, as a short code: it goes into the log.")
@click.option("--check", "checking", is_flag=True, help="Check every event, seal and file of the log.")
@click.option("--seal", "sealing", is_flag=True, help="Seal every day that is over.")
@click.option(
    "--guard", "guarding", is_flag=True, help="Put up the database's triggers against changes again."
)
@click.option(
    "--due",
    "listing",
    is_flag=True,
    help="List whose personal data, and which files for credit bureaus, have been kept long enough.",
)
@click.option("--erase-due", "erasing", is_flag=True, help="Erase what --due lists, for good.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(
    borrower: str | None,
    target: Path | None,
    reason: str,
    checking: bool,
    sealing: bool,
    guarding: bool,
    listing: bool,
    erasing: bool,
    as_json: bool,
    home_folder: Path,
) -> None:
    """Work on the evidence log; choose one of --borrower, --check, --seal, --guard, --due, --erase-due."""
    if sum((borrower is not None, checking, sealing, guarding, listing, erasing)) != 1:
        raise click.UsageError("choose one of --borrower, --check, --seal, --guard, --due and --erase-due")
    if (borrower is None) != (target is None):
        raise click.UsageError("--borrower and --out go together: whose evidence, and the file to write")
    home, now = the_home(home_folder), datetime.now(UTC)
    if borrower is not None and target is not None:
        report = _hand_out(home, borrower, target, reason, now)
    elif checking:
        report = _check(home, now, as_json)
    elif sealing:
        seal = desk(home.folder, "forbear.jobs.seal_day").seal_day(now)
        report = {
            "sealed": seal,
            "says": f"{len(seal)} days sealed." if seal else "Every day has its seal already.",
        }
    elif guarding:
        report = _guard(home)
    else:
        report = _erase(home, now, erasing)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    elif not report.get("flaws"):
        out.print(report["says"])
    if report.get("flaws"):
        raise NotSound(report["says"])


def _hand_out(home: Home, borrower: str, target: Path, reason: str, now: datetime) -> dict:
    if not target.absolute().parent.is_dir():
        raise click.UsageError(f"{target}: its folder does not exist")
    if target.exists():
        raise click.UsageError(f"{target}: is there already; choose another name")
    key = signing_key(home)
    exporting = desk(home.folder, "forbear.store.evidence_export")
    try:
        parts = exporting.export(borrower, now, key, actor=ACTOR, reason=reason)
    except EvidenceError as error:
        raise click.ClickException(str(error)) from None
    if parts is None:
        raise click.UsageError(f"the log has no events of borrower {borrower}")
    try:
        pack(target, parts)
    except BundleError as error:
        raise click.ClickException(str(error)) from None
    name = key_name(key_hex(key.public_key()))
    says = (
        f"{target}: written. It holds personal data; hand it to the borrower or a court only.\n"
        f"Anybody can check it: forbear verify {target} --key {home.folder / 'data' / 'keys' / 'signing.pub.pem'}"
    )
    return {"bundle": str(target), "bytes": target.stat().st_size, "key_id": name, "says": says}


def _check(home: Home, now: datetime, as_json: bool) -> dict:
    checking = desk(home.folder, "forbear.store.evidence_check")
    with progress_bar() as progress:
        flaws = checking.check(now, _own_keys(home), progress)
    if flaws and not as_json:
        for flaw in flaws:
            err.print(f"  {flaw}")
    problems = "1 problem" if len(flaws) == 1 else f"{len(flaws)} problems"
    says = f"{problems} in the log" if flaws else "The log is whole and unchanged."
    return {"flaws": [str(flaw) for flaw in flaws], "says": says}


def _own_keys(home: Home) -> tuple[str, ...]:
    """The key that signs now, and older ones whose public halves were kept beside it."""
    older = sorted((home.folder / "data" / "keys").glob("*.pub.pem"))
    keys = [key_hex(signing_key(home).public_key()), *(pem_key(path.read_bytes()) for path in older)]
    return tuple(dict.fromkeys(key for key in keys if key))


def _guard(home: Home) -> dict:
    guards = desk(home.folder, "forbear.store.guards")
    was_missing = guards.missing(connection)
    with transaction.atomic():
        guards.put_up(connection)
    return {"put_up": was_missing, "says": f"{len(was_missing)} triggers were missing; all are up."}


def _erase(home: Home, now: datetime, erasing: bool) -> dict:
    job = desk(home.folder, "forbear.jobs.erase_due")
    names = job.erase_due(now, ACTOR) if erasing else job.due(now)
    files = job.erase_files(now, ACTOR) if erasing else job.due_files(now)
    what = "erased" if erasing else "kept for longer than need be"
    says = "\n".join(
        [
            *names,
            *files,
            f"{len(names)} borrowers' personal data {what}.",
            f"{len(files)} files for credit bureaus {what}.",
        ]
    )
    return {"erased" if erasing else "due": names, "files": files, "says": says}
