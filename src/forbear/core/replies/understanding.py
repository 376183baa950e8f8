"""What somebody means who writes back: one of a few intents, or `unclear`, which a person reads.

Two rules stand above the rest. Whatever smells like stop counts as stop (47 CFR 64.1200(a)(10): any
reasonable means; GB/T 45251-2025 on opting out), also beside other words. And what is not understood is
`unclear`: a wrong guess at "paid" or "wrong person" does harm, a person's minute does not.

No pattern looks across a comma, and what is asked is not what is claimed: "did I pay?" is a question.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from forbear.core.classifier.table import Table
from forbear.core.replies.danger import is_urgent
from forbear.core.replies.dates import find_amount, find_day
from forbear.core.replies.demands import demands
from forbear.core.replies.normalize import LONGEST, normal, one_slip
from forbear.core.replies.quoted import own_part
from forbear.core.replies.second_reader import Suspicion, suspicion
from forbear.core.replies.words import COMMANDS, NOT, POLITE, SAID

#: stop: no more of these. start: takes a stop back. paid: says that it is paid. promise: will pay.
#: wrong_person, deceased, lawyer, dispute, hardship, complaint: as they say. question: asks something.
#: abuse: only insults. unclear: a person reads it.
INTENTS = (
    *(
        "stop",
        "deceased",
        "lawyer",
        "wrong_person",
        "dispute",
        "complaint",
        "hardship",
        "paid",
        "promise",
        "start",
    ),
    *("question", "abuse", "unclear"),
)
#: Below this, staff are asked before anything but a stop follows.
SURE = 70
#: How sure a bare word of command is.
_COMMANDED = 95

#: Beside these, what comes later in INTENTS is said too, not instead.
_STRONG = ("stop", "deceased", "lawyer", "wrong_person", "dispute", "complaint", "hardship")
#: Claims that a question asks about instead of making.
_ASKED = ("paid", "promise", "start", "wrong_person", "deceased", "lawyer")
#: Pairs that one person hardly means at once.
_CONTRADICTIONS = (
    {"paid", "promise"},
    {"wrong_person", "promise"},
    {"wrong_person", "paid"},
    {"wrong_person", "hardship"},
    {"deceased", "promise"},
    {"start", "dispute"},
    {"start", "complaint"},
)
#: What is read as one of these may hide a wish for fewer messages, where it speaks of messages at all.
_MAY_HIDE_STOP = ("question", "paid", "promise", "abuse")
#: What is read as one of these, and reads like a stop the second time, is held until a person has read it.
_MAY_BE_STOP = (*_MAY_HIDE_STOP, "hardship", "complaint", "dispute", "wrong_person")
#: Many things are put as a question or an insult.
_MAY_BE_MORE = ("question", "abuse")
#: After one of these messages end, whichever it is.
_ENDS_CONTACT = ("stop", "cease", "refusal")
#: By how much another meaning has to be likelier, in thousandths of log odds, to put in doubt what patterns understood:
#: measured on lines that neither was made for. A stop is doubted last: of 59 true ones none was.
_AHEAD_OF_QUESTION, _AHEAD, _AHEAD_OF_STOP = 1000, 2000, 3000
_OF_MESSAGES = re.compile(
    r"短信|消息|信息|来电|推送|通知|提醒|邮件|骚扰|轰炸|打扰|发来|天天|没完|"
    r"\b(?:texts?|texting|messages?|messaging|calls?|calling|called|e-?mails?|contact\w*|notifications?|"
    r"alerts?|reminders?|"
    r"bother\w*|sms|spam\w*|mensajes?|llamadas?|llam\w+|escrib\w+|appel\w*|nachrichten?|anruf\w*)\b"
)
_REST = re.compile(r"剩|其余|余下|余款|\b(?:rest|remaining|remainder|balance)\b")
_NUMBER_ONLY = re.compile(r"[\d\s,.+*#]*")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reply means.

    `confidence` is 0 to 100, see `SURE`. `words` are the signs it rests on, in one spelling. `also` are further
    intents said beside the first. `amount` (in the currency's unit, digits) and `day` are those of a promise or
    payment, when one is named without doubt. `urgent`: somebody may be about to harm themselves. `suggested` is what an
    unclear or doubtful reply reads like to the second reader: an intent or a demand for the person who reads it.
    """

    intent: str
    confidence: int
    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    amount: str = ""
    day: date | None = None
    urgent: bool = False
    suggested: str = ""

    def __post_init__(self) -> None:
        assert self.intent in INTENTS, self.intent

    @property
    def needs_person(self) -> bool:
        """Whether a person must read it before, or besides, anything that follows by itself."""
        return self.urgent or self.intent == "unclear" or (self.confidence < SURE and self.intent != "stop")

    @property
    def held_until_read(self) -> bool:
        """Whether nothing but lawful notices may go to the writer's number until a person has read it.

        It may be a stop in words that nobody foresaw. A stop that is understood needs no such hold.
        """
        return self.needs_person and self.intent != "stop" and "stop" not in self.also


@cache
def _patterns(intent: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    denied = NOT.get(intent, ())
    return re.compile("|".join(SAID[intent])), re.compile("|".join(denied)) if denied else None


def understand(
    text: str, language: str = "", today: date | None = None, readers: Mapping[str, Table] | None = None
) -> Understood:
    """Read a reply. `language` helps with dates only; both languages are always looked for.

    `today` is the writer's day, for "tomorrow"; without it no day is given. `readers` are the second reader's tables by
    language. Never fails, whatever the text.
    """
    own = own_part(text)
    plain = normal(own)
    understood = _by_patterns(plain, language, today)
    if readers:
        understood = _read_again(understood, suspicion(plain, readers), demands(text))
    if len(own) > LONGEST and understood.confidence < _COMMANDED:
        return replace(understood, confidence=min(understood.confidence, SURE - 1))
    return understood


def _read_again(understood: Understood, suspected: Suspicion, asked: tuple[str, ...]) -> Understood:
    """With what the second reader suspects: it may raise, suggest and put in doubt.

    What is in doubt waits for a person, and nothing follows from it. A stop in doubt is held until somebody has read
    it, so that nothing goes to the number meanwhile.
    """
    if suspected.urgent and understood.confidence < _COMMANDED:
        understood = replace(understood, urgent=True)
    if suspected.stop and understood.intent in _MAY_BE_STOP and "stop" not in understood.also:
        understood = replace(understood, confidence=min(understood.confidence, SURE - 1))
    if understood.intent == "unclear":
        return replace(understood, suggested=suspected.meaning)
    said = {understood.intent, *understood.also}
    said |= set() if "stop" in said else set(asked)
    ahead = 0 if understood.confidence >= _COMMANDED else suspected.ahead_of(said)
    if "stop" in said and suspected.meaning not in _ENDS_CONTACT:
        if ahead < _AHEAD_OF_STOP:
            return understood
        return Understood(
            "unclear", 0, understood.words, urgent=understood.urgent, suggested=suspected.meaning
        )
    if ahead >= (_AHEAD_OF_QUESTION if understood.intent in _MAY_BE_MORE else _AHEAD):
        doubted = min(understood.confidence, SURE - 1)
        return replace(understood, suggested=suspected.meaning, confidence=doubted)
    return understood


def _by_patterns(plain: str, language: str, today: date | None) -> Understood:
    command = _command(plain)
    if command is not None:
        return Understood(command, _COMMANDED, (plain,))
    if not plain.strip("? ") or _NUMBER_ONLY.fullmatch(plain):
        return Understood("unclear", 0)
    said = {intent: words for intent in SAID if (words := _said(plain, intent))}
    urgent = is_urgent(plain)
    if "question" in said:
        for intent in _ASKED:
            if intent in said and _is_question(plain, said[intent]):
                del said[intent]
    understood = _decided(said, plain, language, today, urgent)
    if understood.intent in _MAY_HIDE_STOP and "stop" not in understood.also and _OF_MESSAGES.search(plain):
        understood = replace(understood, confidence=min(understood.confidence, SURE - 1))
    return understood


def _command(plain: str) -> str | None:
    """The intent of a message that is a command and nothing else but politeness."""
    bare = _bare(plain)
    for intent, words in COMMANDS.items():
        if plain in words or bare in words:
            return intent
    if bare in _bare_stops() or re.fullmatch(r"stop\d{1,2}|(?:td|t|退订?|订)+", bare):
        return "stop"
    repeated = set(bare.split())
    if len(repeated) == 1 and (word := repeated.pop()):
        if word in COMMANDS["stop"]:
            return "stop"
        if (
            word.isascii()
            and word.isalpha()
            and any(one_slip(word, key) for key in ("stop", "unsubscribe", "cancel", "revoke"))
        ):
            return "stop"
    return None


def _bare(plain: str) -> str:
    """The words without politeness around them."""
    return " ".join(POLITE.sub(" ", plain.replace("?", " ").replace(",", " ")).split())


@cache
def _bare_stops() -> frozenset[str]:
    return frozenset(bare for words in COMMANDS["stop"] if (bare := _bare(words)))


def _said(plain: str, intent: str) -> tuple[str, ...]:
    """The words by which an intent is said, what only looks like it left out."""
    pattern, denied = _patterns(intent)
    left = denied.sub(lambda hit: "□" * len(hit.group()), plain) if denied else plain
    return tuple(dict.fromkeys(hit.group().strip() for hit in pattern.finditer(left) if hit.group().strip()))


def _is_question(plain: str, words: tuple[str, ...]) -> bool:
    """Whether the clauses that hold the words are questions."""
    clauses = re.split(r"(?<=\?)|,", plain)
    holding = [clause for clause in clauses if any(word.strip(",") in clause for word in words)]
    question, _ = _patterns("question")
    return bool(holding) and all(question.search(clause) for clause in holding)


def _decided(
    said: dict[str, tuple[str, ...]], plain: str, language: str, today: date | None, urgent: bool
) -> Understood:
    intents = [intent for intent in INTENTS if intent in said]
    if intents and intents != ["abuse"]:
        intents = [intent for intent in intents if intent != "abuse"] + (
            ["abuse"] if "abuse" in intents else []
        )
    if not intents:
        return Understood("unclear", 0, urgent=urgent)
    first, *rest = intents
    words = said[first]
    if "stop" not in intents and any(pair <= set(intents) for pair in _CONTRADICTIONS):
        return Understood("unclear", 30, words, tuple(intents), urgent=urgent)
    if first == "question" and rest == []:
        return Understood("question", 80, words, urgent=urgent)
    also = tuple(intent for intent in rest if intent != "question" or first not in _STRONG)
    confidence = 90 if first in ("stop", "deceased", "lawyer") else 85
    if first in ("paid", "promise", "start") and "question" in intents:
        confidence = 60
    amount = find_amount(plain) if {"paid", "promise"} & set(intents) else ""
    day = find_day(plain, today, language) if "promise" in intents and today is not None else None
    if amount and day is not None and _REST.search(plain):
        amount, day, confidence = "", None, 60  # two sums by two days: whose is which is for a person
    if first == "promise" and not amount and day is None and not _names_time(plain):
        confidence = 60
    return Understood(first, confidence, words, also, amount, day, urgent)


@cache
def _time_pattern() -> re.Pattern[str]:
    return re.compile(
        r"今|明|后天|周|星期|礼拜|月底|\d+[号日天]|工资|today|tonight|tomorrow|day\b|week|month|\d(?:st|"
        r"nd|rd|th)"
    )


def _names_time(plain: str) -> bool:
    """Whether any time is named at all, be it one that is no certain day."""
    return _time_pattern().search(plain) is not None
