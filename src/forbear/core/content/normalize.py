"""One spelling for many disguises, with the way back to the letters that were written.

`normal` folds a text: compatibility forms (full-width, circled, mathematical letters) to plain ones,
traditional characters to simplified, accents and invisible signs away, letters that look like Latin ones to
them, a character written in two halves to the one it is. Signs put between Hanzi vanish, words spelt letter by
letter are joined, digits inside words become the letters they stand for. What ends a sentence becomes `.`, a
clause `,`. Each sign of the result knows which signs of the original it stands for.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import opencc

_SIMPLIFY = opencc.OpenCC("t2s")

END, CLAUSE, LIST, BLANK = ".", ",", "、", " "

_ENDS = frozenset(".。!?…\n\r\v\f\x85\u2028\u2029")
_CLAUSES = frozenset(",;:，；：")
_NOTHING = frozenset("'`´‘’ʼ")
_CURRENCY = frozenset("$¥£€")
_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
_SPELT_UNITS = frozenset({"usd", "cny", "rmb", "gbp", "eur", "yuan", "dollars", "bucks", "days", "months"})
# Letters of other scripts that a reader takes for Latin ones.
_LOOKALIKES = str.maketrans(
    "асеорхуікмтвнѕјԁɡɑıɩοαερτυνικωℓ",
    "aceopxyikmtbhsjdgaiioaeptuvikwl",
)
# What OpenCC leaves as it is: old and rare forms of characters.
_VARIANTS = {"灋": "法", "㓥": "杀", "殺": "杀", "迯": "逃", "囬": "回", "妳": "你", "祢": "你"}
# A character written as its halves. Only halves that never stand beside each other in a text.
_HALVES = {
    "氵去": "法",
    "阝完": "院",
    "讠斥": "诉",
    "言斥": "诉",
    "扌丁": "打",
    "扌爪": "抓",
    "扌句": "拘",
    "扌甫": "捕",
    "犭句": "狗",
    "彳聿": "律",
    "半刂": "判",
    "开刂": "刑",
    "亻专": "传",
    "讠正": "证",
    "歹匕": "死",
    "木娄": "楼",
    "氵皮": "泼",
    "讠乍": "诈",
    "扌屈": "掘",
    "犭者": "猪",
    "亻尔": "你",
}
#: The left halves of those.
_HALF = frozenset(pair[0] for pair in _HALVES)
#: What an emoji stands for when it is used as a word, in Chinese and English.
EMOJI_WORDS = {
    "👮": ("警察", "police"),
    "🚔": ("警察", "police"),
    "🚓": ("警察", "police"),
    "🚨": ("警", "police"),
    "💀": ("死", "death"),
    "☠": ("死", "death"),
    "⚰": ("死", "death"),
    "🔪": ("砍", "stab"),
    "🔫": ("枪", "gun"),
    "👊": ("打", "punch"),
    "🐶": ("狗", "dog"),
    "🐷": ("猪", "pig"),
    "🐕": ("狗", "dog"),
    "🐖": ("猪", "pig"),
    "🐴": ("马", "horse"),
    "💊": ("药", "pill"),
}


@dataclass(frozen=True, slots=True)
class Normal:
    """A folded text. Its sign i stands for the original's signs `starts[i]` to before `ends[i]`.

    `joined[i]` is true where letters spelt one by one were put together: words have no edges there.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    joined: tuple[bool, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where signs `start` to before `end` stand in the original."""
        return self.starts[start], self.ends[end - 1]


#: A folded sign: (kind, text, start, end). Kinds: h Hanzi, l letter or digit, m maybe a letter, s separator.
_Sign = tuple[str, str, int, int]


def is_hanzi(sign: str) -> bool:
    """Whether a sign is a Chinese character."""
    return "\u3400" <= sign <= "\u9fff" or sign == "〇" or "\U00020000" <= sign <= "\U0003ffff"


def normal_forms(text: str) -> tuple[Normal, ...]:
    """The folded text; twice when it has emoji that may be words: as words, and as mere separators."""
    folded = _fold_all(text, None)
    plain = _arrange(folded)
    if not any(sign in EMOJI_WORDS for sign in text):
        return (plain,)
    chinese = any(kind == "h" for kind, _, _, _ in folded)
    return (plain, _arrange(_fold_all(text, 0 if chinese else 1)))


def normal_phrase(phrase: str) -> str:
    """A phrase of a rule, folded as texts are."""
    if all(_fold(sign) == (("h", sign),) and sign not in _HALF for sign in phrase):
        return phrase  # plain Hanzi stand for themselves, and most of the phrases are such
    return normal_forms(phrase)[0].text


def _fold_all(text: str, emoji: int | None) -> list[_Sign]:
    signs: list[_Sign] = []
    for at, sign in enumerate(text):
        if emoji is not None and sign in EMOJI_WORDS:
            word = EMOJI_WORDS[sign][emoji]
            kind = "l" if emoji else "h"
            signs.append(("s", BLANK, at, at + 1))
            signs += [(kind, letter, at, at + 1) for letter in word]
            signs.append(("s", BLANK, at, at + 1))
            continue
        for kind, folded in _fold(sign):
            if kind == "+":  # a mark on the sign before: it belongs to that one's place
                if signs:
                    signs[-1] = (*signs[-1][:3], at + 1)
            else:
                signs.append((kind, folded, at, at + 1))
    return _join_halves(signs)


@lru_cache(maxsize=65_536)
def _fold(sign: str) -> tuple[tuple[str, str], ...]:
    """The kinds and texts a sign folds to; kind + is invisible or a mark on what stands before."""
    if sign in _ENDS:
        return (("m" if sign == "!" else "s", "!" if sign == "!" else END),)
    if sign in _CLAUSES:
        return (("s", CLAUSE),)
    if sign == LIST:
        return (("s", LIST),)
    if sign in _NOTHING:
        return (("+", ""),)
    category = unicodedata.category(sign)
    if category in ("Cf", "Mn", "Me", "Mc") or "\ufe00" <= sign <= "\ufe0f":
        return (("+", ""),)
    if "\U0001f1e6" <= sign <= "\U0001f1ff":  # the letters that flags are made of
        return (("l", chr(ord(sign) - 0x1F1E6 + ord("a"))),)
    if sign in _VARIANTS:
        return (("h", _VARIANTS[sign]),)
    parts: list[tuple[str, str]] = []
    for part in unicodedata.normalize("NFKD", sign).casefold().translate(_LOOKALIKES):
        parts += _kinds(part, category)
    return tuple(parts) or (("+", ""),)


def _kinds(part: str, category: str) -> list[tuple[str, str]]:
    """The folded kinds of one sign of a decomposed original of this category."""
    if is_hanzi(part):
        # an enclosed ideograph such as the one for "secret" is a picture, not a word
        return [("s", BLANK)] if category == "So" else [("h", _SIMPLIFY.convert(part)[:1] or part)]
    if part in _CURRENCY:
        return [("m", part)]
    if part in "@*":
        return [("m", part)]
    if part in _NOTHING or unicodedata.category(part) in ("Mn", "Me", "Mc", "Cf"):
        return []
    if part in _ENDS:
        return [("s", END)]
    if part in _CLAUSES:
        return [("s", CLAUSE)]
    return [("l", part)] if part.isalnum() else [("s", BLANK)]


def _join_halves(signs: list[_Sign]) -> list[_Sign]:
    """Two halves of a character put together."""
    if not any(text in _HALF for kind, text, _, _ in signs if kind == "h"):
        return signs
    joined: list[_Sign] = []
    for sign in signs:
        whole = _HALVES.get(joined[-1][1] + sign[1]) if joined and sign[0] == "h" else None
        if whole:
            joined[-1] = ("h", whole, joined[-1][2], sign[3])
        else:
            joined.append(sign)
    return joined


def _arrange(signs: list[_Sign]) -> Normal:
    """Decide about what stands between words, and lay the result out."""
    signs = _settle(signs)
    runs = _runs(signs)
    out: list[tuple[str, int, int, bool]] = []
    spelt = _spelt(runs)
    for place, run in enumerate(runs):
        if run[0][0] != "s":
            together = place in spelt
            out += [(text, start, end, together) for _, text, start, end in run]
            continue
        kept = _between(runs, place, spelt)
        if kept:
            out.append((kept, run[0][2], run[-1][3], False))
    return Normal(
        "".join(text for text, *_ in out),
        tuple(start for _, start, _, _ in out),
        tuple(end for _, _, end, _ in out),
        tuple(joined for *_, joined in out),
    )


def _settle(signs: list[_Sign]) -> list[_Sign]:
    """Make letters or separators of the signs that may be either, and of digits that stand for letters."""
    settled = list(signs)
    last = len(signs) - 1
    for at, (kind, text, start, end) in enumerate(signs):
        if kind == "s" and text in ".," and 0 < at < last and _digit(signs[at - 1]) and _digit(signs[at + 1]):
            settled[at] = ("l", text, start, end)
        if kind == "m" or (kind == "l" and text in _LEET):
            settled[at] = _letter_or_not(signs, at)
    return settled


def _letter_or_not(signs: list[_Sign], at: int) -> _Sign:
    kind, text, start, end = signs[at]
    before = at > 0 and _latin(signs[at - 1])
    after = at + 1 < len(signs) and _latin(signs[at + 1])
    if text in _CURRENCY and not before:
        near = next((sign for sign in signs[at + 1 : at + 3] if sign[1] != BLANK), None)
        return ("l" if near and _digit(near) else "s", text if near and _digit(near) else BLANK, start, end)
    if before and after:
        return ("l", _LEET.get(text, text), start, end)
    if text == "*" and (before or after):
        return ("l", text, start, end)
    if after and (at == 0 or signs[at - 1][0] in "hs") and text != "!":
        rest = "".join(sign[1] for sign in _word_from(signs, at + 1))
        if len(rest) >= 3 and rest not in _SPELT_UNITS:
            return ("l", _LEET.get(text, text), start, end)
    if kind == "m":
        return ("s", END if text == "!" else BLANK, start, end)
    return signs[at]


def _word_from(signs: list[_Sign], at: int) -> list[_Sign]:
    """The letters from a place on, at most a dozen."""
    word: list[_Sign] = []
    while at < len(signs) and signs[at][0] in "lm" and len(word) < 12:
        word.append(signs[at])
        at += 1
    return word


def _latin(sign: _Sign) -> bool:
    return sign[0] == "l" and sign[1].isalpha()


def _digit(sign: _Sign) -> bool:
    return sign[0] == "l" and sign[1].isdigit()


def _runs(signs: list[_Sign]) -> list[list[_Sign]]:
    """Signs grouped into runs of one kind; a run of separators stands between two others."""
    runs: list[list[_Sign]] = []
    for sign in signs:
        if runs and runs[-1][0][0] == sign[0]:
            runs[-1].append(sign)
        else:
            runs.append([sign])
    return runs


def _spelt(runs: list[list[_Sign]]) -> set[int]:
    """The places of single letters, at least three in a row, that were written apart."""
    places: set[int] = set()
    chain: list[int] = []
    for place, run in enumerate([*runs, [("h", "", 0, 0)]]):
        if run[0][0] == "l" and len(run) == 1:
            chain.append(place)
        elif run[0][0] != "s":
            if len(chain) >= 3:
                places.update(chain)
            chain = []
    return places


def _between(runs: list[list[_Sign]], place: int, spelt: set[int]) -> str:
    """What a run of separators becomes: nothing, a blank, or the strongest of its stops."""
    texts = [text for _, text, _, _ in runs[place]]
    strongest = next((stop for stop in (END, CLAUSE, LIST) if stop in texts), BLANK)
    before = runs[place - 1] if place else None
    after = runs[place + 1] if place + 1 < len(runs) else None
    if before is None or after is None:
        return strongest if strongest != BLANK else ""
    if place - 1 in spelt and place + 1 in spelt:
        # among letters written apart the wider gap is the one between words
        return BLANK if len(texts) > 1 and texts.count(BLANK) == len(texts) else ""
    if before[0][0] == after[0][0] == "l":
        return strongest
    if strongest == BLANK:
        return ""
    alone = before[0][0] == after[0][0] == "h" and _alone(runs, place)
    return "" if alone else strongest


def _alone(runs: list[list[_Sign]], place: int) -> bool:
    """Whether a stop stands beside a single Hanzi that is cut off on both sides: 公,安,局."""
    before, after = runs[place - 1], runs[place + 1]
    cut_before = len(before) == 1 and place >= 2 and runs[place - 2][0][0] == "s"
    cut_after = len(after) == 1 and place + 2 < len(runs) and runs[place + 2][0][0] == "s"
    first = len(before) == 1 and place == 1
    last = len(after) == 1 and place + 2 >= len(runs)
    return (
        cut_before
        or cut_after
        or (first and len(runs) > 3 and len(after) == 1)
        or (last and len(before) == 1)
    )
