"""The words of a condition: cuts a text into pieces and refuses, with its place, what the language lacks.

This comes before the SQL parser so that each refusal can point at the very character, and so that the parser
only ever sees short, shallow text made of known words.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass

from forbear.core.facts import FACTS

FUNCTIONS = ("abs", "least", "greatest")
KEYWORDS = ("and", "or", "not", "between", "in", "true", "false")
COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%")

MAX_LENGTH = 4000
MAX_DIGITS = 12
MAX_DECIMALS = 6

#: Words of SQL that people try, and what to write instead.
_REFUSED_WORDS = {
    "null": "a fact is never null; compare it with its default",
    "is": "write `=`, or the fact alone if it is true or false",
    "like": "compare text with `=`, `<>` or `in`",
    "ilike": "compare text with `=`, `<>` or `in`",
    "case": "use `and` and `or`",
    "when": "a strategy's `when:` holds one condition; join several with `and`",
    "cast": "facts already have their type",
    "select": "a condition can only read facts",
    "exists": "a condition can only read facts",
    "xor": "write `a <> b`",
}

_REFUSED_SIGNS = {
    '"': "facts are written plain and text in 'single quotes'",
    "`": "facts are written plain and text in 'single quotes'",
    ";": "write one condition only",
    "==": "write `=`",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    ".": "a fact has no dots in its name",
    "#": "a comment can't be part of a condition",
}

_TYPOGRAPHIC = {"‘": "'", "’": "'", "“": "'", "”": "'", "。": ".", "、": ","}

_PIECE = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<comment>--|/\*)
      | (?P<text>'(?:[^']|'')*')
      | (?P<open_text>')
      | (?P<number>\d[\w.]*|\.\d[\w.]*)
      | (?P<word>[^\W\d]\w*)
      | (?P<sign><>|!=|<=|>=|==|//|[-+*/%<>=(),])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, number, text or sign, with its place in the condition (``end`` exclusive).

    ``kind`` is a keyword itself (``and`` ... ``in``), or one of fact, function, truth, number, text,
    comparison, arithmetic, ``(``, ``)``, ``,``.
    """

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at one place of a condition's text, and how to mend it."""

    what: str
    offset: int


class ConditionMistakes(ValueError):
    """A condition that can't be used; carries every mistake found. Only ``condition.parse`` catches it."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(mistake.what for mistake in mistakes))
        self.mistakes = mistakes


def refuse(what: str, offset: int) -> ConditionMistakes:
    """The exception for a single mistake, ready to be raised."""
    return ConditionMistakes(Mistake(what, offset))


def nearest(word: str, candidates: list[str] | tuple[str, ...]) -> str:
    """`; did you mean ...?` with the candidate most like ``word``, or nothing when none is near."""
    found = difflib.get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return f"; did you mean `{found[0]}`?" if found else ""


def cut(text: str, known: frozenset[str]) -> list[Piece]:
    """Cut a condition into pieces, all of them words of the language and facts known at ``known`` times.

    Raises ConditionMistakes with every unknown or forbidden piece, not only the first.
    """
    if len(text) > MAX_LENGTH:
        raise refuse(f"a condition has at most {MAX_LENGTH} characters, this one has {len(text)}", 0)
    pieces: list[Piece] = []
    mistakes: list[Mistake] = []
    for match in _PIECE.finditer(text):
        if match.lastgroup == "space":
            continue
        opens = text[match.end() :].lstrip(" \t\r\n").startswith("(")
        try:
            kind = _kind(match.lastgroup, match.group(), opens, known)
        except _Refused as refused:
            mistakes.append(Mistake(str(refused), match.start()))
            if match.lastgroup in ("comment", "open_text"):
                break  # what follows is inside it, so it can't be judged
        else:
            pieces.append(Piece(kind, match.group(), match.start(), match.end()))
    if mistakes:
        raise ConditionMistakes(*mistakes)
    if not pieces:
        raise refuse("the condition is empty; write `true` for always", 0)
    return pieces


class _Refused(ValueError):
    """A piece that the language lacks; its place is added by ``cut``."""


def _kind(group: str | None, word: str, opens: bool, known: frozenset[str]) -> str:
    """The kind of a piece; ``opens`` says that a parenthesis follows it."""
    if group == "word":
        return _word_kind(word, opens, known)
    if group == "number":
        return _number_kind(word)
    if group == "sign":
        return _sign_kind(word)
    if group == "text":
        if not word.isprintable():
            raise _Refused("a text can't hold line breaks or control characters")
        return "text"
    if group == "comment":
        raise _Refused("a comment can't be part of a condition; in YAML write it after #")
    if group == "open_text":
        raise _Refused("this text has no closing quote `'`")
    raise _Refused(_why_no_sign(word))


def _word_kind(word: str, opens: bool, known: frozenset[str]) -> str:
    lower = word.lower()
    if lower in ("true", "false"):
        return "truth"
    if lower in KEYWORDS:
        return lower
    if lower in FUNCTIONS:
        if not opens:
            raise _Refused(f"`{word}` is a function; write `{lower}(...)`")
        return "function"
    if word in FACTS:
        if opens:
            raise _Refused(f"`{word}` is a fact, not a function; write it without parentheses")
        if FACTS[word].known not in known:
            raise _Refused(_why_not_known(word))
        return "fact"
    if lower in _REFUSED_WORDS:
        raise _Refused(f"`{word}` is not part of the rule language; {_REFUSED_WORDS[lower]}")
    if opens:
        hint = nearest(word, FUNCTIONS) or f"; the functions are {', '.join(FUNCTIONS)}"
        raise _Refused(f"unknown function `{word}`{hint}")
    usable = [name for name, fact in FACTS.items() if fact.known in known]
    raise _Refused(f"unknown fact `{word}`{nearest(word, [*usable, *KEYWORDS])}")


def _why_not_known(word: str) -> str:
    """Why a real fact can't be used here."""
    when = {
        "moment": "only at the moment of contact; it belongs in a rule pack",
        "desk": "only to the desk's database",
        "night": "only from the night's computation",
    }[FACTS[word].known]
    return f"`{word}` can't be used here: it is known {when}"


def _number_kind(word: str) -> str:
    """Plain decimals only, short enough that no computation can overflow."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", word):
        raise _Refused(f"`{word}` is not a plain number; write digits and at most one point, as 5000.00")
    whole, _, decimals = word.partition(".")
    if len(whole) > MAX_DIGITS or len(decimals) > MAX_DECIMALS:
        raise _Refused(
            f"`{word}` is too long; a number has at most {MAX_DIGITS} digits before the point "
            f"and {MAX_DECIMALS} after it"
        )
    return "number"


def _sign_kind(word: str) -> str:
    if word in COMPARISONS:
        return "comparison"
    if word in ARITHMETIC:
        return "arithmetic"
    if word in ("(", ")", ","):
        return word
    raise _Refused(_why_no_sign(word))


def _why_no_sign(word: str) -> str:
    """Why a sign is refused; full-width punctuation gets its plain form named."""
    plain = _TYPOGRAPHIC.get(word, unicodedata.normalize("NFKC", word))
    if plain != word and plain.isascii():
        return f"`{word}` is a full-width or typographic sign; write `{plain}`"
    shown = word if word.isprintable() else f"U+{ord(word[0]):04X}"
    hint = _REFUSED_SIGNS.get(word, "the signs are + - * / % = <> < <= > >= ( ) ,")
    return f"`{shown}` is not part of the rule language; {hint}"
