"""The country a lender is in: how telephone numbers without a country code are read."""

from functools import cache
from importlib.resources import files

from forbear.core.agreements.complaint import OMBUDSMEN
from forbear.interchange.home.lender import Home


def country_of(home: Home) -> str:
    """Two letters (ISO 3166) of the country of the home's time zone; "" for a zone of none, such as UTC."""
    return _countries().get(home.timezone, "")


def ombudsman_of(home: Home) -> str:
    """Where a complainant may go who isn't content: the country's own instance, else the lender's words for it."""
    return OMBUDSMEN.get(country_of(home)) or dict(home.contact).get("regulator", "")


@cache
def _countries() -> dict[str, str]:
    """The country of each time zone, by the table that comes with the zones."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}
