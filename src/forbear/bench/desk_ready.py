"""Django, made ready while this is imported: for a measuring process whose home is in FORBEAR_HOME already.

Anyone who imports tables imports this before them.
"""

import os
from pathlib import Path

from forbear.config.start import ready_database, start


def make_ready() -> Path:
    """Start Django for the home in FORBEAR_HOME and bring its tables up to date; the home's folder."""
    home = Path(os.environ["FORBEAR_HOME"])
    start(home)
    ready_database()
    return home


HOME = make_ready()
