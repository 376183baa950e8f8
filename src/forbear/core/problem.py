"""Problems as values: what a person can put right is returned, not raised.

`Problem` says what is wrong with a piece of input. `Refusal` says which rule forbids an act, where that
rule is written and until when it holds. Both are for people to read. A broken promise inside the program is
an assertion instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with what was given, in one sentence fit to print."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that a rule forbids.

    `rule` is the rule's id in its pack and `clause` the place in the law, standard or house policy it rests
    on. `until` is the first moment at which the same act may be asked for again, None when waiting doesn't
    help. `force` is how binding the source is and `doubt` what is uncertain in it (see core.pack_rules).
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


class InputError(ValueError):
    """A file or folder of the user's that can't be used; the message says what, where and how to mend it.

    Command lines print it as it is. Any other exception is a fault of ours.
    """


class BackupError(InputError):
    """A backup that can't be written, or is not whole; the message says what and where."""
