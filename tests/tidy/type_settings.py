"""Django's settings as the type checker's plugin reads them: those of a home made for it, gone when it ends."""

import os
import tempfile
from pathlib import Path

from forbear.interchange.home.lender import make_home

_FOLDER = tempfile.TemporaryDirectory(prefix="forbear-types-")
make_home(Path(_FOLDER.name) / "home")
os.environ["FORBEAR_HOME"] = str(Path(_FOLDER.name) / "home")

from forbear.config.settings import *  # noqa: E402, F403 - the home must be there first
