"""Amounts and dates written in a text, and whether they are the ledger's.

An amount is a number with a currency or a unit of money, in digits or in Chinese numerals, or a bare number
straight after a word such as 欠款 or balance. All are exact: minor units by way of fractions, never a float.
"""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from forbear.core.content.normalize import Normal

_MULTIPLIERS = {"十": 10, "百": 100, "佰": 100, "拾": 10, "千": 1000, "仟": 1000, "k": 1000}
_MULTIPLIERS |= {"万": 10_000, "w": 10_000, "亿": 100_000_000}
_DIGITS = {
    sign: value
    for value, signs in enumerate(
        ("零", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for sign in signs
}
_DIGITS["〇"] = 0
_HANZI_NUMBER = "".join([*_DIGITS, *"十拾百佰千仟万亿"])

_CURRENCIES = {
    **dict.fromkeys(("元", "块", "块钱", "圆", "人民币", "rmb", "cny", "yuan"), "CNY"),
    **dict.fromkeys(("$", "us$", "usd", "dollars", "dollar", "bucks", "美元"), "USD"),
    **dict.fromkeys(("£", "gbp", "pounds", "英镑"), "GBP"),
    **dict.fromkeys(("€", "eur", "euros", "欧元"), "EUR"),
    "¥": "",  # yuan or yen
}
_BEFORE = r"(?P<before>us\$|(?<![a-z0-9])(?:rmb|cny|usd|gbp|eur)|人民币|[$¥£€])[ ,]?"
_NUMBER = r"(?P<number>[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,4})?|[0-9]{1,15}(?:\.[0-9]{1,4})?)"
#: Letters and digits in turn are the number of a request or a contact, drawn by chance: RMB6ZE9TC8.
_NO_CODE = r"(?![0-9]*[a-z]+[0-9])"
_SPOKEN = rf"(?P<spoken>[{_HANZI_NUMBER}]{{1,20}})"
_TIMES = r" ?(?P<times>[十百千万亿]{1,2}|[kw](?![a-z]))?"
_AFTER = (
    r" ?(?P<after>块钱|元|块|圆|美元|英镑|欧元|(?:rmb|cny|usd|gbp|eur|yuan|dollars?|bucks|pounds|euros)(?![a-z]))"
    rf"(?P<jiao>[0-9{''.join(_DIGITS)}](?=角))?(?:角(?P<fen>[0-9{''.join(_DIGITS)}](?=分))?)?"
)
_OWED = (
    r"(?P<owed>欠款(?:金额|总额)?|应还(?:款)?(?:金额|总额)?|逾期金额|(?:本息)?合计|总(?:计|额|欠款)|未还(?:金额)?|剩余本金"
    r"|(?<![a-z])(?:you owe|amount due|balance(?: is| of)?))[为是共:, ]{0,3}"
)
_NOT_MONEY = r"(?! ?[天日期个月年号次笔位条折小分%页])(?![0-9,.]*[0-9])(?![-/年月])"

_AMOUNTS = (
    re.compile(rf"(?:{_BEFORE})(?:{_NUMBER}){_TIMES}{_NO_CODE}(?:{_AFTER})?"),
    re.compile(rf"(?<![0-9.,]){_NUMBER}{_TIMES}{_AFTER}"),
    re.compile(rf"(?<![0-9.,{_HANZI_NUMBER}]){_SPOKEN}{_AFTER}"),
    re.compile(rf"{_OWED}{_NUMBER}{_TIMES}{_NOT_MONEY}"),
)
_ABOUT = re.compile(r"(?:约|大约|大概|近|将近|about|around|roughly|nearly|approximately)[ ,为是]{0,2}$")

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
_DATES = (
    re.compile(r"(?<![0-9])(?:(?P<year>[0-9]{4})年)?(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})[日号]"),
    re.compile(r"(?<![0-9])(?P<year>20[0-9]{2})[ .](?P<month>[0-9]{1,2})[ .](?P<day>[0-9]{1,2})(?![0-9])"),
    re.compile(
        rf"(?<![0-9a-z])(?P<day>[0-9]{{1,2}}) (?P<name>{_MONTH})(?![a-z])(?: (?P<year>20[0-9]{{2}}))?"
    ),
    re.compile(
        rf"(?<![0-9a-z])(?P<name>{_MONTH}) (?P<day>[0-9]{{1,2}})(?![0-9])(?:[ ,]{{1,2}}(?P<year>20[0-9]{{2}}))?"
    ),
)


@dataclass(frozen=True, slots=True)
class Written:
    """An amount as written: where, its value in the currency's unit, the currency ("" when not said), and how
    far off an amount may be that it still tells truly (0 unless it says about)."""

    start: int
    end: int
    value: Fraction
    currency: str
    slack: Fraction

    def tells(self, minor: int, minor_unit: int) -> bool:
        """Whether this amount of the ledger is meant."""
        return abs(self.value * minor_unit - minor) <= self.slack * minor_unit


def amounts_in(normal: Normal) -> list[Written]:
    """The amounts in a folded text, by where they stand, each sign read once."""
    amounts: list[Written] = []
    taken = bytearray(len(normal.text))
    for pattern in _AMOUNTS:
        for match in pattern.finditer(normal.text):
            if any(taken[match.start() : match.end()]):
                continue
            written = _written(match, normal.text)
            if written is not None:
                amounts.append(written)
                taken[written.start : written.end] = b"\1" * (written.end - written.start)
    return sorted(amounts, key=lambda amount: amount.start)


def _written(match: re.Match[str], text: str) -> Written | None:
    parts = match.groupdict()
    value = _spoken(parts["spoken"]) if parts.get("spoken") else Fraction(parts["number"].replace(",", ""))
    if value is None:
        return None
    for sign in parts.get("times") or "":
        value *= _MULTIPLIERS[sign]
    for name, share in (("jiao", 10), ("fen", 100)):
        if sign := parts.get(name):
            value += Fraction(_DIGITS[sign] if sign in _DIGITS else int(sign), share)
    start = match.start("number") if parts.get("owed") else match.start()
    currency = _CURRENCIES.get(parts.get("after") or parts.get("before") or "", "")
    about = _ABOUT.search(text, max(0, match.start() - 16), match.start())
    return Written(start, match.end(), value, currency, _last_place(value) / 2 if about else Fraction(0))


def _last_place(value: Fraction) -> Fraction:
    """The place value of the last digit that isn't zero: 1000 for 4000, 1/10 for 1.5."""
    place = Fraction(1)
    if value == 0:
        return place
    while value % (place * 10) == 0:
        place *= 10
    while value % place != 0:
        place /= 10
    return place


def _spoken(numerals: str) -> Fraction | None:
    """The value of Chinese numerals such as 三千二百 or 壹万零伍; None when they are none."""
    total = section = digit = 0
    unit = 1
    for sign in numerals:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            unit = unit if digit else 1
            continue
        times = _MULTIPLIERS[sign]
        if times >= 10_000:
            total = (total + section + digit) * times
            section = 0
        else:
            section += (digit or 1) * times
        digit, unit = 0, times
    # 三千二 is 3200, while 三千零二 is 3002
    value = total + section + digit * max(1, unit // 10)
    return Fraction(value) if value or set(numerals) <= set("零〇") else None


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A day as written: where, its year (0 when not said), month and day."""

    start: int
    end: int
    year: int
    month: int
    day: int

    def is_one_of(self, days: frozenset[date]) -> bool:
        """Whether it is one of these days."""
        return any(
            (self.month, self.day) == (day.month, day.day) and self.year in (0, day.year) for day in days
        )


def dates_in(normal: Normal) -> list[WrittenDate]:
    """The days in a folded text; what is no day of any year is left out."""
    dates = []
    for pattern in _DATES:
        for match in pattern.finditer(normal.text):
            parts = match.groupdict()
            name = parts.get("name")
            month = _month(name) if name else int(parts["month"])
            day, year = int(parts["day"]), int(parts["year"] or 0)
            if 1 <= month <= 12 and 1 <= day <= 31:
                dates.append(WrittenDate(match.start(), match.end(), year, month, day))
    return sorted(dates, key=lambda written: written.start)


def _month(name: str) -> int:
    return next(at for at, full in enumerate(_MONTHS, 1) if full.startswith(name))
