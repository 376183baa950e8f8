"""What a fact is, and short ways to write one down; `forbear.core.facts.vocabulary` is the vocabulary itself."""

from dataclasses import dataclass
from typing import TypedDict, Unpack

from forbear.core.base.problem import MessageId, Phrase

KINDS = ("int", "money", "text", "bool")
KNOWN = ("night", "desk", "moment")
LEVELS = ("loan", "borrower")

#: Stands for "never" or "none in sight" in facts that count days, so that `>= 30` holds for "never".
NEVER_DAYS = 9999

#: Bounds that every value keeps, so that sums and products of facts fit in 64 bits on both sides.
INT_LIMIT = 10**9
MONEY_LIMIT = 10**15

#: Not a fact, but in every row: what an amount written in the currency's unit is multiplied by.
MINOR_UNIT = "minor_unit"


@dataclass(frozen=True, slots=True)
class Fact:
    """One name a condition may use.

    ``unit`` is for readers ("days", "currency", "hour", or "" where there is none). ``values`` lists all the
    values of a text fact that has a closed set of them, and is empty for every other fact.
    """

    name: str
    kind: str
    unit: str
    meaning: MessageId | Phrase
    default: int | str | bool
    known: str
    level: str
    values: tuple[str, ...] = ()


class Place(TypedDict):
    """When a fact can be told, and whose it is: what many facts of a table have in common."""

    known: str
    level: str


def days(name: str, meaning: MessageId | Phrase, *, default: int = 0, **where: Unpack[Place]) -> Fact:
    """A fact that counts days."""
    return Fact(name, "int", "days", meaning, default, **where)


def count(
    name: str, meaning: MessageId | Phrase, *, unit: str = "", default: int = 0, **where: Unpack[Place]
) -> Fact:
    """A fact that is a whole number."""
    return Fact(name, "int", unit, meaning, default, **where)


def money(name: str, meaning: MessageId | Phrase, **where: Unpack[Place]) -> Fact:
    """A fact that is an amount."""
    return Fact(name, "money", "currency", meaning, 0, **where)


def text(
    name: str,
    meaning: MessageId | Phrase,
    *,
    default: str = "",
    values: tuple[str, ...] = (),
    **where: Unpack[Place],
) -> Fact:
    """A fact that is a word."""
    return Fact(name, "text", "", meaning, default, values=values, **where)


def flag(name: str, meaning: MessageId | Phrase, *, default: bool = False, **where: Unpack[Place]) -> Fact:
    """A fact that is true or false."""
    return Fact(name, "bool", "", meaning, default, **where)
