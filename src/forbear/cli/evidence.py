"""`forbear evidence`: hand out a borrower's evidence, check the whole log, seal days, erase what is due."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from django.db import connection, transaction

from forbear.cli.desk import desk
from forbear.cli.shared import err, folder_option, moment, out, progress_bar, the_home
from forbear.cli.verify_sale import NotSound
from forbear.core.base.problem import Problem
from forbear.core.evidence.anchor import Known, read_seals
from forbear.core.evidence.log import EvidenceError, key_hex, key_name
from forbear.core.evidence.verify import Flaw, pem_key
from forbear.interchange.documents.evidence_file import BundleError, pack
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.lender import Home
from forbear.interchange.home.seal_anchor import known_outside
from forbear.interchange.home.time_stamps import stamp_flaws

#: Who the log says did it.
ACTOR = "command line"


@click.group("evidence")
def command() -> None:
    """Work on the evidence log: hand it out, check it, seal days, erase what is due."""


def _json_option() -> Callable:
    return click.option("--json", "as_json", is_flag=True, help="For a program to read.")


def _print(report: dict, as_json: bool) -> None:
    """Show what was done; NotSound where the log has flaws."""
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    elif not report.get("flaws"):
        out.print(report["says"])
    if report.get("flaws"):
        raise NotSound(report["says"])


@command.command("export")
@click.argument("borrower")
@click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The bundle to be written.",
)
@click.option("--reason", default="", help="Why it is handed out, as a short code: it goes into the log.")
@_json_option()
@folder_option()
def export(borrower: str, target: Path, reason: str, as_json: bool, home_folder: Path) -> None:
    """Hand out a borrower's evidence as a bundle that anybody can check with `forbear verify`."""
    _print(_hand_out(the_home(home_folder), borrower, target, reason, moment(home_folder)), as_json)


@command.command("check")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A file of seals that somebody kept, or the seals.jsonl of a bundle: the log must still have them.",
)
@_json_option()
@folder_option()
def check(against: tuple[Path, ...], as_json: bool, home_folder: Path) -> None:
    """Check every event, seal and file of the log; status 2 and the places where it is not as it was written."""
    _print(_check(the_home(home_folder), moment(home_folder), as_json, against), as_json)


@command.command("seal")
@_json_option()
@folder_option()
def seal(as_json: bool, home_folder: Path) -> None:
    """Seal every day that is over."""
    job = desk(the_home(home_folder).folder, "forbear.jobs.seal_day")
    try:
        sealed = job.seal_day(moment(home_folder))
        job.note_heads(moment(home_folder))
    except EvidenceError as error:
        raise click.ClickException(str(error)) from None
    says = f"{len(sealed)} days sealed." if sealed else "Every day has its seal already."
    _print({"sealed": sealed, "says": says}, as_json)


@command.command("go-on")
@click.option(
    "--reason", required=True, help="Why the database is older than its seals, such as a restored backup."
)
@click.option("--by", required=True, help="Who decided it: it goes into the log.")
@_json_option()
@folder_option()
def go_on(reason: str, by: str, as_json: bool, home_folder: Path) -> None:
    """Seal again after a backup was restored: what is known of lost seals is put aside and kept."""
    job = desk(the_home(home_folder).folder, "forbear.jobs.seal_day")
    moved = job.go_on(moment(home_folder), f"{ACTOR}: {by}", reason)
    says = "\n".join([*moved, "The log goes on. Keep these files: they show what the database lost."])
    _print({"put_aside": moved, "says": says}, as_json)


@command.command("examiner")
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The first day.")
@click.option(
    "--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day; it is over."
)
@click.option(
    "--out", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The zip."
)
@click.option("--reason", required=True, help="What it is for: it goes into the log.")
@click.option("--clear", is_flag=True, help="With names, numbers and what people wrote.")
@_json_option()
@folder_option()
def examiner(
    first: datetime, last: datetime, target: Path, reason: str, clear: bool, as_json: bool, home_folder: Path
) -> None:
    """Write a period's contacts, refusals, complaints, rules and evidence into one zip for an examiner."""
    home = the_home(home_folder)
    _new_file(target)
    writing = desk(home.folder, "forbear.actions.access.examiner_file")
    period = writing.Period(first.date(), last.date())
    made = writing.write_examiner_file(
        target.absolute(), period, moment(home), actor=ACTOR, reason=reason, clear=clear
    )
    if isinstance(made, Problem):
        raise click.UsageError(str(made))
    says = f"{target}: written, SHA-256 {made}."
    _print({"file": str(target), "bytes": target.stat().st_size, "sha256": made, "says": says}, as_json)


def _new_file(target: Path) -> None:
    """UsageError where a file can't be written there."""
    if not target.absolute().parent.is_dir():
        raise click.UsageError(f"{target}: its folder does not exist")
    if target.exists():
        raise click.UsageError(f"{target}: is there already; choose another name")


@command.command("guard")
@_json_option()
@folder_option()
def guard(as_json: bool, home_folder: Path) -> None:
    """Put up the database's triggers against changes again."""
    _print(_guard(the_home(home_folder)), as_json)


@command.command("due")
@_json_option()
@folder_option()
def due(as_json: bool, home_folder: Path) -> None:
    """List whose personal data, and which files for credit bureaus, have been kept long enough."""
    _print(_erase(the_home(home_folder), moment(home_folder), erasing=False), as_json)


@command.command("erase-due")
@_json_option()
@folder_option()
def erase_due(as_json: bool, home_folder: Path) -> None:
    """Erase what `due` lists, for good."""
    _print(_erase(the_home(home_folder), moment(home_folder), erasing=True), as_json)


def _hand_out(home: Home, borrower: str, target: Path, reason: str, now: datetime) -> dict:
    _new_file(target)
    key = signing_key(home)
    exporting = desk(home.folder, "forbear.store.evidence_export")
    known = desk(home.folder, "forbear.store.models").Borrower.objects.filter(pk=borrower).first()
    records = desk(home.folder, "forbear.web.portal.records")
    story = records.timeline_bytes(known, now, actor=ACTOR) if known else b""
    try:
        parts = exporting.export(borrower, now, key, actor=ACTOR, reason=reason, timeline=story)
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


def _check(home: Home, now: datetime, as_json: bool, against: tuple[Path, ...]) -> dict:
    try:
        outside = known_outside(home)
        given = [seal for path in against for seal in read_seals(path.read_bytes(), str(path))]
    except EvidenceError as error:
        raise click.ClickException(str(error)) from None
    known = Known((*outside.seals, *given), outside.heads)
    checking = desk(home.folder, "forbear.store.evidence_check")
    with progress_bar() as progress:
        flaws = checking.check(now, _own_keys(home), progress, known)
        flaws += [Flaw(place, 0, what) for place, what in stamp_flaws(home, checking.lines())]
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
    messages = job.erase_messages(now, ACTOR) if erasing else job.due_messages(now)
    what = "erased" if erasing else "kept for longer than need be"
    says = "\n".join(
        [
            *names,
            *files,
            f"{len(names)} borrowers' personal data {what}.",
            f"{len(files)} files for credit bureaus {what}.",
            f"{messages} messages from strangers {what}.",
        ]
    )
    return {"erased" if erasing else "due": names, "files": files, "messages": messages, "says": says}
