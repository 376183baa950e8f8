"""Which version of a rule pack binds: the one that was signed, never a file that somebody changed since.

`packs/us.yaml` is a lender's working copy. `packs/signed/us.yaml` is what two people signed, or `forbear init` brought.
A pack of a place lies beside its country's there, too. Only `sign-pack` and `init` write that folder.
"""

from dataclasses import dataclass
from pathlib import Path

from forbear.core.base.problem import noop
from forbear.interchange.home.lender import Home, read_text

SIGNED = "signed"
#: What a state of a working copy means, as a sentence that names the file.
NOT_SIGNED = {
    "changed": noop(
        "%(file)s was changed since it was signed; the signed version binds until two people sign it"
    ),
    "new": noop("%(file)s was never signed, so it binds nobody until two people sign it"),
    "gone": noop("%(file)s is gone, but its signed version still binds"),
}


@dataclass(frozen=True, slots=True)
class UnsignedFile:
    """A working copy that isn't what binds: `changed` since it was signed, `new` and never signed, or `gone`."""

    path: Path
    state: str


def signed_path(pack: Path) -> Path:
    """Where the signed version of a working copy is."""
    return pack.parent / SIGNED / pack.name


def state_of(pack: Path) -> str:
    """How a working copy differs from what was signed: `changed`, `new`, `gone`, or empty when it doesn't."""
    signed = signed_path(pack)
    if not signed.is_file():
        return "new"
    if not pack.is_file():
        return "gone"
    return "" if read_text(pack) == read_text(signed) else "changed"


def unsigned_files(home: Home) -> list[UnsignedFile]:
    """The working copies of packs in force, and of places that stand on them, that aren't what was signed."""
    found: list[UnsignedFile] = []
    for pack in home.packs:
        names = {pack.name}
        for folder in (pack.parent, pack.parent / SIGNED):
            names |= {place.name for place in folder.glob(f"{pack.stem}-*.yaml")}
        found += [
            UnsignedFile(pack.parent / name, state)
            for name in sorted(names)
            if (state := state_of(pack.parent / name))
        ]
    return found
