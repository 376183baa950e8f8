"""The cases that a home keeps beside its packs, and which of them a pack gets wrong.

`packs/us.yaml` has its cases in `packs/cases/us.yaml`, and a lender's own in any `packs/cases/us-....yaml`.
"""

from pathlib import Path

from forbear.core.permits.case_check import CaseResult, check_cases, concerned
from forbear.core.permits.cases import parse_cases
from forbear.core.permits.rules import Pack, Rule, merge
from forbear.interchange.home.lender import Home, HomeError, read_text
from forbear.interchange.home.packs import packs_of, read_with_overlays


def case_files_of(pack_file: Path) -> list[Path]:
    """The files of cases beside a pack's file."""
    folder = pack_file.parent / "cases"
    return [*sorted(folder.glob(f"{pack_file.stem}.yaml")), *sorted(folder.glob(f"{pack_file.stem}-*.yaml"))]


def wrong_cases(pack_file: Path, extra: tuple[Rule, ...] = ()) -> list[CaseResult]:
    """The cases beside a pack that it gets wrong, with its places; `extra` rules stand in for those of the same id.

    PackError, CaseError or HomeError when a file can't be used.
    """
    files = case_files_of(pack_file)
    if not files:
        return []
    packs = read_with_overlays(pack_file)
    ids = {rule.id for rule in extra}
    if extra:
        packs = [_with(pack, extra, ids, first=number == 0) for number, pack in enumerate(packs)]
    names = {pack.name for pack in packs}
    cases = [case for file in files for case in parse_cases(read_text(file), str(file))]
    return [one for one in check_cases(merge(packs), concerned(names, cases)) if not one.right]


def _with(pack: Pack, extra: tuple[Rule, ...], ids: set[str], *, first: bool) -> Pack:
    """The pack with changed rules in place of its own; new ones go to the first pack."""
    kept = tuple(rule for rule in pack.rules if rule.id not in ids)
    mine = {rule.id for rule in pack.rules}
    new = tuple(rule for rule in extra if rule.id in mine or first)
    return Pack(
        pack.name,
        pack.title,
        (*kept, *new),
        pack.parameters,
        pack.version,
        pack.origin,
        pack.on,
        pack.regions,
    )


def check_home_cases(home: Home) -> None:
    """HomeError that names the first case a pack of the home gets wrong, and how many more."""
    packs_of(home)
    for path in home.packs:
        wrong = wrong_cases(path)
        if wrong:
            first = wrong[0]
            kind = "permits" if first.leak else "refuses" if first.wrong_refusal else "waits wrongly for"
            more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            raise HomeError(
                f"{path}: {kind} case {first.case.id} ({first.case.clause}) of {first.case.place}{more}; no worker "
                f"starts until `forbear check-pack {path} --cases FILE` finds none wrong"
            )
