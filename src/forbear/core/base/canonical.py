"""Canonical JSON (RFC 8785): one value, one spelling, so that what is hashed or signed is the same bytes anywhere.

Only values that have one spelling in every reader are written: no fractions, no number beyond 2^53 - 1.
"""

import json
import re
from functools import lru_cache

#: Whole numbers beyond this are not exact in every reader of JSON.
LARGEST = 2**53 - 1
#: The longest line of an event or a personal value, in bytes.
LONGEST = 1 << 20

_LOST = "\N{REPLACEMENT CHARACTER}"
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_KEY = re.compile(r"[A-Za-z0-9_.@:/-]{1,128}")
_DIGITS = 17


def canonical(value: object) -> bytes:
    """The canonical JSON of a value made of dict, list, text, whole number, truth and None.

    ValueError names what can't be written: fractions, numbers beyond 2^53 - 1, keys that are not plain ASCII
    names, halves of surrogate pairs. Without those the standard library's JSON, sorted, is RFC 8785's: a test
    compares it with the library `rfc8785`, which is written in Python and takes four times as long.
    """
    _check(value, 0)
    return _ENCODE(value).encode("utf-8")


def writable(text: str) -> str:
    """Text from outside as a database and an event can keep it: what no database keeps becomes U+FFFD.

    That is NUL, and halves of surrogate pairs, which broken mail and JSON bring.
    """
    return _UNWRITABLE.sub(_LOST, text)


def _check(value: object, depth: int) -> None:
    # most values of a log are text, and a night writes a hundred thousand events: what is common is asked first
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if depth > 32:
        raise ValueError("nested more than 32 deep")
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError("a number beyond 2^53 - 1")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not _is_name(key):
                raise ValueError("a key that is no plain name")
            if type(item) is not str:
                _check(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth + 1)
    elif not isinstance(value, str):
        raise ValueError(f"a {kind.__name__}, which has no canonical form here")


@lru_cache(4096)
def _is_name(key: str) -> bool:
    return _KEY.fullmatch(key) is not None


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS or abs(int(digits)) > LARGEST:
        raise ValueError("has a number beyond 2^53 - 1")
    return int(digits)


def _no_fraction(digits: str) -> int:
    raise ValueError("has a number that is not whole")


# made once: a log has millions of lines
_DECODE = json.JSONDecoder(parse_int=_whole, parse_float=_no_fraction, parse_constant=_no_fraction).decode
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def read_line(line: bytes, longest: int = LONGEST) -> object:
    """The value of a canonical line of at most `longest` bytes; ValueError, fit to follow the line's place, else.

    A key that stands twice, another order, a space too many: all that has one meaning but two spellings is
    refused, since the written bytes would differ.
    """
    if len(line) > longest:
        raise ValueError(f"is longer than {longest} bytes")
    try:
        text = line.decode("utf-8")
        value = _DECODE(text)
        same = _ENCODE(value) == text
    except json.JSONDecodeError:
        raise ValueError("is not JSON") from None
    except UnicodeError:
        raise ValueError("is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not same:
        raise ValueError("is not in its canonical form")
    return value
