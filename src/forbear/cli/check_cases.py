"""What `forbear check-pack --cases` prints: the score of a pack on its cases, and each that it gets wrong."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from forbear.cli.case_database import through_tables
from forbear.cli.shared import out
from forbear.core.permits.case_check import CaseResult, check_cases, concerned, summary
from forbear.core.permits.cases import parse_cases
from forbear.core.permits.rules import merge
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.packs import read_with_overlays

#: How each kind of mistake is called, the gravest first.
_KINDS: tuple[tuple[str, Callable[[CaseResult], bool]], ...] = (
    ("permitted though forbidden", lambda one: one.leak),
    ("refused though lawful", lambda one: one.wrong_refusal),
    ("wrong earliest time", lambda one: one.wrong_time),
)


def check(pack_file: Path, cases_file: Path, *, through_database: bool, as_json: bool) -> bool:
    """Run the cases and print the score; whether every answer was right."""
    packs = read_with_overlays(pack_file)
    cases = concerned(_names(packs), parse_cases(read_text(cases_file), str(cases_file)))
    if through_database:
        with through_tables(pack_file) as (desk, program):
            results = _graver(
                check_cases(merge(packs), cases, desk), check_cases(merge(packs), cases, program)
            )
    else:
        results = check_cases(merge(packs), cases)
    if as_json:
        click.echo(json.dumps(summary(results), ensure_ascii=False))
    else:
        _show(results, pack_file, cases_file)
    return all(one.right for one in results)


def _graver(by_desk: list[CaseResult], by_program: list[CaseResult]) -> list[CaseResult]:
    """Of the two answers to each case the wrong one, so that a case is right only when both are."""
    return [program if desk.right else desk for desk, program in zip(by_desk, by_program, strict=True)]


def _names(packs: list) -> set[str]:
    return {pack.name for pack in packs} | {pack.on for pack in packs if pack.on}


def _show(results: list[CaseResult], pack_file: Path, cases_file: Path) -> None:
    right = sum(one.right for one in results)
    out.print(f"{pack_file}: {right:,} of {len(results):,} cases of {cases_file} are right", highlight=False)
    for what, wrong in _KINDS:
        listed = [one for one in results if wrong(one)]
        if listed:
            out.print(f"{what}: {len(listed):,}", highlight=False)
        for one in listed:
            out.print(_line(one), highlight=False, markup=False, soft_wrap=True)


def _line(one: CaseResult) -> str:
    """One wrong answer: the case, where it stands, its clause, and what the rules said."""
    line = f"  {one.case.id} ({one.case.place}): {one.case.clause}"
    if one.wrong_time:
        return f"{line}; lawful {_moment(one.case.until)}, the rules say {_moment(one.until)}"
    if one.wrong_refusal:
        return f"{line}; refused by {', '.join(f'{rule} ({clause})' for rule, clause in one.refused_by)}"
    return line


def _moment(moment: datetime | None) -> str:
    return f"from {moment.isoformat(timespec='minutes')}" if moment else "never by waiting"
