"""Least amounts of a lender's file, by currency: `{CNY: 100.00, USD: 50.00}`.

They are written in the currency's own unit and kept as minor units. A currency that isn't named has no least amount,
as in a strategy's `least_amounts`.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from forbear.core.base.money import currencies, is_currency, parse_amount
from forbear.core.base.problem import Problem, noop
from forbear.core.base.setting import WrongValue, known

_WANTED = noop("must be amounts by currency, such as {CNY: 100.00}")


def _in_minor_units(given: object) -> dict[str, int]:
    """What the file says, as minor units. An amount without its currency means nothing."""
    if not isinstance(given, Mapping):
        raise WrongValue(_WANTED)
    amounts: dict[str, int] = {}
    for currency, amount in given.items():
        if not isinstance(currency, str) or not is_currency(currency):
            amounts[currency] = 0  # the key's own check says what is wrong with it
            continue
        minor = parse_amount(str(amount), currency)
        if isinstance(minor, Problem) or minor < 0:
            raise WrongValue(_WANTED)
        amounts[currency] = minor
    return amounts


#: A currency as a key of such a setting.
Currency = Annotated[str, known(currencies())]


def amounts_by_currency() -> BeforeValidator:
    """What reads such a setting; the class keeps the name and meaning beside it."""
    return BeforeValidator(_in_minor_units)


def same_number(number: int) -> dict[str, int]:
    """A default: as many minor units in each currency of the ready countries, which have two decimals."""
    return dict.fromkeys(("CNY", "GBP", "USD"), number)
