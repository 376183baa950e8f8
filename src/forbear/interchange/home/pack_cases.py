"""The cases that a home keeps beside its packs, and which of them a pack gets wrong.

`packs/us.yaml` has its cases in `packs/cases/us.yaml`, and a lender's own in any `packs/cases/us-....yaml`.
"""

import os
from pathlib import Path

from forbear.core.permits.case_check import CaseResult, check_cases, concerned
from forbear.core.permits.cases import parse_cases
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import Pack, Rule, merge
from forbear.interchange.home.lender import Home, HomeError, read_text
from forbear.interchange.home.packs import packs_of, read_with_overlays
from forbear.interchange.home.signed_packs import SIGNED, signed_path


def case_files_of(pack_file: Path) -> list[Path]:
    """The files of cases beside a pack's file."""
    folder = pack_file.parent / "cases"
    return [*sorted(folder.glob(f"{pack_file.stem}.yaml")), *sorted(folder.glob(f"{pack_file.stem}-*.yaml"))]


def wrong_cases(pack_file: Path, extra: tuple[Rule, ...] = (), *, signed: bool = False) -> list[CaseResult]:
    """The cases beside a pack that it gets wrong, with its places; `extra` rules stand in for those of the same id.

    With `signed` its signed version is asked, which is what binds. PackError, CaseError or HomeError when a file can't
    be used.
    """
    files = case_files_of(pack_file)
    if not files:
        return []
    packs = read_with_overlays(signed_path(pack_file) if signed else pack_file)
    ids = {rule.id for rule in extra}
    if extra:
        packs = [_with(pack, extra, ids, first=number == 0) for number, pack in enumerate(packs)]
    return _wrong(packs, files)


def wrong_with(home: Home, new: Pack, file: Path) -> list[CaseResult]:
    """The cases that a new version of a pack would get wrong in the home, with the home's places that stand on it.

    Asked are the cases beside the new version's `file` and those that the home has of that name. A place's new version
    is asked together with its country's pack. PackError, CaseError or HomeError when a file can't be used.
    """
    folder = home.folder / "packs"
    paths = sorted((folder / SIGNED).glob("*.yaml"))
    there = {pack.name: pack for path in paths for pack in (_read_pack(path),)}
    there[new.name] = new
    country = there.get(new.on, new)
    packs = [country, *(pack for pack in there.values() if pack.on == country.name)]
    names = {new.name, country.name}
    files = {found.resolve() for found in case_files_of(file)}
    files |= {found.resolve() for name in names for found in case_files_of(folder / f"{name}.yaml")}
    return _wrong(packs, sorted(files))


def _read_pack(path: Path) -> Pack:
    return parse_pack(read_text(path), str(path))


def _wrong(packs: list[Pack], files: list[Path]) -> list[CaseResult]:
    names = {pack.name for pack in packs}
    cases = [case for file in files for case in parse_cases(read_text(file), str(file))]
    return [one for one in check_cases(merge(packs), concerned(names, cases)) if not one.right]


def put_pack(home: Home, new: Pack, text: str, file: Path) -> Path:
    """Make a pack's text the home's version of it, with the cases beside its file; the path where it is now.

    A file is replaced by one rename, the cases before the pack, and the signed version, which binds, last: a worker
    that starts in between finds neither half.
    """
    folder = home.folder / "packs"
    cases = folder / "cases"
    cases.mkdir(parents=True, exist_ok=True)
    for found in case_files_of(file):
        if found.resolve().parent != cases.resolve():
            _replace(cases / f"{new.name}{found.stem.removeprefix(file.stem)}.yaml", read_text(found))
    path = folder / f"{new.name}.yaml"
    _replace(path, text)
    signed_path(path).parent.mkdir(exist_ok=True)
    _replace(signed_path(path), text)
    return path


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(path)


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
        wrong = wrong_cases(path, signed=True)
        if wrong:
            first = wrong[0]
            kind = "permits" if first.leak else "refuses" if first.wrong_refusal else "waits wrongly for"
            more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            raise HomeError(
                f"{path}: {kind} case {first.case.id} ({first.case.clause}) of {first.case.place}{more}; no worker "
                f"starts until `forbear check-pack {path} --cases FILE` finds none wrong"
            )
