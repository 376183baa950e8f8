"""Problems as values: what a person can put right is returned, not raised.

`Problem` says what is wrong with a piece of input. `Refusal` says which rule forbids an act, where that
rule is written and until when it holds. Both are for people to read. A broken promise inside the program is
an assertion instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with what was given, in one sentence fit to print, in English and in Chinese."""

    message: str
    message_zh: str

    def __str__(self) -> str:
        return self.message

    def said(self, chinese: bool) -> str:
        """The sentence in the reader's language."""
        return self.message_zh if chinese else self.message


def joined(problems: Iterable[Problem]) -> Problem:
    """Several problems told as one."""
    told = list(problems)
    return Problem("; ".join(each.message for each in told), "；".join(each.message_zh for each in told))


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that a rule forbids.

    `rule` is the rule's id in its pack and `clause` the place in the law, standard or house policy it rests
    on. `until` is the first moment at which the same act may be asked for again, None when waiting doesn't
    help. `force` is how binding the source is and `doubt` what is uncertain in it (see core.permits.rules).
    """

    rule: str
    clause: str
    until: datetime | None
    message: str
    message_zh: str = ""
    force: str = ""
    doubt: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.message} ({self.rule}, {self.clause})"

    def with_clause(self) -> Problem:
        """What it says, with its clause, as a sentence in either language."""
        zh = self.message_zh or self.message
        return Problem(f"{self.message} ({self.clause})", f"{zh}（{self.clause}）")


def at_place(place: str, problem: Problem) -> Problem:
    """A problem with where it is, such as `file:line:column`."""
    return Problem(f"{place}: {problem.message}", f"{place}: {problem.message_zh}")


class InputError(ValueError):
    """A file or folder of the user's that can't be used; the message says what, where and how to mend it.

    Command lines print it as it is. Any other exception is a fault of ours.
    """


class FileMistakes(InputError):
    """A written file with mistakes: `problems` has one `origin:line:column: ...` for each, in both languages.

    `messages` are the same in English, and so is the text of the exception, one a line.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.messages = [each.message for each in problems]
        super().__init__("\n".join(self.messages))


class BackupError(InputError):
    """A backup that can't be written, or is not whole; the message says what and where."""
