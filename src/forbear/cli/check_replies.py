"""`forbear check-replies FILE`: how well replies are understood, on lines whose meaning is known."""

import json
from pathlib import Path

import click

from forbear.cli.shared import out
from forbear.core.files.reply_lines import read_reply_lines
from forbear.core.replies.measure import ReplyScore, measure
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.second_reader import tables


@click.command("check-replies")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(file: Path, as_json: bool) -> None:
    """Read the replies in FILE, whose meaning is known, and say which are understood. Exit 0 whatever is found.

    Exit 2 with every mistake of the file. The form of the file stands in docs/rules/replies.md.
    """
    today, lines = read_reply_lines(read_text(file), str(file))
    score = measure(lines, today, tables("replies"))
    if as_json:
        click.echo(json.dumps(_as_dict(score), ensure_ascii=False))
    else:
        _show(score)


def _as_dict(score: ReplyScore) -> dict:
    return {
        "lines": score.lines,
        "right": score.right,
        "by_language": {
            language: {"lines": total, "right": right}
            for language, (right, total) in score.by_language.items()
        },
        "stops_missed": score.stops_missed,
        "false_stops": score.false_stops,
        "urgent_missed": score.urgent_missed,
        "wrong": [
            {
                "line": line.number,
                "text": line.text,
                "wanted": "urgent" if line.urgent else "/".join(line.wanted),
                "understood": meant.intent,
                "suggested": meant.suggested,
                "amount": meant.amount,
                "day": meant.day.isoformat() if meant.day else "",
            }
            for line, meant in score.wrong
        ],
    }


def _show(score: ReplyScore) -> None:
    parts = ", ".join(f"{name} {right} of {total}" for name, (right, total) in score.by_language.items())
    out.print(f"{score.right} of {score.lines} lines understood as wanted: {parts}")
    for title, texts in (
        ("stops missed", score.stops_missed),
        ("false stops", score.false_stops),
        ("urgent missed", score.urgent_missed),
    ):
        out.print(f"{title}: {len(texts)}")
        for text in texts:
            out.print(f"  {text}")
    for line, meant in score.wrong:
        wanted = "urgent" if line.urgent else "/".join(line.wanted)
        named = " ".join(
            filter(
                None,
                (meant.suggested or meant.intent, meant.amount, meant.day.isoformat() if meant.day else ""),
            )
        )
        out.print(f"line {line.number}: wanted {wanted}, understood {named}: {line.text}")
