"""A home and an empty database for `check-pack --cases --through-database`, away from every lender's."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forbear.cli.desk import desk
from forbear.core.base.problem import InputError
from forbear.core.permits.case_check import CaseAnswer
from forbear.core.permits.cases import PackCase
from forbear.interchange.home.lender import make_home
from forbear.interchange.home.packs import overlays_of
from forbear.interchange.home.signed_packs import SIGNED

Ask = Callable[[PackCase], CaseAnswer]


@contextmanager
def through_tables(pack_file: Path) -> Iterator[tuple[Ask, Ask]]:
    """What puts a case to a made-up lender with this pack, as the desk does and as a program does, within the block."""
    with tempfile.TemporaryDirectory(prefix="forbear-cases-") as folder:
        home = Path(folder) / "home"
        make_home(home, made_up=True)
        packs = home / "packs"
        shutil.rmtree(packs)
        packs.mkdir()
        for path in _files(pack_file):
            shutil.copy(path, packs / path.name)
        (packs / SIGNED).mkdir()
        for path in packs.glob("*.yaml"):
            shutil.copy(path, packs / SIGNED / path.name)
        text = (home / "lender.yaml").read_text("utf-8")
        first = _files(pack_file)[0].name
        (home / "lender.yaml").write_text(text.replace("[packs/cn.yaml]", f"[packs/{first}]"), "utf-8")
        tables = desk(home, "forbear.sim.case_rows")
        if tables.holds_people():
            raise InputError(
                "FORBEAR_DATABASE names a database with people in it; name an empty one, or none"
            )
        logging.getLogger("django.request").setLevel(logging.ERROR)  # a refusal is an answer here, no warning
        yield tables.ask_tables, tables.ask_interface


def _files(pack_file: Path) -> list[Path]:
    """The country's pack first, then those of its places."""
    country = pack_file.with_name(f"{pack_file.stem.partition('-')[0]}.yaml")
    base = country if country.is_file() else pack_file
    return [base, *overlays_of(base)]
