"""Commands that need the desk's tables: Django can be started only once the home is known, so it comes late."""

import importlib
import os
from pathlib import Path
from types import ModuleType

from forbear.cli.shared import err
from forbear.config.start import ready_database, start
from forbear.interchange.documents.enclosures import check_enclosures
from forbear.interchange.home.lender import open_home
from forbear.interchange.home.policy import policy


def desk(home_folder: Path, module: str) -> ModuleType:
    """A module that works on tables, imported after Django was started for this home and its tables are there."""
    home = open_home(home_folder)
    policy(home)  # a mistake in it is reported now, not to the first borrower who asks for a plan
    for lacking in check_enclosures(
        home
    ):  # such a letter can't be made: the operator knows it before its day
        err.print(f"note: {lacking}", markup=False)
    start(home.folder)
    ready_database()
    return importlib.import_module(module)


def keep_to_home() -> None:
    """Let what follows use the home's own database, whatever FORBEAR_DATABASE names.

    That is a lender's. People who don't exist, and a demo's staff with a password that everyone knows, stay out of it.
    """
    os.environ.pop("FORBEAR_DATABASE", None)
