"""Conditions: SQL boolean expressions over named facts, such as `days_past_due between 4 and 29`.

One text gives SQL for the night (``Condition.sql``) and a Python function for the moment
(``Condition.python``), always with the same value. The language is small: and, or, not, comparisons,
between, in, arithmetic, literals, abs, least, greatest. Everything else is refused with its line and column
and, for a name, the nearest known one.

Ints are exact. Amounts of money are written in the currency's unit and compared exactly, also when they have
more decimals than the currency. `/` gives a double, and so does money multiplied by a number; `x / 0` and
`x % 0` are 0; `%` has the sign of its left side.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlglot.errors
from sqlglot import TokenType
from sqlglot.dialects.duckdb import DuckDB

from forbear.core.base.problem import InputError, Problem
from forbear.core.conditions.shape import check_shape
from forbear.core.conditions.terms import Junction, Term, facts_in, sql_name
from forbear.core.conditions.to_python import Row, python_of
from forbear.core.conditions.to_sql import sql_of
from forbear.core.conditions.types import typed
from forbear.core.conditions.values import show
from forbear.core.conditions.words import ConditionMistakes, Piece, cut, refuse
from forbear.core.facts.vocabulary import KNOWN

#: From an offset in the condition's text to the (line, column) of its source, both counted from 1.
Place = Callable[[int], tuple[int, int]]


class ConditionProblem(NamedTuple):
    """One thing wrong with a condition; ``message`` is ``what`` after its place."""

    message: str
    line: int
    column: int
    what: Problem


class ConditionError(InputError):
    """A condition that can't be used.

    ``message``, ``line`` and ``column`` are the first problem's; ``problems`` holds them all, and so does
    the text of the exception, one a line.
    """

    def __init__(self, *problems: ConditionProblem) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems
        self.message, self.line, self.column, _ = problems[0]


class Explained(NamedTuple):
    """One term of a condition on one row: how it was written, the facts it read, whether it holds."""

    text: str
    facts: dict[str, int | str | bool]
    holds: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that has been read: ``text`` as written, ``facts`` the names of the facts it reads."""

    text: str
    facts: frozenset[str]
    term: Term = field(repr=False)

    def sql(self, column: Callable[[str], str] = sql_name) -> str:
        """A DuckDB boolean expression, never null.

        ``column`` gives the SQL of a fact (or of ``minor_unit``) by its name. Columns are not null.
        """
        return sql_of(self.term, column)

    def python(self) -> Callable[[Row], bool]:
        """A function from a row of facts to True or False.

        The row holds every fact in ``facts``, and ``minor_unit`` where an amount of money is written.
        """
        return python_of(self.term)

    def explain(self, row: Row) -> list[Explained]:
        """What each term joined by and/or read from the row and whether it holds, from left to right."""
        return self.explainer()(row)

    def explainer(self) -> Callable[[Row], list[Explained]]:
        """``explain`` for many rows: the terms are compiled once."""
        parts = [
            (show(term, self.text), sorted(facts_in(term)), python_of(term)) for term in _joined(self.term)
        ]
        return lambda row: [
            Explained(text, {name: row[name] for name in names}, truth(row)) for text, names, truth in parts
        ]


def parse(
    text: str,
    *,
    known: set[str] | frozenset[str] = frozenset(KNOWN),
    origin: str = "condition",
    line: int = 1,
    column: int = 1,
    place: Place | None = None,
    arms: bool = False,
) -> Condition:
    """Read a condition that may use the facts known at the times in ``known``, and with ``arms`` `arm_of('name')`.

    ``origin``, ``line`` and ``column`` say where its first character stands, for messages; ``place`` replaces
    line and column where the source is folded or indented. Raises ConditionError, and nothing else, for any
    text.
    """
    assert known <= set(KNOWN), known
    try:
        pieces = cut(text, frozenset(known), arms)
        check_shape(pieces, len(text.rstrip()))
        term = typed(_parse_sql(text, pieces), text, pieces)
    except ConditionMistakes as wrong:
        locate = place or (lambda offset: _locate(text, offset, line, column))
        problems = []
        for mistake in wrong.mistakes:
            at_line, at_column = locate(mistake.offset)
            message = f"{origin}:{at_line}:{at_column}: {mistake.what}"
            problems.append(ConditionProblem(message, at_line, at_column, mistake.what))
        raise ConditionError(*problems) from None
    return Condition(text, facts_in(term), term)


def _parse_sql(text: str, pieces: list[Piece]) -> sqlglot.exp.Expr:
    """The SQL parser's tree. The parser sees only what the words and the shape have let through."""
    dialect = DuckDB()
    try:
        tokens = dialect.tokenize(text)
        for piece, token in zip(pieces, tokens, strict=True):
            assert piece.start == token.start, f"{piece} is not the parser's {token}"
            if piece.kind == "fact":
                token.token_type = TokenType.VAR  # a fact may bear the name of one of SQL's many keywords
        trees = dialect.parser().parse(tokens, text)
    except sqlglot.errors.ParseError as error:
        raise refuse(
            Problem("condition_unreadable", "this can't be read as a condition"), _offset(text, error)
        ) from None
    except RecursionError:
        raise refuse(
            Problem("condition_too_deep", "nested too deeply; take parentheses away or split the rule"),
            0,
        ) from None
    assert len(trees) == 1, trees
    assert trees[0] is not None, "a text with pieces has a tree"
    return trees[0]


def _offset(text: str, error: sqlglot.errors.ParseError) -> int:
    """Where the parser gave up: it names the line and the column at which the offending word ends."""
    first_error = error.errors[0]
    lines_before = text.split("\n")[: first_error["line"] - 1]
    column: int = first_error["col"]
    return sum(len(line) + 1 for line in lines_before) + column - len(first_error["highlight"])


def _locate(text: str, offset: int, line: int, column: int) -> tuple[int, int]:
    """Line and column of an offset, given those of the text's first character."""
    before = text[:offset]
    breaks = before.count("\n")
    if not breaks:
        return line, column + offset
    return line + breaks, offset - before.rfind("\n")


def _joined(term: Term) -> list[Term]:
    """The terms that and/or join, through all nested ands and ors."""
    if isinstance(term, Junction):
        return [inner for part in term.terms for inner in _joined(part)]
    return [term]
