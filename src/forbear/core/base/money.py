"""Money: whole minor units (cents, fen, yen) of an ISO 4217 currency. Never a float.

Reading and writing are exact in both directions: an amount that can't be held without loss is refused, and
`parse_amount(format_amount(n, c), c) == n` for every amount inside the bound.
"""

import re
from functools import cache

import moneyed

from forbear.core.base.problem import Problem

# So that a sum over a hundred million loans of the largest amount still fits 128 bits, and a loan's own
# sums 64.
LARGEST_AMOUNT = 10**15

_PLAIN_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_DIGITS_BY_SUBUNIT = {1: 0, 10: 1, 100: 2, 1000: 3, 10000: 4}
# CNH names a market in which CNY is traded, XXX the absence of a currency; neither is money owed.
_NOT_MONEY = frozenset({"CNH", "XXX"})
# Placeholders that the territory table has beside countries: unknown region, Antarctica, Clipperton.
_NOT_COUNTRIES = frozenset({"ZZ", "AQ", "CP"})
#: ISO 4217 amendments that the library lacks, with their decimals: the Caribbean guilder of Curaçao and Sint Maarten
#: (since 31 March 2025), the Zimbabwe gold (since 25 June 2024), the Sierra Leonean leone (since 1 April 2022).
_NEWER = {"XCG": 2, "ZWG": 2, "SLE": 2}
#: Withdrawn since: Bulgaria (euro since 1 January 2026), Croatia (2023), Sierra Leone's old leone (2024), the Antillean
#: guilder (2025), Zimbabwe's dollar (2024), Cuba's convertible peso (2021).
_WITHDRAWN = frozenset({"BGN", "HRK", "SLL", "ANG", "ZWL", "CUC"})


def currencies() -> list[str]:
    """The codes of all currencies in use, in order."""
    return sorted(code for code in {*moneyed.CURRENCIES, *_NEWER} if is_currency(code))


@cache
def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 currency in use today; withdrawn ones, metals and test codes are not."""
    if code in _NEWER or code in _WITHDRAWN:
        return code in _NEWER
    known = moneyed.CURRENCIES.get(code)
    return known is not None and code not in _NOT_MONEY and bool(set(known.country_codes) - _NOT_COUNTRIES)


@cache
def minor_digits(currency: str) -> int:
    """How many decimals the currency has: 2 for CNY, 0 for JPY, 3 for KWD. It must be a known one."""
    assert is_currency(currency), f"{currency!r} is not an active ISO 4217 currency"
    if currency in _NEWER:
        return _NEWER[currency]
    return _DIGITS_BY_SUBUNIT[moneyed.CURRENCIES[currency].sub_unit]


def parse_amount(text: str, currency: str) -> int | Problem:
    """Read a plain decimal such as `1234.5` into minor units, or say why it can't be held exactly.

    Spaces around it and zeros after the currency's last decimal are accepted, since they lose nothing.
    Exponents, thousands separators, a plus sign, a bare point, infinities and not-a-number are refused.
    """
    digits = minor_digits(currency)
    match = _PLAIN_DECIMAL.fullmatch(text.strip(" "))
    if match is None:
        example = format_amount(1234 * 10**digits, currency)
        return Problem(
            "amount_not_a_number",
            "%(text)s is not an amount; write a plain decimal such as %(example)s",
            text=_shown(text),
            example=example,
        )
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if fraction[digits:].strip("0"):
        return Problem(
            "amount_too_many_decimals",
            "%(text)s has more than the %(digits)s decimals that %(currency)s has",
            text=_shown(text),
            digits=digits,
            currency=currency,
        )
    significant = whole.lstrip("0")
    if len(significant) + digits > len(str(LARGEST_AMOUNT)):
        return Problem(
            "amount_too_large", "%(text)s is larger than any amount Forbear accepts", text=_shown(text)
        )
    minor = int((significant + fraction[:digits].ljust(digits, "0")) or "0")
    if minor > LARGEST_AMOUNT:
        return Problem(
            "amount_too_large", "%(text)s is larger than any amount Forbear accepts", text=_shown(text)
        )
    return -minor if sign else minor


def format_amount(minor: int, currency: str) -> str:
    """Write minor units as a plain decimal with all the currency's decimals: 123450 in CNY is `1234.50`."""
    digits = minor_digits(currency)
    if digits == 0:
        return str(minor)
    whole, fraction = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}.{fraction:0{digits}d}"


def _shown(text: str) -> str:
    """The offending text as a message shows it: quoted, and cut when it is absurdly long."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
