"""`forbear verify BUNDLE`: is a borrower's evidence whole and unchanged? Needs no network and no lender."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from forbear.cli.shared import err, out, progress_bar
from forbear.cli.verify_sale import NotSound, show_sale
from forbear.core.evidence.log import key_name, printed_key, read_printed_key
from forbear.core.evidence.verify import Verdict, extends, pem_key, printable, verify
from forbear.core.sales.sale_file import is_sale_file
from forbear.interchange.documents.evidence_file import BundleError, BundleFile

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def given_key(given: str) -> str:
    """The Ed25519 public key as it is printed (64 hex digits, spaces don't matter), or in a PEM file."""
    printed = read_printed_key(given)
    if printed:
        return printed
    path = Path(given)
    if not path.is_file():
        raise click.UsageError(f"{given}: is neither a key of 64 hex digits nor a file")
    try:
        key = pem_key(path.read_bytes()[: 1 << 16])
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    if not key:
        raise click.UsageError(f"{path}: holds no Ed25519 public key; give the lender's signing.pub.pem")
    return key


@click.command("verify")
@click.argument("file", metavar="BUNDLE", type=_FILE)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    help="The lender's published key as it is printed, or its PEM file; may be given several times.",
)
@click.option(
    "--earlier", type=_FILE, help="An earlier bundle of the same borrower, which this one must only add to."
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(file: Path, keys: tuple[str, ...], earlier: Path | None, as_json: bool) -> None:
    """Check an evidence BUNDLE or a sale passport: exit 0 when whole and unchanged, 2 with every place that is not."""
    pinned = tuple(given_key(given) for given in keys)
    try:
        with BundleFile(file) as bundle, progress_bar() as progress:
            if is_sale_file(bundle):
                show_sale(file, bundle, pinned, as_json=as_json)
                return
            verdict = verify(bundle, pinned, progress)
            if verdict.sound:
                for flaw in bundle.flaws():
                    verdict.add(flaw.file, flaw.line, flaw.what)
            if earlier is not None:
                _compare(bundle, earlier, pinned, verdict)
    except BundleError as error:
        verdict = Verdict(pinned=bool(pinned))
        verdict.add(file.name, 0, str(error))
    if as_json:
        click.echo(json.dumps(_as_dict(verdict), ensure_ascii=False))
    else:
        _show(file, verdict)
    if not verdict.sound:
        places = "1 place is" if verdict.found == 1 else f"{verdict.found} places are"
        raise NotSound(f"{file}: {places} not as signed")


def _compare(bundle: BundleFile, earlier: Path, pinned: tuple[str, ...], verdict: Verdict) -> None:
    """Add to the verdict where the bundle doesn't go on from the earlier one, which must itself be sound."""
    with BundleFile(earlier) as before:
        known = verify(before, pinned)
        if not known.sound:
            verdict.add(earlier.name, 0, "the earlier bundle is itself not as signed; verify it by itself")
        elif known.borrower != verdict.borrower:
            verdict.add(earlier.name, 0, "the earlier bundle is another borrower's")
        else:
            for flaw in extends(bundle, before):
                verdict.add(flaw.file, flaw.line, flaw.what)


def _as_dict(verdict: Verdict) -> dict:
    fields = asdict(verdict) | {"sound": verdict.sound}
    fields["key_id"] = key_name(verdict.key) if _is_key(verdict.key) else ""
    return fields


def _is_key(text: str) -> bool:
    return len(text) == 64 and all(sign in "0123456789abcdef" for sign in text)


def _show(file: Path, verdict: Verdict) -> None:
    """The verdict for a person."""
    if not verdict.sound:
        err.print(
            f"{file}: {verdict.found} {'place is' if verdict.found == 1 else 'places are'} not as signed:"
        )
        for flaw in verdict.flaws:
            err.print(f"  {flaw}")
        if verdict.found > len(verdict.flaws):
            err.print(f"  and {verdict.found - len(verdict.flaws)} more")
        return
    for line in _summary(file, verdict):
        out.print(line)


def _summary(file: Path, verdict: Verdict) -> list[str]:
    unsealed = verdict.events - verdict.sealed
    lines = [
        f"{file}: whole and unchanged.",
        f"  borrower {printable(verdict.borrower)}, of {printable(verdict.lender)}, as of {verdict.made_at}",
        f"  {verdict.events} events from {verdict.first_at or '-'} to {verdict.last_at or '-'}",
        f"  {verdict.sealed} under {verdict.seals} daily seals"
        + (f"; {unsealed} after the last seal, under the lender's statement only" if unsealed else ""),
        f"  personal values: {verdict.values} kept, {verdict.erased_values} erased and on record as erased",
        f"  attachments: {verdict.files} kept, {verdict.erased_files} erased and on record as erased",
    ]
    if verdict.older_keys:
        lines.append(
            f"  earlier seals are signed with {', '.join(verdict.older_keys)}, vouched for by the newest"
        )
    name = printed_key(verdict.key)
    if verdict.pinned:
        lines.append(f"  signed with the key given, {name}")
    else:
        lines.append(
            f"  signed with the key {name}, which came with the bundle: anybody can make one. Compare it"
        )
        lines.append("  with the one on the lender's own pages, or give that with --key.")
    return lines
