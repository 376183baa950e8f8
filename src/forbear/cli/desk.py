"""Commands that need the desk's tables: Django can be started only once the home is known, so it comes late."""

import importlib
from pathlib import Path
from types import ModuleType

from forbear.config.start import ready_database, start
from forbear.interchange.home import open_home


def desk(home_folder: Path, module: str) -> ModuleType:
    """A module that works on tables, imported after Django was started for this home and its tables are there."""
    start(open_home(home_folder).folder)
    ready_database()
    return importlib.import_module(module)
