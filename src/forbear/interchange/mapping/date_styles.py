"""Date styles as lenders write them, DD/MM/YYYY and the like, and what the engine needs to read them."""

import re
from datetime import date

#: The parts of a style, and the engine's own sign for each.
_PARTS = {"YYYY": "%Y", "YY": "%y", "MONTH": "%B", "MON": "%b", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d"}
_PART = re.compile("|".join(_PARTS))
#: Styles that are numbers: seconds or milliseconds since 1970, days since 1899-12-30.
NUMBERS = ("unix", "unix_ms", "excel")
ISO = "YYYY-MM-DD"
_EXAMPLE = date(2026, 3, 31)


def unknown_parts(style: str) -> bool:
    """Whether a style is none: it needs a year and a month, and may have no letters beside its parts."""
    if style in NUMBERS:
        return False
    parts = _PART.findall(style)
    rest = _PART.sub("", style)
    years = sum(part.startswith("Y") for part in parts)
    months = sum(part.startswith("M") for part in parts)
    days = sum(part.startswith("D") for part in parts)
    return years != 1 or months != 1 or days > 1 or bool(re.search(r"[A-Za-z0-9%']", rest))


def engine_style(style: str) -> str:
    """The style in the engine's own signs."""
    return _PART.sub(lambda part: _PARTS[part.group()], style)


def exact_length(style: str) -> int:
    """How many characters a value has where nothing stands between its parts; 0 where something does."""
    if _PART.sub("", style) or "MON" in style:
        return 0
    return len(style.replace("D", "DD").replace("DDDD", "DD").replace("M", "MM").replace("MMMM", "MM"))


def example(style: str) -> str:
    """A date in this style, for messages."""
    if style in NUMBERS:
        return {"unix": "1774915200", "unix_ms": "1774915200000", "excel": "46112"}[style]
    return _EXAMPLE.strftime(engine_style(style))
