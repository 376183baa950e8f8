"""The country a lender is in: how telephone numbers without a country code are read."""

from functools import cache
from importlib.resources import files

from forbear.interchange.home.lender import Home


def country_of(home: Home) -> str:
    """Two letters (ISO 3166) of the country of the home's time zone; "" for a zone of none, such as UTC."""
    return _countries().get(home.timezone, "")


@cache
def _countries() -> dict[str, str]:
    """The country of each time zone, by the table that comes with the zones."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}
