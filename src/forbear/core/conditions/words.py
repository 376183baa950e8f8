"""The words of a condition: cuts a text into pieces and refuses, with its place, what the language lacks.

This comes before the SQL parser so that each refusal can point at the very character, and so that the parser
only ever sees short, shallow text made of known words.
"""

import re
import unicodedata
from dataclasses import dataclass

from forbear.core.base.problem import Problem
from forbear.core.facts.vocabulary import FACTS
from forbear.core.files.hints import hinted, nearest, nearest_zh

FUNCTIONS = ("abs", "least", "greatest")
KEYWORDS = ("and", "or", "not", "between", "in", "true", "false")
COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%")

MAX_LENGTH = 4000
MAX_DIGITS = 12
MAX_DECIMALS = 6

#: Words of SQL that people try, and what to write instead.
_REFUSED_WORDS = {
    "null": Problem("a fact is never null; compare it with its default", "事实从不为空，请与其默认值比较"),
    "is": Problem(
        "write `=`, or the fact alone if it is true or false", "请写 `=`；若事实只有真假，单独写出即可"
    ),
    "like": Problem("compare text with `=`, `<>` or `in`", "文本请用 `=`、`<>` 或 `in` 比较"),
    "ilike": Problem("compare text with `=`, `<>` or `in`", "文本请用 `=`、`<>` 或 `in` 比较"),
    "case": Problem("use `and` and `or`", "请用 `and` 和 `or`"),
    "when": Problem(
        "a strategy's `when:` holds one condition; join several with `and`",
        "策略的 `when:` 只放一个条件，多个条件请用 `and` 连接",
    ),
    "cast": Problem("facts already have their type", "事实已有类型"),
    "select": Problem("a condition can only read facts", "条件只能读取事实"),
    "exists": Problem("a condition can only read facts", "条件只能读取事实"),
    "xor": Problem("write `a <> b`", "请写 `a <> b`"),
}

_REFUSED_SIGNS = {
    '"': Problem(
        "facts are written plain and text in 'single quotes'", "事实直接写名称，文本写在 '单引号' 里"
    ),
    "`": Problem(
        "facts are written plain and text in 'single quotes'", "事实直接写名称，文本写在 '单引号' 里"
    ),
    ";": Problem("write one condition only", "只写一个条件"),
    "==": Problem("write `=`", "请写 `=`"),
    "&": Problem("write `and`", "请写 `and`"),
    "|": Problem("write `or`", "请写 `or`"),
    "!": Problem("write `not`", "请写 `not`"),
    ".": Problem("a fact has no dots in its name", "事实名称里没有点号"),
    "#": Problem("a comment can't be part of a condition", "条件里不能有注释"),
}
_SIGNS = Problem(
    "the signs are + - * / % = <> < <= > >= ( ) ,", "可用的符号有 + - * / % = <> < <= > >= ( ) ,"
)

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
        super().__init__("; ".join(mistake.what.message for mistake in mistakes))
        self.mistakes = mistakes


def refuse(what: str, zh: str, offset: int) -> ConditionMistakes:
    """The exception for a single mistake, told in English and Chinese, ready to be raised."""
    return ConditionMistakes(Mistake(Problem(what, zh), offset))


def cut(text: str, known: frozenset[str]) -> list[Piece]:
    """Cut a condition into pieces, all of them words of the language and facts known at ``known`` times.

    Raises ConditionMistakes with every unknown or forbidden piece, not only the first.
    """
    if len(text) > MAX_LENGTH:
        raise refuse(
            f"a condition has at most {MAX_LENGTH} characters, this one has {len(text)}",
            f"条件最多 {MAX_LENGTH} 个字符，这一个有 {len(text)} 个",
            0,
        )
    pieces: list[Piece] = []
    mistakes: list[Mistake] = []
    for match in _PIECE.finditer(text):
        if match.lastgroup == "space":
            continue
        opens = text[match.end() :].lstrip(" \t\r\n").startswith("(")
        try:
            kind = _kind(match.lastgroup, match.group(), opens, known)
        except _Refused as refused:
            mistakes.append(Mistake(refused.what, match.start()))
            if match.lastgroup in ("comment", "open_text"):
                break  # what follows is inside it, so it can't be judged
        else:
            pieces.append(Piece(kind, match.group(), match.start(), match.end()))
    if mistakes:
        raise ConditionMistakes(*mistakes)
    if not pieces:
        raise refuse("the condition is empty; write `true` for always", "条件为空；若总是成立请写 `true`", 0)
    return pieces


class _Refused(ValueError):
    """A piece that the language lacks; its place is added by ``cut``."""

    def __init__(self, what: str, zh: str) -> None:
        super().__init__(what)
        self.what = Problem(what, zh)


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
            raise _Refused(
                "a text can't hold line breaks or control characters", "文本里不能有换行或控制字符"
            )
        return "text"
    if group == "comment":
        raise _Refused(
            "a comment can't be part of a condition; in YAML write it after #",
            "条件里不能有注释；在 YAML 里请写在 # 之后",
        )
    if group == "open_text":
        raise _Refused("this text has no closing quote `'`", "这段文本缺少结尾的引号 `'`")
    raise _why_no_sign(word)


def _word_kind(word: str, opens: bool, known: frozenset[str]) -> str:
    lower = word.lower()
    if lower in ("true", "false"):
        return "truth"
    if lower in KEYWORDS:
        return lower
    if lower in FUNCTIONS:
        if not opens:
            raise _Refused(
                f"`{word}` is a function; write `{lower}(...)`", f"`{word}` 是函数，请写成 `{lower}(...)`"
            )
        return "function"
    if word in FACTS:
        if opens:
            raise _Refused(
                f"`{word}` is a fact, not a function; write it without parentheses",
                f"`{word}` 是事实而不是函数，请去掉括号",
            )
        if FACTS[word].known not in known:
            raise _why_not_known(word)
        return "fact"
    if lower in _REFUSED_WORDS:
        instead = _REFUSED_WORDS[lower]
        raise _Refused(
            f"`{word}` is not part of the rule language; {instead}",
            f"规则语言里没有 `{word}`；{instead.message_zh}",
        )
    if opens:
        names = Problem(f"; the functions are {', '.join(FUNCTIONS)}", f"；函数有 {'、'.join(FUNCTIONS)}")
        hint = hinted(word, FUNCTIONS, names)
        raise _Refused(f"unknown function `{word}`{hint}", f"没有函数 `{word}`{hint.message_zh}")
    usable = [name for name, fact in FACTS.items() if fact.known in known]
    raise _Refused(
        f"unknown fact `{word}`{nearest(word, [*usable, *KEYWORDS])}",
        f"没有事实 `{word}`{nearest_zh(word, [*usable, *KEYWORDS])}",
    )


def _why_not_known(word: str) -> _Refused:
    """Why a real fact can't be used here."""
    when, zh = {
        "moment": (
            "only at the moment of contact; it belongs in a rule pack",
            "只有联系的那一刻才知道，应写在规则包里",
        ),
        "desk": ("only to the desk's database", "只有工作台的数据库知道"),
        "night": ("only from the night's computation", "只有夜间运算才知道"),
    }[FACTS[word].known]
    return _Refused(f"`{word}` can't be used here: it is known {when}", f"这里不能用 `{word}`：{zh}")


def _number_kind(word: str) -> str:
    """Plain decimals only, short enough that no computation can overflow."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", word):
        raise _Refused(
            f"`{word}` is not a plain number; write digits and at most one point, as 5000.00",
            f"`{word}` 不是普通数字；只写数字和至多一个小数点，如 5000.00",
        )
    whole, _, decimals = word.partition(".")
    if len(whole) > MAX_DIGITS or len(decimals) > MAX_DECIMALS:
        raise _Refused(
            f"`{word}` is too long; a number has at most {MAX_DIGITS} digits before the point "
            f"and {MAX_DECIMALS} after it",
            f"`{word}` 太长；小数点前最多 {MAX_DIGITS} 位，后最多 {MAX_DECIMALS} 位",
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
            f"`{word}` is a full-width or typographic sign; write `{plain}`",
            f"`{word}` 是全角或排版符号，请写 `{plain}`",
        )
    shown = word if word.isprintable() else f"U+{ord(word[0]):04X}"
    hint = _REFUSED_SIGNS.get(word, _SIGNS)
    return _Refused(
        f"`{shown}` is not part of the rule language; {hint}", f"规则语言里没有 `{shown}`；{hint.message_zh}"
    )
