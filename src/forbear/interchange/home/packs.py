"""The rule packs of a home as they were signed, read and merged; read again only when a file has changed."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from forbear.core.permits.built_in import with_built_in, with_shadow
from forbear.core.permits.pack import parse_pack, written_rule
from forbear.core.permits.rules import Pack, Rulebook, merge
from forbear.interchange.home.lender import Home, HomeError, read_text
from forbear.interchange.home.signed_packs import signed_path

#: The packs that come with Forbear.
READY_PACKS = Path(str(files("forbear") / "packs"))

#: What changes when a file does, and files with theirs.
Stamp = tuple[int, int]
Stamped = tuple[tuple[Path, Stamp], ...]
_MISSING: Stamp = (0, 0)


def overlays_of(path: Path) -> list[Path]:
    """The packs of places beside a pack's file, by name: `us-ma.yaml` is one of `us.yaml`."""
    return sorted(path.parent.glob(f"{path.stem}-*.yaml"))


def read_with_overlays(path: Path) -> list[Pack]:
    """A pack and those of its places beside it; for a place's own file the country's, with all its places.

    PackError or HomeError when one can't be used.
    """
    pack = parse_pack(read_text(path), str(path))
    below = path.with_name(f"{pack.on}.yaml")
    if pack.on and below.is_file():
        return read_with_overlays(below)
    places = [parse_pack(read_text(place), str(place)) for place in overlays_of(path)]
    return [pack, *(place for place in places if place.on == pack.name)]


def rulebook(home: Home) -> Rulebook:
    """The merged rules of the home. PackError or HomeError when a pack can't be used: then nothing is allowed.

    In a shadow run a rule of the program refuses whatever is asked.
    """
    book = _merged(_signed(home), _stamped(home))
    return with_shadow(book) if home.in_shadow else book


def packs_of(home: Home) -> tuple[Pack, ...]:
    """The home's packs, each followed by those of its places that lie beside it. Raises as `rulebook` does."""
    return _read(_signed(home), _stamped(home))


def _signed(home: Home) -> tuple[Path, ...]:
    return _signed_paths(home.packs)


@lru_cache(maxsize=8)
def _signed_paths(packs: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(signed_path(pack) for pack in packs)


def _stamped(home: Home) -> Stamped:
    """The signed files of the home's packs and places, each with what changes when it does."""
    signed = _signed(home)
    folders = {pack.parent: _changed(pack.parent) for pack in signed}
    files = dict.fromkeys(path for pack in signed for path in (pack, *_places(pack, folders[pack.parent])))
    return tuple((path, _changed(path)) for path in files)


@lru_cache(maxsize=64)
def _places(pack: Path, _folder: Stamp) -> tuple[Path, ...]:
    """The places beside a pack; looked for again when a file was put into its folder or taken away."""
    return tuple(overlays_of(pack))


def written(home: Home, rule_id: str) -> str:
    """A rule of the home as its pack's file has it; empty when no pack has one of that id."""
    texts = (written_rule(read_text(path), rule_id) for path in _paths(home))
    return next((text for text in texts if text), "")


def _changed(path: Path) -> Stamp:
    """What changes when the file does; zeros when it isn't there, so that reading it says so."""
    try:
        status = path.stat()
    except OSError:
        return _MISSING
    return (status.st_mtime_ns, status.st_size)


def _paths(home: Home) -> list[Path]:
    return [Path(pack.origin) for pack in packs_of(home)]


@lru_cache(maxsize=8)
def _read(named: tuple[Path, ...], stamped: Stamped) -> tuple[Pack, ...]:
    """The packs that `lender.yaml` has named, and of the files beside them those that stand on one of these."""
    for path, stamp in stamped:
        if stamp == _MISSING:
            working = path.parent.parent / path.name
            raise HomeError(
                f"{working}: nobody signed this pack, so nothing is permitted; sign it by `forbear sign-pack {working}`"
            )
    packs = {path: parse_pack(read_text(path), str(path)) for path, _ in stamped}
    names = {packs[path].name for path in named}
    return tuple(pack for path, pack in packs.items() if path in named or pack.on in names)


@lru_cache(maxsize=8)
def _merged(named: tuple[Path, ...], stamped: Stamped) -> Rulebook:
    return with_built_in(merge(list(_read(named, stamped))))
