"""What `forbear check-content --lines FILE` shows: how many known lines are blocked or looked at, and which wrongly."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from forbear.cli.shared import out, table
from forbear.core.content.known_lines import KnownText, LineScore, count_lines, read_known_lines
from forbear.core.content.screening import Screening, screen
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.texts import ready_rules

#: Whose rules the lines of a language are held against where no pack is named.
PACK_OF = {"zh": "cn", "en": "us"}


def show_lines(path: Path, pack: str | None, *, failures: bool, as_json: bool) -> None:
    """Screen the lines of a file and show the counts. ContentError with every mistake of the file."""
    score = count_lines(
        read_known_lines(read_text(path), str(path)),
        lambda line: screen(line.text, ready_rules(pack or PACK_OF[line.language]), line.context),
    )
    if as_json:
        click.echo(json.dumps(_as_dict(score), ensure_ascii=False))
        return
    counts = table("", "language", "unlawful", "blocked", "looked at", "lawful", "blocked", "looked at")
    for language, counted in score.by_language.items():
        counts.add_row(language, *(str(count) for count in asdict(counted).values()))
    out.print(counts)
    for line, screened in [*score.wrong, *(score.looked if failures else ())]:
        wanted = line.kind or "lawful"
        found = ", ".join(dict.fromkeys(finding.kind for finding in screened.findings)) or "nothing"
        out.print(f"line {line.number}: {wanted}; {screened.severity}, found {found}: {line.text}")


def _as_dict(score: LineScore) -> dict:
    return {
        **{language: asdict(counts) for language, counts in score.by_language.items()},
        "wrong": [_line(*each) for each in score.wrong],
        "looked": [_line(*each) for each in score.looked],
    }


def _line(line: KnownText, screened: Screening) -> dict:
    return {
        "line": line.number,
        "language": line.language,
        "text": line.text,
        "wanted": line.kind or "lawful",
        "severity": screened.severity,
        "found": list(dict.fromkeys(finding.kind for finding in screened.findings)),
    }
