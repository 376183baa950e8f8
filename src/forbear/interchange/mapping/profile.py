"""What a sample's values are: dates of which style, amounts with which marks, words, numbers, telephones."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from forbear.interchange.mapping.date_styles import NUMBERS, engine_style, exact_length

#: Styles that samples are tried with, in this order; of two that fit, the first is proposed and the other said.
STYLES = (
    *("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYY年MM月DD日", "YYYYMMDD"),
    *(
        "DD/MM/YYYY",
        "MM/DD/YYYY",
        "DD-MM-YYYY",
        "MM-DD-YYYY",
        "DD.MM.YYYY",
        "DD/MM/YY",
        "MM/DD/YY",
        "DD-MM-YY",
        "MM-DD-YY",
    ),
    *(
        "DD-MON-YYYY",
        "DD MON YYYY",
        "DD-MON-YY",
        "MON-YYYY",
        "MON-YY",
        "MON DD YYYY",
        "MON DD, YYYY",
        "DD MONTH YYYY",
        "MONTH DD, YYYY",
    ),
)
#: Numbers that are dates only where the header says so.
NUMBER_STYLES = ("YYMMDD", "unix", "unix_ms", "excel")
_RANGES = {"unix": (6e8, 3e9), "unix_ms": (6e11, 3e12), "excel": (25_000, 80_000)}
_ENOUGH = 0.95
_LOOKED_AT = 1_000
_TIME = re.compile(r"[T ]+\d{1,2}:\d{2}.*$")
_SIGNS = "¥￥$€£₦₹₱฿元 "


@dataclass(frozen=True, slots=True)
class AmountStyle:
    """How amounts are written: marks, signs around them, the most decimals, the share of negative ones."""

    decimal: str
    thousands: str
    strip: tuple[str, ...]
    exponent: bool
    places: int
    negative: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Of one column: shares are of its rows. `words` are its values where they are few."""

    name: str
    filled: float
    distinct: float
    examples: tuple[str, ...]
    styles: tuple[str, ...] = ()
    number_styles: tuple[str, ...] = ()
    amount: "AmountStyle | None" = None
    is_whole: bool = False
    words: Counter[str] = field(default_factory=Counter)
    is_phone: bool = False
    is_email: bool = False
    time_of_day: bool = False
    offset: bool = False

    @property
    def is_date(self) -> bool:
        return bool(self.styles)

    @property
    def is_amount(self) -> bool:
        return self.amount is not None

    @property
    def places(self) -> int:
        """The most decimals of its amounts."""
        return self.amount.places if self.amount else 0

    @property
    def negative(self) -> float:
        """The share of its amounts below zero."""
        return self.amount.negative if self.amount else 0.0


def profile(name: str, values: list[str], rows: int) -> Profile:
    """The profile of a column whose filled texts are `values`, in a sample of `rows` rows."""
    looked = values[:_LOOKED_AT]
    distinct = Counter(values)
    examples = tuple(islice(distinct, 5))
    words = distinct if len(distinct) <= 30 and len(distinct) <= max(4, len(values) // 2) else Counter()
    if not looked:
        return Profile(name, 0.0, 0.0, ())
    amount = _amount(looked)
    whole = _share(looked, lambda text: bool(re.fullmatch(r"[+-]?\d+([.]0+)?", text))) >= _ENOUGH
    plain = [_TIME.sub("", text) for text in looked]
    return Profile(
        name,
        len(values) / max(1, rows),
        len(distinct) / max(1, len(values)),
        examples=examples,
        styles=_best(STYLES, plain),
        number_styles=_best(NUMBER_STYLES, plain) if whole else (),
        is_whole=whole,
        words=words,
        is_phone=_share(looked, _like_phone) >= 0.8,
        is_email=_share(looked, lambda text: "@" in text and "." in text) >= 0.8,
        time_of_day=plain != looked
        and any(not re.search(r"[T ]0?0:00(:00)?", text) for text in looked if ":" in text),
        offset=any(re.search(r":\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$", text) for text in looked[:50]),
        amount=amount,
    )


def _share(values: list[str], fits: Callable[[str], object]) -> float:
    """The share of values that fit; in a small sample one that doesn't is no evidence."""
    bad = sum(not fits(value) for value in values)
    return 1.0 if len(values) >= 4 and bad == 1 else 1 - bad / len(values)


def _like_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return bool(re.fullmatch(r"[+0-9() .-]{8,20}", text)) and 10 <= len(digits) <= 13 and "." not in text


def _best(styles: Sequence[str], values: list[str]) -> tuple[str, ...]:
    """The styles in which nearly all values are days; of those that differ in a value, the ones that read most."""
    days = {style: sum(is_day(style, text) for text in values) for style in styles}
    most = max(days.values())
    fits = _share(values, lambda text: any(is_day(style, text) for style in styles if days[style] == most))
    return tuple(style for style in styles if days[style] == most) if most and fits >= _ENOUGH else ()


def is_day(style: str, text: str) -> bool:
    """Whether a text is a day of this style within a lifetime of now."""
    if style in NUMBERS:
        low, high = _RANGES[style]
        try:
            return low <= float(text) <= high
        except ValueError:
            return False
    length = exact_length(style)
    if length and len(text) != length:
        return False
    try:
        day = datetime.strptime(text, engine_style(style)).replace(tzinfo=UTC)
    except ValueError:
        return False
    return 1930 <= day.year <= 2100


def _amount(values: list[str]) -> AmountStyle | None:
    """How amounts are written, where nearly all values are amounts."""
    stripped = [value.strip(_SIGNS) for value in values]
    stripped = [f"-{v[1:-1].strip(_SIGNS)}" if v.startswith("(") and v.endswith(")") else v for v in stripped]
    signs = sorted({mark for value in values for mark in value if mark in _SIGNS.strip()})
    power = any(re.fullmatch(r"[+-]?\d+([.]\d+)?[eE][+-]?\d+", value) for value in stripped)
    for decimal, thousands in (
        (".", ""),
        (".", ","),
        (",", ""),
        (",", "."),
        (",", " "),
        (".", " "),
        (".", "'"),
    ):
        mark = re.escape(thousands)
        whole = rf"(\d+|\d{{1,3}}({mark}\d{{2,3}})*{mark}\d{{3}})" if thousands else r"\d+"
        shape = re.compile(rf"[+-]?{whole}({re.escape(decimal)}\d*)?([eE][+-]?\d+)?")
        if _share(stripped, shape.fullmatch) >= _ENOUGH:
            places = max(
                (
                    len(v.rpartition(decimal)[2].rstrip("0"))
                    for v in filter(shape.fullmatch, stripped)
                    if decimal in v and "e" not in v.lower()
                ),
                default=0,
            )
            negative = _share(stripped, lambda value: value.startswith("-"))
            return AmountStyle(decimal, thousands, tuple(signs), power, places, negative)
    return None
