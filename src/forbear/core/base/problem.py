"""Problems as values: what a person can put right is returned, not raised.

`Problem` says what is wrong with a piece of input. `Refusal` says which rule forbids an act, where that
rule is written and until when it holds. Both carry a code that programs match on, and an English sentence
with named values. The sentence in a reader's language is made where it is read. A broken promise inside the
program is an assertion instead.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce


class MessageId(str):
    """An English text that the catalogue translates. A plain `str` is data and stays as it is."""

    __slots__ = ()


def noop(text: str) -> MessageId:
    """Mark an English text for the catalogue, to be translated where it is read."""
    return MessageId(text)


@dataclass(frozen=True, slots=True, init=False)
class Phrase:
    """A part of a sentence with named values, such as `at %(days)s days`; `str` gives it in English."""

    message: str
    params: "Mapping[str, Value]" = field(hash=False)

    def __init__(self, message: str, /, **params: "Value") -> None:
        object.__setattr__(self, "message", message)
        object.__setattr__(self, "params", params)

    def __str__(self) -> str:
        return rendered(self, str)


@dataclass(frozen=True, slots=True, init=False)
class Problem(Phrase):
    """Something wrong with what was given, in one sentence fit to print.

    `code` is stable and names the meaning; `message` is the sentence in English with `%(name)s` for each of
    `params`, and the id by which the catalogue finds its translation.
    """

    code: str

    def __init__(self, code: str, message: str, /, **params: "Value") -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "message", message)
        object.__setattr__(self, "params", params)

    def __str__(self) -> str:
        return rendered(self, str)


#: A named value: data, a text to translate, a day, a text by language, a part of a sentence, or several of them.
Value = str | int | date | Mapping[str, str] | Phrase | tuple["Value", ...]


def rendered(
    value: Value,
    translate: Callable[[str], str],
    *,
    language: str = "en",
    day: Callable[[date], str] = date.isoformat,
) -> str:
    """A value as text in a language: `translate` gives the translation of a message id, `day` the words for a date."""

    def shown(value: Value) -> str:
        match value:
            case MessageId():
                return translate(value)
            case Phrase():
                values = {name: shown(param) for name, param in value.params.items()}
                text = translate(value.message)
                return text % values if values else text
            case date():
                return day(value)
            case tuple():
                pair, texts = translate(_PAIR), [shown(item) for item in value]
                return reduce(lambda first, second: pair % {"first": first, "second": second}, texts or [""])
            case Mapping():
                return value.get(language) or value["en"]
        return str(value)

    return shown(value)


def as_json(value: Value) -> object:
    """A problem or another value as plain JSON, to be read again by `from_json`."""
    match value:
        case MessageId():
            return {"message": str(value)}
        case Phrase():
            params = {name: as_json(param) for name, param in value.params.items()}
            code = {"code": value.code} if isinstance(value, Problem) else {}
            return {**code, "message": value.message, "params": params}
        case date():
            return {"date": value.isoformat()}
        case tuple():
            return [as_json(item) for item in value]
        case Mapping():
            return {"texts": dict(value)}
    return value


def from_json(data: object) -> Value:
    """What `as_json` wrote."""
    match data:
        case {"code": code, "message": message, "params": params}:
            return Problem(code, message, **{name: from_json(param) for name, param in params.items()})
        case {"message": message, "params": params}:
            return Phrase(message, **{name: from_json(param) for name, param in params.items()})
        case {"message": message}:
            return MessageId(message)
        case {"date": day}:
            return date.fromisoformat(day)
        case {"texts": dict(texts)}:
            return {str(language): str(text) for language, text in texts.items()}
        case list():
            return tuple(from_json(item) for item in data)
    assert isinstance(data, (str, int)), data
    return data


_PAIR = noop("%(first)s, %(second)s")


def joined(problems: Iterable[Problem]) -> Problem:
    """Several problems as one, with the code of the first."""
    return reduce(
        lambda first, second: Problem(first.code, noop("%(first)s; %(second)s"), first=first, second=second),
        problems,
    )


def with_hint(problem: Problem, hint: Phrase | MessageId | None) -> Problem:
    """A problem with how to mend it, such as `did you mean ...?`; the same one without a hint."""
    if hint is None:
        return problem
    return Problem(problem.code, noop("%(problem)s; %(hint)s"), problem=problem, hint=hint)


def at_place(place: str, problem: Problem) -> Problem:
    """A problem with where it is, such as `file:line:column`."""
    return Problem(problem.code, noop("%(place)s: %(problem)s"), place=place, problem=problem)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that a rule forbids.

    `rule` is the rule's id in its pack, by which programs know the refusal, and `clause` the place in the
    law, standard or house policy it rests on. `message` is the sentence. `until` is the first moment at which
    the same act may be asked for again, None when waiting doesn't help. `force` is how binding the source is
    and `doubt` what is uncertain in it (see core.permits.rules).
    """

    rule: str
    clause: str
    until: datetime | None
    message: Phrase
    force: str = ""
    doubt: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.message} ({self.rule}, {self.clause})"

    def with_clause(self) -> Problem:
        """What it says, with its clause."""
        return Problem("refused_by_rule", "%(says)s (%(clause)s)", says=self.message, clause=self.clause)


class InputError(ValueError):
    """A file or folder of the user's that can't be used; the message says what, where and how to mend it.

    Command lines print it as it is. Any other exception is a fault of ours.
    """


class FileMistakes(InputError):
    """A written file with mistakes: `problems` has one `origin:line:column: ...` for each.

    `messages` are the same in English, and so is the text of the exception, one a line.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.messages = [str(problem) for problem in problems]
        super().__init__("\n".join(self.messages))


class BackupError(InputError):
    """A backup that can't be written, or is not whole; the message says what and where."""
