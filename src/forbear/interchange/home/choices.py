"""Where a night's choice lies in the home: the table it draws by, and who can't have which option.

data/choices/2026-12-01.json, data/choices/2026-12-01-refused.parquet
"""

from datetime import date
from pathlib import Path

from forbear.interchange.home.lender import Home, read_text


def choice_path(home: Home, as_of: date) -> Path:
    """The table of a night."""
    return home.folder / "data" / "choices" / f"{as_of}.json"


def refused_path(home: Home, as_of: date) -> Path:
    """Who can't have which option on a night."""
    return home.folder / "data" / "choices" / f"{as_of}-refused.parquet"


def choice_of(home: Home, as_of: date) -> tuple[str, Path | None]:
    """The table of a night and who can't have which option; "" and None where none was made."""
    table, refused = choice_path(home, as_of), refused_path(home, as_of)
    return (read_text(table) if table.is_file() else "", refused if refused.is_file() else None)
