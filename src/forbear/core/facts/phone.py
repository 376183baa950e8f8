"""Telephone numbers in one spelling: E.164 by the country they were written in (ITU-T E.164, RFC 3966).

Feeds, desks, providers and borrowers write one number in many ways. Only what `read_phone` makes of it is compared,
counted and dialled, so that one number is one person's wherever it comes from.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from forbear.core.base.problem import Problem
from forbear.core.facts.xinjiang import is_mobile_of_xinjiang

#: The most digits of a number, its country code included (ITU-T E.164).
MOST_DIGITS = 15
#: Who writes two numbers puts one of these between them, or nothing but a space.
_BETWEEN = re.compile(r"[/;,、|\n]|\bor\b|\band\b|或者?|和")
_EXTENSION_WORDS = re.compile(r"转|轉|分机|分機|内线|內線")
#: A switchboard's number, then another hyphen or slash and the extension, as landlines are written in China.
_HYPHENED = re.compile(r"^(?P<number>.*\d)\s*[-–—/]\s*(?P<extension>\d{1,6})$")
_INVISIBLE = {"Cc", "Cf"}
_EVERYWHERE = "Etc/Unknown"
#: Area codes of Xinjiang: 0901 to 0909 and 0990 to 0999 (Chinese numbering plan).
_XINJIANG = ("+8690", "+8699")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One number: `e164` is what is dialled, `extension` what is asked for then, often empty."""

    e164: str
    extension: str = ""

    def __str__(self) -> str:
        """As it is kept: the extension behind it, by RFC 3966."""
        return f"{self.e164};ext={self.extension}" if self.extension else self.e164


def read_phone(text: str, country: str) -> PhoneNumber | Problem:
    """The number that `text` spells; `country` (ISO 3166, two letters) is where it was written, "" for nowhere.

    A number is taken when it is one that can be dialled: of a length its country has. Whether somebody has it, nobody
    can know. Problem when it is none, or more than one.
    """
    known = _library()
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) not in _INVISIBLE
    ).strip()
    if _numbers_in(plain) > 1:
        return Problem(
            "phone_two_numbers", "the field holds two numbers; give each a row or a field of its own"
        )
    hyphened = _HYPHENED.match(plain)
    if hyphened and _dialled(plain, country) is None:
        plain = f"{hyphened['number']} ext {hyphened['extension']}"
    number = _dialled(_EXTENSION_WORDS.sub(" ext ", plain), country)
    if number is None:
        return Problem(
            "phone_impossible",
            "this is no telephone number; write it with its area code, or with + and its country code",
        )
    e164 = known.format_number(number, known.PhoneNumberFormat.E164)
    return PhoneNumber(e164, getattr(number, "extension", None) or "")


def zones_of(e164: str) -> Sequence[str]:
    """The IANA time zones a number belongs to; none where that can't be told (a British mobile, a free call).

    Numbers of Xinjiang belong to Beijing's time, which is the law's, and to Urumqi's, by which people there live.
    """
    known, timezone = _library(), _library("phonenumbers.timezone")
    try:
        number = known.parse(e164, None)
    except known.NumberParseException:
        return ()
    if not known.is_number_type_geographical(known.number_type(number), number.country_code):
        return ()
    known_zones: Sequence[str] = timezone.time_zones_for_number(number)
    zones = tuple(zone for zone in known_zones if zone != _EVERYWHERE)
    of_xinjiang = e164.startswith(_XINJIANG) or is_mobile_of_xinjiang(e164)
    return (*zones, "Asia/Urumqi") if of_xinjiang else zones


def _dialled(text: str, country: str) -> object:
    """The library's number when it can be dialled from anywhere; None otherwise."""
    known = _library()
    try:
        number = known.parse(text, country or None)
    except known.NumberParseException:
        return None
    possible = known.is_possible_number_with_reason(number) == known.ValidationResult.IS_POSSIBLE
    return number if possible else None


def _numbers_in(text: str) -> int:
    """How many numbers there seem to be: parts of seven digits and more, or spaced ones that are too long together."""
    parts = [part for part in _BETWEEN.split(text) if _digits(part) >= 7]
    if len(parts) > 1:
        return len(parts)
    spaced = [part for part in text.split() if _digits(part) >= 7]
    return len(spaced) if _digits(text) > MOST_DIGITS and len(spaced) > 1 else 1


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)


@cache
def _library(name: str = "phonenumbers") -> ModuleType:
    """Loaded with the first number, since it takes a moment."""
    return import_module(name)
