"""The amount and the day that somebody names when they promise to pay, in Chinese or English."""

import re
from datetime import date, timedelta
from decimal import Decimal

#: A promise further away than this was most likely misread.
FURTHEST = timedelta(days=92)

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_HAN_NUMBER = r"[零〇一二两三四五六七八九十百千万]+"
_AMOUNTS = (
    re.compile(r"[$£€¥]\s?(\d{1,9}(?:\.\d{1,2})?)(k)?\b"),
    re.compile(
        r"(?<![\d.])(\d{1,9}(?:\.\d{1,2})?)\s?(万|千|百|k|w)?\s?(?:元|块钱?|人民币|rmb|cny|yuan|"
        r"dollars?|bucks|quid|pounds?|usd|gbp|eur|euros?)"
    ),
    re.compile(
        r"(?:还|付|交|转|pay|paying|send|sending|transfer|transferring|"
        r"do|have|manage|give you|drop|paid|payment of|pagar|pago|pague)(?:了|款|给?[你您]们?|"
        r" you)?\s?(\d{2,9}(?:\.\d{1,2})?)(?![\d号日月./:点天期个%]|st|nd|rd|th)(万|千|百|k|w)?"
    ),
)
_HAN_AMOUNT = re.compile(rf"({_HAN_NUMBER})(?:元|块钱?)")
#: Without a unit a number counts when it is what is paid: 转两千.
_HAN_PAID = re.compile(
    r"(?:还|付|交|转|打|存|汇)(?:了|给你们?|你们?|款)?([一二两三四五六七八九十零]*[百千万][零〇一二两三四五六七八九十百千万]*)(?![天号日个期元块])"
)
#: Where no other amount is named, digits with a word of magnitude are one: 当天转你们2千, 打1万5 is not read.
_BARE = re.compile(r"(?<![\d.第])(\d{1,4}(?:\.\d{1,2})?)(万|千|百)(?![\d一二三四五六七八九多几人次个天号年])")
_TIMES = {"万": 10000, "w": 10000, "千": 1000, "k": 1000, "百": 100}

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS_ES = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NEAR = {
    "day after tomorrow": 2,
    "manana": 1,
    "hoy": 0,
    "大后天": 3,
    "后天": 2,
    **dict.fromkeys(("明天", "明日", "明早", "明晚", "tomorrow"), 1),
    **dict.fromkeys(("今天", "今晚", "今日", "today", "tonight", "this evening", "this afternoon"), 0),
}


def han_number(text: str) -> int | None:
    """A number in Chinese signs, as 一千二百 or 三万五; None when it is none."""
    if text in ("十",):
        return 10
    total = section = digit = 0
    last = 1
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            if sign in "零〇":
                last = 10
        elif sign == "万":
            total, section, digit, last = (total + section + digit) * 10000, 0, 0, 10000
        else:
            unit = _UNITS[sign]
            section += (digit or 1) * unit
            digit, last = 0, unit
    if not text:
        return None
    # 一千二 means 1200: a bare digit after a unit counts in tenths of that unit
    return total + section + digit * (last // 10 if last >= 100 and text[-1] in _DIGITS else 1)


def find_amount(text: str) -> str:
    """The amount in the currency's unit, as plain digits (`1234.50`); empty when none or more than one is named."""
    amounts = []
    for pattern in _AMOUNTS:
        for hit in pattern.finditer(text):
            amounts.append(Decimal(hit.group(1)) * _TIMES.get(hit.group(2) or "", 1))
    for hit in (*_HAN_AMOUNT.finditer(text), *_HAN_PAID.finditer(text)):
        number = han_number(hit.group(1))
        if number:
            amounts.append(Decimal(number))
    if not amounts:
        amounts = [Decimal(hit.group(1)) * _TIMES[hit.group(2)] for hit in _BARE.finditer(text)]
    distinct = set(amounts)
    if len(distinct) != 1:
        return ""
    (amount,) = distinct
    if amount <= 0:
        return ""
    return f"{int(amount)}" if amount == int(amount) and amount.as_tuple().exponent != -2 else f"{amount:f}"


def find_day(text: str, today: date, language: str) -> date | None:
    """The one day that is named; None when none is, when it is past, too far away, or in doubt."""
    days = {
        day for day in (*_near(text, today), *_named(text, today, language), *_weekdays(text, today)) if day
    }
    if len(days) != 1:
        return None
    (day,) = days
    return day if today <= day <= today + FURTHEST else None


def _near(text: str, today: date) -> list[date]:
    days = []
    left = text
    for word, ahead in _NEAR.items():
        pattern = rf"\b{word}\b" if word.isascii() else word
        if re.search(pattern, left):
            days.append(today + timedelta(days=ahead))
            left = re.sub(pattern, " ", left)
    for hit in re.finditer(rf"(\d{{1,2}}|{_HAN_NUMBER})天(?:以?后|内|之内|以内)", text):
        said = int(hit.group(1)) if hit.group(1).isdigit() else han_number(hit.group(1))
        days.append(today + timedelta(days=said or 0))
    for hit in re.finditer(r"\bin (\d{1,2}|a|two|three|four|five) days?\b", text):
        ahead = {"a": 1, "two": 2, "three": 3, "four": 4, "five": 5}.get(hit.group(1)) or int(hit.group(1))
        days.append(today + timedelta(days=ahead))
    if re.search(r"下个?月(?:底|末)", text):
        days.append(_last(_after(today.replace(day=1))))
    elif re.search(r"月(?:底|末)|\bend of (?:the |this )?month\b|\bmonth end\b", text):
        days.append(_last(today))
    return days


def _last(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _after(first: date) -> date:
    """The first of the month after."""
    return _last(first) + timedelta(days=1)


def _on(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(month: int, day: int, today: date) -> date | None:
    """That day of that month, this year or next, whichever comes."""
    this = _on(today.year, month, day)
    return this if this is not None and this >= today else _on(today.year + 1, month, day)


def _of_month(day: int, today: date, *, next_month: bool) -> date | None:
    """That day of this month, or of the next when it is past or said so."""
    this = _on(today.year, today.month, day)
    if this is not None and this >= today and not next_month:
        return this
    after = _after(today)
    return _on(after.year, after.month, day)


def _named(text: str, today: date, language: str) -> list[date | None]:
    days = []
    for hit in re.finditer(r"(\d{1,2})月(\d{1,2})(?:[号日])?", text):
        days.append(_coming(int(hit.group(1)), int(hit.group(2)), today))
    alone = re.sub(r"\d{1,2}月\d{1,2}[号日]?", " ", text)
    for hit in re.finditer(rf"(下个?月)?(\d{{1,2}}|{_HAN_NUMBER})[号日](?!线)", alone):
        day = int(hit.group(2)) if hit.group(2).isdigit() else han_number(hit.group(2)) or 0
        days.append(_of_month(day, today, next_month=bool(hit.group(1))))
    months = "|".join(_MONTHS)
    for hit in re.finditer(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({months})[a-z]*\b", alone):
        days.append(_coming(_MONTHS.index(hit.group(2)) + 1, int(hit.group(1)), today))
    for hit in re.finditer(rf"\b({months})[a-z]* (\d{{1,2}})(?:st|nd|rd|th)?\b", alone):
        days.append(_coming(_MONTHS.index(hit.group(1)) + 1, int(hit.group(2)), today))
    alone = re.sub(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{months})[a-z]*|\b(?:{months})[a-z]* \d{{1,2}}(?:st|"
        rf"nd|rd|th)?",
        " ",
        alone,
    )
    for hit in re.finditer(r"\b(\d{1,2})(?:st|nd|rd|th)\b", alone):
        days.append(_of_month(int(hit.group(1)), today, next_month="next month" in alone))
    if language.startswith("zh"):
        for hit in re.finditer(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/])", alone):
            days.append(_coming(int(hit.group(1)), int(hit.group(2)), today))
    return days


def _weekdays(text: str, today: date) -> list[date]:
    days = []
    monday = today - timedelta(days=today.weekday())
    for hit in re.finditer(r"((?:下个?)+|这个?|本)?(?:周|星期|礼拜)([一二三四五六日天])", text):
        weekday = _WEEKDAYS_ZH.index(hit.group(2).replace("天", "日"))
        day = monday + timedelta(days=weekday)
        weeks = (hit.group(1) or "").count("下")
        days.append(day + timedelta(days=7 * (weeks or int(day < today))))
    names = "|".join((*_WEEKDAYS_EN, *_WEEKDAYS_ES))
    for hit in re.finditer(rf"\b(next )?({names})( after next| week)?\b", text):
        named = _WEEKDAYS_EN if hit.group(2) in _WEEKDAYS_EN else _WEEKDAYS_ES
        day = monday + timedelta(days=named.index(hit.group(2)))
        if hit.group(3) == " after next":
            day += timedelta(days=14)
        elif hit.group(1) or hit.group(3) or day < today:
            day += timedelta(days=7)
        days.append(day)
    return days
