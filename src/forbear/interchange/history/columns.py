"""The files of what already stands, column by column: what each may hold, and by what a row is known again.

`docs/history.md` describes them for who writes them, and a test holds the page to these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forbear.core.agreements.hold_kinds import BY_HAND
from forbear.core.facts.contact import OUTCOMES, PARTIES, PURPOSES
from forbear.core.facts.contact_facts import NOTICES

#: How the old system may have reached somebody; a step at an agency, a court or a bureau is no contact with a person.
REACHED_BY = ("sms", "email", "voice", "call", "letter", "push", "visit")
_STEPS = ("place", "sue", "report")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind`: key, text, day (not in the future where `past`), moment, amount, loans or word.

    `words` are those of a word. One that is not `needed` may be missing or empty.
    """

    name: str
    kind: str
    needed: bool = True
    words: tuple[str, ...] = ()
    past: bool = False


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """One file: its columns, and those by which the same row is known again."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


_BORROWER = Column("borrower_id", "key")
_LOANS = Column("loans", "loans", needed=False)
_REFERENCE = Column("reference", "key", needed=False)
_POINT = Column("contact_point", "text", needed=False)

FILES: Mapping[str, HistoryFile] = {
    "holds": HistoryFile(
        (
            _BORROWER,
            Column("kind", "word", words=BY_HAND),
            Column("starts_on", "day", past=True),
            Column("ends_on", "day", needed=False),
            _LOANS,
            Column("note", "text", needed=False),
            _REFERENCE,
        ),
        ("borrower_id", "kind", "loans", "starts_on", "reference"),
    ),
    "opt_outs": HistoryFile(
        (
            _BORROWER,
            Column("channel", "word", needed=False, words=REACHED_BY),
            Column("said_on", "day", past=True),
            _POINT,
            _REFERENCE,
        ),
        ("borrower_id", "channel", "said_on", "contact_point", "reference"),
    ),
    "promises": HistoryFile(
        (
            _BORROWER,
            Column("amount", "amount"),
            Column("made_on", "day", past=True),
            Column("due_on", "day"),
            _LOANS,
            _REFERENCE,
        ),
        ("borrower_id", "loans", "made_on", "due_on", "reference"),
    ),
    "plans": HistoryFile(
        (
            Column("plan_id", "key"),
            _BORROWER,
            Column("agreed_on", "day", past=True),
            Column("due_on", "day"),
            Column("amount", "amount"),
            _LOANS,
        ),
        ("plan_id", "due_on"),
    ),
    "contacts": HistoryFile(
        (
            _BORROWER,
            Column("at", "moment", past=True),
            Column("channel", "word", words=REACHED_BY),
            Column("outcome", "word", words=tuple(w for w in OUTCOMES if w not in ("pending", "not_sent"))),
            Column("purpose", "word", needed=False, words=tuple(w for w in PURPOSES if w not in _STEPS)),
            Column("party", "word", needed=False, words=PARTIES),
            _LOANS,
            Column("agency", "key", needed=False),
            _POINT,
            _REFERENCE,
        ),
        ("borrower_id", "at", "channel", "party", "contact_point", "reference"),
    ),
    "placements": HistoryFile(
        (
            _BORROWER,
            Column("agency", "key"),
            Column("placed_on", "day", past=True),
            Column("due_back_on", "day", needed=False),
            _LOANS,
            _REFERENCE,
        ),
        ("borrower_id", "agency", "placed_on", "reference"),
    ),
    "notices": HistoryFile(
        (
            Column("loan_id", "key"),
            Column("kind", "word", words=tuple(NOTICES)),
            Column("given_on", "day", past=True),
            _REFERENCE,
        ),
        ("loan_id", "kind", "given_on", "reference"),
    ),
}
