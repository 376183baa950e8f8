"""What a person can be found by, as somebody on the telephone gives it: parts of a name, the ends of numbers.

Only digests of these terms are kept, made with a key, so nothing can be read out of the index. The same functions make
the terms of a person and of what somebody typed.
"""

import re
import unicodedata
from collections.abc import Iterable

from forbear.core.base.keyed import Keys, keyed_digest
from forbear.core.content.sound import syllable
from forbear.core.facts.phone import PhoneNumber, read_phone

#: How many last digits of a number find it: what people read out.
LAST_DIGITS = (4, 6)
#: Typed digits of this number and more are a whole number.
_WHOLE_NUMBER = 7
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def plain(text: str) -> str:
    """A text without differences that nobody hears: width, case, accents."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Mn").strip()


def name_terms(name: str) -> set[str]:
    """The terms of a name: the whole, each word, a Chinese given name alone, and how Chinese signs are pronounced.

    `王小明` is found by 王小明, 小明, wangxiaoming and xiaoming; `Anna-Lena O'Neil` by each of its words.
    """
    text = plain(name)
    words = _WORDS.findall(text)
    if not words:
        return set()
    found = {"".join(words), *words}
    for word in words:
        if _HAN.search(word):
            given = word[1:] if len(word) > 1 else word
            found |= {given, _sound(word), _sound(given)} if len(word) > 2 else {_sound(word)}
    return {f"name:{term}" for term in found if term}


def number_terms(kind: str, number: str) -> set[str]:
    """The terms of a number (an ID number, a loan's) by its whole and its last signs; "" has none."""
    signs = "".join(sign for sign in plain(number) if sign.isalnum())
    if not signs:
        return set()
    found = {f"{kind}:{signs}"}
    return found | {f"last:{signs[-length:]}" for length in LAST_DIGITS if len(signs) > length}


def phone_terms(e164: str) -> set[str]:
    """The terms of a telephone number in E.164: the whole and its last digits."""
    digits = e164.lstrip("+").split(";", maxsplit=1)[0]
    return {
        f"phone:+{digits}",
        *(f"last:{digits[-length:]}" for length in LAST_DIGITS if len(digits) > length),
    }


def typed_terms(text: str, country: str) -> list[set[str]]:
    """For each word that somebody typed, the terms it may be; a person is found who has one of each word's.

    `country` (ISO 3166) is where a number without a country code belongs. A word that can be nothing gives an empty
    set: nobody is found by it. At most eight words count.
    """
    number = _one_number(text, country)
    if number:
        return [number]
    return [_word_terms(word, country) for word in plain(text).split()[:8]]


def term_digest(term: str, keys: Keys) -> str:
    """The name of a term in the index: 16 hex digits that only the holder of the keys can make."""
    return keyed_digest(f"search:{term}", keys, 8)


def digests(terms: Iterable[str], keys: Keys) -> list[str]:
    """The digests of several terms, in order."""
    return sorted(term_digest(term, keys) for term in terms)


def _one_number(text: str, country: str) -> set[str]:
    """The terms of a text that is one telephone number, spaces and all; none when it is no number."""
    digits = [sign for sign in plain(text) if sign.isdecimal()]
    letters = any(sign.isalpha() for sign in text)
    if len(digits) < _WHOLE_NUMBER or letters:
        return set()
    read = read_phone(text, country)
    found = {f"id:{''.join(digits)}", f"loan:{''.join(digits)}"}
    return found | ({f"phone:{read.e164}"} if isinstance(read, PhoneNumber) else set())


def _word_terms(word: str, country: str) -> set[str]:
    signs = "".join(sign for sign in word if sign.isalnum())
    if not signs:
        return set()
    if number := _one_number(word, country):
        return number
    found = {f"loan:{signs}", f"id:{signs}"}
    if len(signs) in LAST_DIGITS:
        found.add(f"last:{signs}")
    if not signs.isdecimal():
        found |= {f"name:{signs}", f"name:{word}"}
    return found


def _sound(word: str) -> str:
    return "".join(syllable(sign) if _HAN.match(sign) else sign for sign in word)
