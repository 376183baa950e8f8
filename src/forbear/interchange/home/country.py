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


#: Where people who gave no language are written to in Chinese.
_CHINESE = ("CN", "HK", "MO", "TW")


def language_of(home: Home, given: str = "") -> str:
    """zh or en: which texts somebody reads who gave a language; for no language, and for any other, the home's own."""
    if given.startswith(("zh", "en")):
        return given[:2]
    return "zh" if country_of(home) in _CHINESE else "en"


def credit_forms_of(home: Home) -> tuple[str, ...]:
    """The forms of credit bureaus that a lender of the country may need, the usual one first; else all there are."""
    country = country_of(home)
    chinese, american = ("cn", "cn_events"), ("metro2",)
    if country in _CHINESE:
        return chinese
    return american if country in ("US", "GB") else (*chinese, *american)


@cache
def _countries() -> dict[str, str]:
    """The country of each time zone, by the table that comes with the zones."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}
