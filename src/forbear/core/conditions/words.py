"""The words of a condition: cuts a text into pieces and refuses, with its place, what the language lacks.

This comes before the SQL parser so that each refusal can point at the very character, and so that the parser
only ever sees short, shallow text made of known words.
"""

import re
import unicodedata
from dataclasses import dataclass

from forbear.core.base.problem import Phrase, Problem, noop, with_hint
from forbear.core.facts.vocabulary import FACTS
from forbear.core.files.hints import nearest

FUNCTIONS = ("abs", "least", "greatest")
#: Asks for a borrower's arm of an experiment; only a strategy has experiments.
ARM_OF = "arm_of"
KEYWORDS = ("and", "or", "not", "between", "in", "true", "false")
COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%")

MAX_LENGTH = 4000
MAX_DIGITS = 12
MAX_DECIMALS = 6

#: Words of SQL that people try, and what to write instead.
_REFUSED_WORDS = {
    "null": noop("a fact is never null; compare it with its default"),
    "is": noop("write `=`, or the fact alone if it is true or false"),
    "like": noop("compare text with `=`, `<>` or `in`"),
    "ilike": noop("compare text with `=`, `<>` or `in`"),
    "case": noop("use `and` and `or`"),
    "when": noop("a strategy's `when:` holds one condition; join several with `and`"),
    "cast": noop("facts already have their type"),
    "select": noop("a condition can only read facts"),
    "exists": noop("a condition can only read facts"),
    "xor": noop("write `a <> b`"),
}

_REFUSED_SIGNS = {
    '"': noop("facts are written plain and text in 'single quotes'"),
    "`": noop("facts are written plain and text in 'single quotes'"),
    ";": noop("write one condition only"),
    "==": noop("write `=`"),
    "&": noop("write `and`"),
    "|": noop("write `or`"),
    "!": noop("write `not`"),
    ".": noop("a fact has no dots in its name"),
    "#": noop("a comment can't be part of a condition"),
}
_SIGNS = noop("the signs are + - * / % = <> < <= > >= ( ) ,")

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

    what: Problem
    offset: int


class ConditionMistakes(ValueError):
    """A condition that can't be used; carries every mistake found. Only ``condition.parse`` catches it."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(str(mistake.what) for mistake in mistakes))
        self.mistakes = mistakes


def refuse(what: Problem, offset: int) -> ConditionMistakes:
    """The exception for a single mistake, ready to be raised."""
    return ConditionMistakes(Mistake(what, offset))


def cut(text: str, known: frozenset[str], arms: bool = False) -> list[Piece]:
    """Cut a condition into pieces, all of them words of the language and facts known at ``known`` times.

    With ``arms`` it may ask `arm_of('experiment')`.

    Raises ConditionMistakes with every unknown or forbidden piece, not only the first.
    """
    if len(text) > MAX_LENGTH:
        raise refuse(
            Problem(
                "condition_too_long",
                "a condition has at most %(most)s characters, this one has %(length)s",
                most=MAX_LENGTH,
                length=len(text),
            ),
            0,
        )
    pieces: list[Piece] = []
    mistakes: list[Mistake] = []
    for match in _PIECE.finditer(text):
        if match.lastgroup == "space":
            continue
        opens = text[match.end() :].lstrip(" \t\r\n").startswith("(")
        try:
            kind = _kind(match.lastgroup, match.group(), opens, known, arms)
        except _Refused as refused:
            mistakes.append(Mistake(refused.what, match.start()))
            if match.lastgroup in ("comment", "open_text"):
                break  # what follows is inside it, so it can't be judged
        else:
            pieces.append(Piece(kind, match.group(), match.start(), match.end()))
    if mistakes:
        raise ConditionMistakes(*mistakes)
    if not pieces:
        raise refuse(Problem("condition_empty", "the condition is empty; write `true` for always"), 0)
    return pieces


class _Refused(ValueError):
    """A piece that the language lacks; its place is added by ``cut``."""

    def __init__(self, what: Problem) -> None:
        super().__init__(str(what))
        self.what = what


def _kind(group: str | None, word: str, opens: bool, known: frozenset[str], arms: bool) -> str:
    """The kind of a piece; ``opens`` says that a parenthesis follows it."""
    if group == "word":
        return _word_kind(word, opens, known, arms)
    if group == "number":
        return _number_kind(word)
    if group == "sign":
        return _sign_kind(word)
    if group == "text":
        if not word.isprintable():
            raise _Refused(
                Problem("text_with_control_characters", "a text can't hold line breaks or control characters")
            )
        return "text"
    if group == "comment":
        raise _Refused(
            Problem(
                "comment_in_condition", "a comment can't be part of a condition; in YAML write it after #"
            ),
        )
    if group == "open_text":
        raise _Refused(Problem("text_not_closed", "this text has no closing quote `'`"))
    raise _why_no_sign(word)


def _word_kind(word: str, opens: bool, known: frozenset[str], arms: bool) -> str:
    lower = word.lower()
    if lower in ("true", "false"):
        return "truth"
    if lower in KEYWORDS:
        return lower
    functions = (*FUNCTIONS, ARM_OF) if arms else FUNCTIONS
    if lower in functions:
        if not opens:
            raise _Refused(
                Problem(
                    "function_without_parentheses",
                    "`%(word)s` is a function; write `%(function)s(...)`",
                    word=word,
                    function=lower,
                )
            )
        return "function"
    if word in FACTS:
        if opens:
            raise _Refused(
                Problem(
                    "fact_with_parentheses",
                    "`%(word)s` is a fact, not a function; write it without parentheses",
                    word=word,
                ),
            )
        if FACTS[word].known not in known:
            raise _why_not_known(word)
        return "fact"
    if lower in _REFUSED_WORDS:
        raise _Refused(with_hint(_not_in_language(word), _REFUSED_WORDS[lower]))
    if opens:
        listed = Phrase(noop("the functions are %(functions)s"), functions=functions)
        unknown = Problem("function_unknown", "unknown function `%(word)s`", word=word)
        raise _Refused(with_hint(unknown, nearest(word, functions) or listed))
    usable = [name for name, fact in FACTS.items() if fact.known in known]
    unknown = Problem("fact_unknown", "unknown fact `%(word)s`", word=word)
    raise _Refused(with_hint(unknown, nearest(word, [*usable, *KEYWORDS])))


def _not_in_language(word: str) -> Problem:
    return Problem("not_in_language", "`%(word)s` is not part of the rule language", word=word)


def _why_not_known(word: str) -> _Refused:
    """Why a real fact can't be used here."""
    match FACTS[word].known:
        case "moment":
            return _Refused(
                Problem(
                    "fact_known_at_contact",
                    "`%(fact)s` can't be used here: it is known only at the moment of contact; "
                    "it belongs in a rule pack",
                    fact=word,
                )
            )
        case "desk":
            return _Refused(
                Problem(
                    "fact_known_at_desk",
                    "`%(fact)s` can't be used here: it is known only to the desk's database",
                    fact=word,
                )
            )
    return _Refused(
        Problem(
            "fact_known_at_night",
            "`%(fact)s` can't be used here: it is known only from the night's computation",
            fact=word,
        )
    )


def _number_kind(word: str) -> str:
    """Plain decimals only, short enough that no computation can overflow."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", word):
        raise _Refused(
            Problem(
                "number_not_plain",
                "`%(word)s` is not a plain number; write digits and at most one point, as 5000.00",
                word=word,
            ),
        )
    whole, _, decimals = word.partition(".")
    if len(whole) > MAX_DIGITS or len(decimals) > MAX_DECIMALS:
        raise _Refused(
            Problem(
                "number_too_long",
                "`%(word)s` is too long; a number has at most %(digits)s digits before the point "
                "and %(decimals)s after it",
                word=word,
                digits=MAX_DIGITS,
                decimals=MAX_DECIMALS,
            ),
        )
    return "number"


def _sign_kind(word: str) -> str:
    if word in COMPARISONS:
        return "comparison"
    if word in ARITHMETIC:
        return "arithmetic"
    if word in ("(", ")", ","):
        return word
    raise _why_no_sign(word)


def _why_no_sign(word: str) -> _Refused:
    """Why a sign is refused; full-width punctuation gets its plain form named."""
    plain = _TYPOGRAPHIC.get(word, unicodedata.normalize("NFKC", word))
    if plain != word and plain.isascii():
        return _Refused(
            Problem(
                "typographic_sign",
                "`%(word)s` is a full-width or typographic sign; write `%(plain)s`",
                word=word,
                plain=plain,
            ),
        )
    shown = word if word.isprintable() else f"U+{ord(word[0]):04X}"
    return _Refused(with_hint(_not_in_language(shown), _REFUSED_SIGNS.get(word, _SIGNS)))
