"""The night's SQL files with their dollar names filled in."""

import re
from datetime import date

from forbear.engine.columnar import quote, statements


def sql_day(day: date) -> str:
    """A SQL date literal."""
    return f"date {quote(day)}"


def filled(name: str, **values: str) -> str:
    """The text of `sql/NAME` with each value where its dollar name stands."""
    return fill(statements("forbear.night", name), values)


def fill(text: str, values: dict[str, str]) -> str:
    """`text` with each value where its dollar name stands; a name without a value is a fault."""
    return re.sub(r"\$([a-z_]+)", lambda match: values[match.group(1)], text)
