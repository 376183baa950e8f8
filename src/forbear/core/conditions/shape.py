"""The shape of a condition: whether its pieces follow one another as an expression must.

The SQL parser is generous (`a b` is an alias to it, `(a, b)` a tuple) and says little about where it gave up.
This check comes first: it is strict, names the place, and bounds the depth, so that the parser can't run out
of stack.
"""

from dataclasses import dataclass

from forbear.core.base.problem import Problem
from forbear.core.conditions.words import Piece, refuse

MAX_DEPTH = 16
MAX_ARITHMETIC = 64

_OPERANDS = ("fact", "number", "text", "truth")


@dataclass(slots=True)
class _Level:
    """What is open between a parenthesis and its end."""

    opened: Piece | None
    lists: bool = False  # commas separate things here: a function's arguments or a list after `in`
    function: Piece | None = None  # whose arguments these are
    prefixes: int = 0  # `not` and `-` standing before the operand now awaited
    betweens: Piece | None = None  # a `between` whose `and` has not come yet
    compared: bool = False  # a comparison has been made since the last `and` or `or`


def check_shape(pieces: list[Piece], length: int) -> None:
    """Refuse pieces that don't follow one another; ``length`` is the text's, where a missing end is shown.

    Raises ConditionMistakes with the first place that is wrong.
    """
    walk = _Walk(pieces, length)
    for at, piece in enumerate(pieces):
        if walk.awaits_operand:
            walk.operand(at, piece)
        else:
            walk.operator(at, piece)
    walk.finish()


class _Walk:
    """A walk along the pieces, alternating between what starts an operand and what may follow one."""

    def __init__(self, pieces: list[Piece], length: int) -> None:
        self.pieces = pieces
        self.length = length
        self.levels = [_Level(None)]
        self.awaits_operand = True
        self.arithmetic = 0

    @property
    def level(self) -> _Level:
        return self.levels[-1]

    def before(self, at: int) -> Piece | None:
        return self.pieces[at - 1] if at else None

    def operand(self, at: int, piece: Piece) -> None:
        """A piece where a fact, a literal, a function or something before one is awaited."""
        if piece.kind in _OPERANDS:
            self.level.prefixes = 0
            self.awaits_operand = False
        elif piece.kind == "function":
            pass  # its parenthesis follows: the words were checked for that
        elif piece.kind == "(":
            self.open(at, piece)
        elif piece.kind == "not":
            self.check_not(at, piece)
            self.level.prefixes += 1
            self.check_depth(piece)
        elif piece.text == "-":
            self.level.prefixes += 1
            self.check_depth(piece)
        else:
            raise refuse(
                Problem(
                    "operand_expected", "expected a fact, a value or `(` before `%(text)s`", text=piece.text
                ),
                piece.start,
            )

    def open(self, at: int, piece: Piece) -> None:
        before = self.before(at)
        function = before if before is not None and before.kind == "function" else None
        listed = before is not None and before.kind == "in"
        self.levels.append(_Level(piece, lists=listed or function is not None, function=function))
        self.check_depth(piece)

    def check_not(self, at: int, piece: Piece) -> None:
        before = self.before(at)
        if before is not None and before.kind not in ("(", "and", "or", "not"):
            raise refuse(
                Problem(
                    "parentheses_needed_after",
                    "put parentheses around what follows `%(text)s`",
                    text=before.text,
                ),
                piece.start,
            )
        if self.level.betweens is not None:
            raise refuse(
                Problem("between_value_expected", "expected a value of `between` before `not`"), piece.start
            )

    def check_depth(self, piece: Piece) -> None:
        depth = len(self.levels) - 1 + sum(level.prefixes for level in self.levels)
        if depth > MAX_DEPTH:
            raise refuse(
                Problem(
                    "condition_nested_too_deep",
                    "nested more than %(most)s deep; take parentheses away or split the rule",
                    most=MAX_DEPTH,
                ),
                piece.start,
            )

    def operator(self, at: int, piece: Piece) -> None:
        """A piece after a complete operand."""
        level = self.level
        if piece.kind == ")":
            self.close(piece)
            return
        if piece.kind == "not" and self.kind_at(at + 1) in ("in", "between"):
            return  # `not in`, `not between`: the next piece says the rest
        if piece.kind == "and" and level.betweens is not None:
            level.betweens = None
        elif piece.kind in ("and", "or", ","):
            self.end_of_term(piece)
            if piece.kind == ",":
                self.check_comma(piece)
        elif piece.kind in ("comparison", "between", "in"):
            self.compare(at, piece)
        elif piece.kind == "arithmetic":
            self.arithmetic += 1
            if self.arithmetic > MAX_ARITHMETIC:
                raise refuse(
                    Problem(
                        "too_much_arithmetic",
                        "more than %(most)s arithmetic signs in one condition",
                        most=MAX_ARITHMETIC,
                    ),
                    piece.start,
                )
        else:
            raise refuse(
                Problem(
                    "operator_expected",
                    "expected `and`, `or` or a comparison before `%(text)s`",
                    text=piece.text,
                ),
                piece.start,
            )
        self.awaits_operand = True

    def check_comma(self, piece: Piece) -> None:
        level = self.level
        if not level.lists:
            raise refuse(
                Problem(
                    "comma_misplaced", "`,` can't stand here; amounts are written without it, as 5000.00"
                ),
                piece.start,
            )
        if level.function is not None and level.function.text.lower() == "abs":
            raise refuse(Problem("abs_takes_one", "`abs` takes one value"), level.function.start)

    def compare(self, at: int, piece: Piece) -> None:
        level = self.level
        if level.compared:
            second = Problem(
                "second_comparison",
                "a second comparison `%(text)s`; write `1 < x and x < 5`, or use parentheses",
                text=piece.text,
            )
            raise refuse(second, piece.start)
        level.compared = True
        if piece.kind == "between":
            level.betweens = piece
        elif piece.kind == "in" and self.kind_at(at + 1) != "(":
            raise refuse(
                Problem("in_needs_list", "`in` needs a list in parentheses, as `in ('a', 'b')`"),
                piece.start,
            )

    def close(self, piece: Piece) -> None:
        if self.level.opened is None:
            raise refuse(Problem("parenthesis_closes_nothing", "this `)` closes nothing"), piece.start)
        self.end_of_term(piece)
        self.levels.pop()
        self.level.prefixes = 0

    def end_of_term(self, piece: Piece | None) -> None:
        """Where a term ends, so must its ``between``."""
        level = self.level
        if level.betweens is not None:
            lacking = (
                Problem(
                    "between_without_and", "this `between` has no `and` before `%(text)s`", text=piece.text
                )
                if piece
                else Problem("between_without_and_at_end", "this `between` has no `and` before the end")
            )
            raise refuse(lacking, level.betweens.start)
        level.compared = False

    def kind_at(self, at: int) -> str:
        return self.pieces[at].kind if at < len(self.pieces) else ""

    def finish(self) -> None:
        if self.awaits_operand:
            raise refuse(
                Problem("condition_incomplete", "the condition ends too soon: a fact or a value is missing"),
                self.length,
            )
        if self.level.opened is not None:
            raise refuse(
                Problem("parenthesis_not_closed", "this `(` is never closed"), self.level.opened.start
            )
        self.end_of_term(None)
