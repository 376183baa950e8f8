"""`forbear check-content TEXT`: what may not be said in a text; `--lines` and `--corpus`: how well that is found."""

import json
import sys
from pathlib import Path

import click

from forbear.cli.content_lines import show_lines
from forbear.cli.shared import out, table
from forbear.core.base.money import is_currency, minor_digits, parse_amount
from forbear.core.base.problem import Problem
from forbear.core.content.measure import Line, Measured, measure, read_corpus
from forbear.core.content.screening import (
    ContentContext,
    Finding,
    Screening,
    proposal,
    screen,
)
from forbear.core.facts.contact import PARTIES
from forbear.core.strategy.model import HANDLERS
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.texts import ready_rules

PACKS = ("cn", "us", "uk")


@click.command("check-content")
@click.argument("text", required=False)
@click.option(
    "--pack", type=click.Choice(PACKS), help="Whose rules: cn unless named, with --lines us for English ones."
)
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="Of the answer."
)
@click.option(
    "--party", type=click.Choice(PARTIES), default="debtor", show_default=True, help="Who reads it."
)
@click.option(
    "--sender", type=click.Choice(HANDLERS), default="internal", show_default=True, help="Who writes."
)
@click.option("--amounts", help="What the ledger says, as 412.00,3000.00; no amount is checked without.")
@click.option("--currency", default="CNY", show_default=True)
@click.option(
    "--corpus", type=click.Path(exists=True, path_type=Path), help="A file or folder of known lines."
)
@click.option(
    "--lines",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of lawful and unlawful lines.",
)
@click.option(
    "--failures",
    is_flag=True,
    help="Also tell which lines were taken wrongly, with --lines also which wait for a look.",
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(
    text: str | None,
    pack: str | None,
    language: str,
    party: str,
    sender: str,
    amounts: str | None,
    currency: str,
    corpus: Path | None,
    lines: Path | None,
    failures: bool,
    as_json: bool,
) -> None:
    """Screen TEXT (- reads it from standard input). Exit 0 whatever is found; the answer says what is.

    With --lines: how many of the lines of a file are blocked or looked at, by language, and which are wrong. With
    --corpus: precision and recall by kind. Exit 2 with every mistake of such a file.
    """
    if lines is not None:
        show_lines(lines, pack, failures=failures, as_json=as_json)
        return
    if corpus is not None:
        _show_corpus(corpus, failures=failures, as_json=as_json)
        return
    if text is None:
        raise click.UsageError("give the text to screen, - to read it, --lines FILE or --corpus PATH")
    if not is_currency(currency):
        raise click.UsageError(f"{currency} is no currency; write an ISO 4217 code such as CNY")
    written = sys.stdin.read() if text == "-" else text
    context = ContentContext(
        language=language,
        party=party,
        sender=sender,
        amounts=None if amounts is None else _amounts(amounts, currency),
        currency=currency,
        minor_unit=10 ** minor_digits(currency),
    )
    screened = screen(written, ready_rules(pack or "cn"), context)
    if as_json:
        click.echo(json.dumps(_as_dict(written, screened, language), ensure_ascii=False))
    else:
        _log_event(written, screened, language)


def _amounts(written: str, currency: str) -> frozenset[int]:
    minors = set()
    for part in filter(None, written.split(",")):
        minor = parse_amount(part, currency)
        if isinstance(minor, Problem):
            raise click.UsageError(str(minor))
        minors.add(minor)
    return frozenset(minors)


def _log_event(text: str, screening: Screening, language: str) -> None:
    out.print(
        {"clean": "clean: nothing found", "look": "look: a person decides", "block": "block: not to be sent"}[
            screening.severity
        ]
    )
    for finding in screening.findings:
        hidden = ", in disguise" if finding.disguised else ""
        out.print(
            f"\n  {finding.start}-{finding.end} {finding.matched}  ({finding.kind}, {finding.answer}{hidden})"
        )
        out.print(f"    {finding.message[language]}  [{finding.rule}, {finding.clause}, {finding.force}]")
        if finding.doubt:
            out.print(f"    source: {finding.doubt[language]}")
    if screening.findings:
        out.print(f"\n  instead: {proposal(text, screening, language)}")


def _as_dict(text: str, screening: Screening, language: str) -> dict:
    return {
        "severity": screening.severity,
        "rules": list(screening.rules),
        "findings": [_finding(finding) for finding in screening.findings],
        "proposal": proposal(text, screening, language),
    }


def _finding(finding: Finding) -> dict:
    return {
        "rule": finding.rule,
        "kind": finding.kind,
        "answer": finding.answer,
        "clause": finding.clause,
        "force": finding.force,
        "start": finding.start,
        "end": finding.end,
        "matched": finding.matched,
        "disguised": finding.disguised,
        "message": dict(finding.message),
        "suggestion": dict(finding.suggestion),
    }


def _show_corpus(path: Path, *, failures: bool, as_json: bool) -> None:
    paths = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    lines = [line for source in paths for line in read_corpus(read_text(source), str(source))]
    if not lines:
        raise click.UsageError(f"{path}: there are no lines of a corpus here")
    for line in lines:
        if line.pack not in PACKS:
            raise click.UsageError(f"{line.place}: there is no ready pack {line.pack}")
    rules = {name: ready_rules(name) for name in sorted({line.pack for line in lines})}
    parts: dict[str, list[Line]] = {}
    for line in lines:
        parts.setdefault(f"{line.part}, {line.context.language}", []).append(line)
    scores = {
        name: measure(some, lambda line: screen(line.text, rules[line.pack], line.context))
        for name, some in parts.items()
    }
    if as_json:
        click.echo(json.dumps({name: _score_dict(each) for name, each in scores.items()}))
        return
    for name, score in scores.items():
        _show_scores(name, score, failures=failures)


def _show_scores(name: str, measured: Measured, *, failures: bool) -> None:
    title = f"{name}: {measured.lawful} lawful and {measured.unlawful} unlawful lines"
    scores = table(title, "kind", "right", "wrong", "missed", "precision", "recall", right=(1, 2, 3, 4, 5))
    rows = [
        *sorted(measured.kinds.items()),
        ("all kinds", measured.overall),
        ("lawful or not", measured.lines),
    ]
    for kind, score in rows:
        shares = (f"{float(score.precision):.3f}", f"{float(score.recall):.3f}")
        scores.add_row(kind, str(score.right), str(score.wrong), str(score.missed), *shares)
    out.print(scores)
    if measured.evasions:
        evasions = (f"{way} {hit}/{of}" for way, (hit, of) in sorted(measured.evasions.items()))
        out.print(f"found in disguise: {', '.join(evasions)}")
    if failures:
        for failure in measured.failures:
            out.print(f"  {failure}")
    out.print("")


def _score_dict(measured: Measured) -> dict:
    rows = {**measured.kinds, "all kinds": measured.overall, "lawful or not": measured.lines}
    return {
        kind: {"precision": round(float(score.precision), 4), "recall": round(float(score.recall), 4)}
        for kind, score in rows.items()
    }
