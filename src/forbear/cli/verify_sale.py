"""The sale passport in `forbear verify`: the passport itself, then each borrower's evidence bundle that lies in it."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from forbear.cli.shared import err, out
from forbear.core.content.template import Money, money_text
from forbear.core.evidence.log import key_name
from forbear.core.evidence.verify import printable, verify
from forbear.core.sales.sale_file import DOCUMENTS, SaleVerdict, verify_sale
from forbear.interchange.documents.evidence_file import BundleError, BundleFile


class NotSound(click.ClickException):
    """What was checked is not as it was signed or written; the places have been named before."""

    exit_code = 2


def show_sale(file: Path, passport: BundleFile, pinned: tuple[str, ...], *, as_json: bool) -> None:
    """Check a passport and say what was found; NotSound when something is not as it was signed."""
    verdict = verify_sale(passport, pinned)
    if verdict.sound:
        for flaw in passport.flaws():
            verdict.add(flaw.file, flaw.line, flaw.what)
    for borrower, digest in sorted(verdict.bundles.items()) if verdict.sound else ():
        _check_bundle(passport, borrower, digest, verdict)
    if as_json:
        click.echo(json.dumps(asdict(verdict) | {"sound": verdict.sound}, ensure_ascii=False))
    else:
        _show(file, verdict)
    if not verdict.sound:
        raise NotSound(f"{file}: {verdict.found} places are not as signed")


def _check_bundle(passport: BundleFile, borrower: str, digest: str, verdict: SaleVerdict) -> None:
    """The evidence of one borrower, which the same seller signed."""
    name = DOCUMENTS + digest
    with tempfile.NamedTemporaryFile(suffix=".zip") as handle:
        for chunk in passport.chunks(name):
            handle.write(chunk)
        handle.flush()
        try:
            with BundleFile(Path(handle.name)) as bundle:
                sale_verdict = verify(bundle, (verdict.key,))
        except BundleError as error:
            verdict.add(name, 0, str(error))
            return
    if sale_verdict.borrower != borrower:
        verdict.add(name, 0, "is the evidence of another borrower")
    for flaw in sale_verdict.flaws:
        verdict.add(name, flaw.line, f"{flaw.file}: {flaw.what}")


def _show(file: Path, verdict: SaleVerdict) -> None:
    if not verdict.sound:
        err.print(f"{file}: {verdict.found} places are not as signed:")
        for flaw in verdict.flaws:
            err.print(f"  {flaw}")
        return
    sums = ", ".join(money_text(Money(amount, currency), "en") for currency, amount in verdict.totals.items())
    out.print(f"{file}: whole and unchanged.")
    parties = f"{printable(verdict.seller)} to {printable(verdict.buyer)}"
    out.print(f"  sale {printable(verdict.number)} of {verdict.sold_on}: {parties}")
    out.print(f"  {verdict.loans} loans, {sums or 'nothing'}")
    out.print(f"  {verdict.documents} documents, {len(verdict.bundles)} evidence bundles checked with them")
    name = key_name(verdict.key)
    if verdict.pinned:
        out.print(f"  signed with the key given, {name}")
    else:
        out.print(f"  signed with the key {name}, which came with it: anybody can make one. Compare it")
        out.print("  with the one on the seller's own pages, or give that with --key.")
