"""What a header means: the dictionary of header_words.yaml, and how near a header is to its words."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from forbear.core.files import yaml_text

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """`headers` by meaning: each word as its plain parts. `statuses` and `signs` by the source's word."""

    headers: dict[str, tuple[tuple[str, ...], ...]]
    statuses: dict[str, str]
    signs: dict[str, str]


@cache
def dictionary() -> Dictionary:
    """The words that ship."""
    text = (files("forbear.interchange.mapping") / "header_words.yaml").read_text(encoding="utf-8")
    read = yaml_text.load(text)
    _SHORT.update({str(short): str(word) for short, word in read["short"].items()})
    return Dictionary(
        {meaning: tuple(parts(str(word)) for word in words) for meaning, words in read["headers"].items()},
        {_word(str(word)): becomes for becomes, words in read["statuses"].items() for word in words},
        {str(sign): code for sign, code in read["signs"].items()},
    )


_SHORT: dict[str, str] = {}
#: Codes that are no words of headers themselves, as `try` and `all` would be.
_CODES = {
    "usd",
    "eur",
    "gbp",
    "cny",
    "rmb",
    "ngn",
    "kes",
    "ugx",
    "tzs",
    "ghs",
    "zar",
    "inr",
    "pkr",
    "bdt",
    "lkr",
    "php",
    "idr",
    "myr",
    "thb",
    "vnd",
    "mxn",
    "brl",
    "cop",
    "kzt",
    "uah",
    "pln",
    "czk",
    "egp",
    "aed",
    "sar",
    "jpy",
    "krw",
    "hkd",
}
#: Whose a column is says nothing of what it is: customer_city is a city.
_WHOSE = {"customer", "borrower", "client", "applicant", "member", "user", "loan", "contact"}


def _word(text: str) -> str:
    return " ".join(re.sub(r"[_-]+", " ", text.casefold()).split())


def parts(header: str) -> tuple[str, ...]:
    """A header's plain words: dueDate, due_date and Due Date are the same; Chinese stays in one piece."""
    if _CHINESE.search(header):
        return (
            "".join(re.findall(r"[\u4e00-\u9fffA-Za-z0-9]", re.sub(r"[（(].*?[)）]", "", header))).casefold(),
        )
    spaced = _CAMEL.sub(" ", re.sub(r"\(.*?\)", " ", header))
    words = re.findall(r"[a-z]+|[0-9]+", spaced.casefold())
    if len(words) > 1 and words[-1] in _CODES:
        words.pop()
    return tuple(_SHORT.get(word, word) for word in words)


def currency_in(header: str) -> str:
    """The currency that stands at the end of a header, as in loan_amount_ngn; "" for none."""
    words = re.findall(r"[a-z]+", _CAMEL.sub(" ", header).casefold())
    return words[-1].upper() if len(words) > 1 and words[-1] in _CODES else ""


def nearness(header: str, meaning: str) -> float:
    """From 0 to 1: how surely a header has this meaning."""
    known, mine = dictionary().headers[meaning], parts(header)
    if not mine:
        return 0.0
    best = 0.0
    for place, word in enumerate(known):
        if word == mine:
            # what stands first in the dictionary is the surest
            return 1.0 - min(place, 30) * 0.001
        if "".join(word) == "".join(mine):
            best = max(best, 0.95)
        elif _CHINESE.search(word[0]) and _CHINESE.search(mine[0]):
            shorter, longer = sorted((mine[0], word[0]), key=len)
            if shorter in longer and len(shorter) >= 2:
                best = max(best, 0.85 * len(shorter) / len(longer))
        elif len(mine) > 1 and mine[0] in _WHOSE and word == mine[1:]:
            best = max(best, 0.9)
        elif set(word) <= set(mine) and len(word) > 1:
            best = max(best, 0.9 * len(word) / len(mine))
        elif set(word) <= set(mine):
            best = max(best, 0.6 * len(word) / len(mine))
    return best


def status_of(word: str) -> str:
    """The feed's status for a word of a lender's; "" where the dictionary hasn't it."""
    return dictionary().statuses.get(_word(word), "")
