"""From the SQL parser's tree to typed terms: the allowlist of nodes and the rules of kinds.

What may meet what: numbers with numbers, money with money or with an amount written in the currency's unit,
text with text. Money may be multiplied or divided by a number, and divided by money (a share). Comparing text
or flags by size is refused. Anything the parser returns that is not listed here is refused.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from forbear.core.base.problem import MessageId, Phrase, Problem, noop
from forbear.core.conditions.terms import (
    Between,
    Call,
    Comparison,
    FactTerm,
    Junction,
    Literal,
    Member,
    Negation,
    Negative,
    Term,
    arm_fact,
)
from forbear.core.conditions.values import (
    LEVEL_KINDS,
    arithmetic,
    check_values,
    is_numeric,
    level,
    show,
)
from forbear.core.conditions.words import Piece, refuse
from forbear.core.facts.vocabulary import FACTS

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}
_FUNCTIONS: dict[type[exp.Expr], str] = {exp.Abs: "abs", exp.Least: "least", exp.Greatest: "greatest"}
_LEAVES = ("fact", "function", "number", "text", "truth")
_TRUTHS = (*_COMPARISONS, exp.And, exp.Or, exp.Not, exp.Between, exp.In)


def typed(tree: exp.Expr, text: str, pieces: list[Piece]) -> Term:
    """The typed term of a parsed condition, of kind bool.

    ``pieces`` are the words ``text`` was cut into; they give every term its place, as the tree doesn't.
    Raises ConditionMistakes on a node outside the language or kinds that don't fit.
    """
    reader = _Reader(text, pieces)
    term = reader.read(tree)
    assert not reader.leaves, "the parser dropped a piece"
    return reader.truth(term, noop("a condition"))


class _Reader:
    """Reads a tree from left to right, taking each leaf's place from the pieces in the same order."""

    def __init__(self, text: str, pieces: list[Piece]) -> None:
        self.text = text
        self.pieces = pieces
        self.leaves = [piece for piece in reversed(pieces) if piece.kind in _LEAVES]

    def leaf(self, *kinds: str) -> Piece:
        piece = self.leaves.pop() if self.leaves else None
        assert piece is not None, "the parser made up a leaf"
        assert piece.kind in kinds, f"the parser took {piece} for one of {kinds}"
        return piece

    def before(self, offset: int) -> Piece:
        """The last piece that ends at or before an offset."""
        return next(piece for piece in reversed(self.pieces) if piece.end <= offset)

    def after(self, offset: int) -> Piece:
        """The first piece that starts at or after an offset."""
        return next(piece for piece in self.pieces if piece.start >= offset)

    def read(self, node: exp.Expr) -> Term:
        """The term of one node and all below it."""
        kind = type(node)
        if kind in (exp.And, exp.Or):
            return self.junction(node)
        if kind in _COMPARISONS:
            return self.comparison(node)
        if kind in _ARITHMETIC:
            return self.calculation(node)
        if kind in _FUNCTIONS:
            return self.call(node)
        readers: dict[type[exp.Expr], Callable[[exp.Expr], Term]] = {
            exp.Column: self.fact,
            exp.Literal: self.literal,
            exp.Boolean: self.literal,
            exp.Paren: self.parenthesis,
            exp.Not: self.negation,
            exp.Neg: self.negative,
            exp.Between: self.between,
            exp.In: self.member,
            exp.Anonymous: self.arm,
        }
        if kind not in readers:
            place = self.leaves[-1].start if self.leaves else 0
            raise refuse(
                Problem(
                    "sql_not_in_language",
                    "`%(name)s` is not part of the rule language",
                    name=kind.__name__.lower(),
                ),
                place,
            )
        return readers[kind](node)

    def fact(self, node: exp.Expr) -> Term:
        piece = self.leaf("fact")
        assert node.name == piece.text, f"the parser took {piece} for {node.name}"
        return FactTerm(piece.start, piece.end, FACTS[piece.text].kind, piece.text)

    def literal(self, node: exp.Expr) -> Term:
        piece = self.leaf("number", "text", "truth")
        if piece.kind == "truth":
            return Literal(piece.start, piece.end, "bool", piece.text.lower() == "true")
        if piece.kind == "text":
            return Literal(piece.start, piece.end, "text", piece.text[1:-1].replace("''", "'"))
        return Literal(piece.start, piece.end, "literal", Decimal(piece.text))

    def parenthesis(self, node: exp.Expr) -> Term:
        inner = self.read(node.this)
        return replace(inner, start=self.before(inner.start).start, end=self.after(inner.end).end)

    def negation(self, node: exp.Expr) -> Term:
        inner = self.read(node.this)
        # `x not in (...)` and `x not between ...` carry their `not` inside
        inside = isinstance(inner, (Member, Between)) and self.after(inner.term.end).kind == "not"
        inside = inside and not isinstance(node.this, exp.Paren)
        start = inner.start if inside else self.before(inner.start).start
        return Negation(start, inner.end, "bool", self.truth(inner, "`not`"))

    def negative(self, node: exp.Expr) -> Term:
        inner = self.read(node.this)
        start = self.before(inner.start).start
        if isinstance(inner, Literal) and isinstance(inner.value, Decimal) and inner.kind == "literal":
            return replace(inner, start=start, value=-inner.value)
        if not is_numeric(inner):
            raise refuse(
                Problem(
                    "minus_needs_number",
                    "`-` needs a number or money; `%(term)s` is %(kind)s",
                    term=show(inner, self.text),
                    kind=LEVEL_KINDS[inner.kind],
                ),
                inner.start,
            )
        return Negative(start, inner.end, inner.kind, inner)

    def junction(self, node: exp.Expr) -> Term:
        kind = type(node)
        nodes: list[exp.Expr] = []
        while type(node) is kind:  # a long chain leans left; taking it apart in a loop keeps the stack short
            nodes.append(node.expression)
            node = node.this
        nodes.append(node)
        name = "and" if kind is exp.And else "or"
        terms = tuple(self.truth(self.read(operand), f"`{name}`") for operand in reversed(nodes))
        return Junction(terms[0].start, terms[-1].end, "bool", name, terms)

    def comparison(self, node: exp.Expr) -> Term:
        operator = _COMPARISONS[type(node)]
        left, right = self.operand(node.this), self.operand(node.expression)
        kind, terms = level((left, right), _compared(operator), self.text)
        if kind in ("text", "bool") and operator not in ("=", "<>"):
            raise refuse(
                Problem(
                    "comparison_kind_invalid",
                    "%(kind)s can be compared with = and <> only, not `%(operator)s`",
                    kind=LEVEL_KINDS[kind],
                    operator=operator,
                ),
                left.start,
            )
        check_values(terms[0], terms[1:])
        check_values(terms[1], terms[:1])
        return Comparison(left.start, right.end, "bool", operator, *terms)

    def between(self, node: exp.Expr) -> Term:
        parts = tuple(self.operand(part) for part in (node.this, node.args["low"], node.args["high"]))
        kind, terms = level(parts, _compared("between"), self.text)
        if kind in ("text", "bool"):
            raise refuse(
                Problem(
                    "between_kind_invalid",
                    "%(kind)s can't be compared by `between`; use `in`",
                    kind=LEVEL_KINDS[kind],
                ),
                parts[0].start,
            )
        return Between(parts[0].start, parts[2].end, "bool", *terms)

    def member(self, node: exp.Expr) -> Term:
        term = self.operand(node.this)
        items = tuple(self.operand(item) for item in node.expressions)
        for item in items:
            if not isinstance(item, Literal):
                raise refuse(
                    Problem(
                        "list_not_values", "a list after `in` holds values only; join the rest with `or`"
                    ),
                    item.start,
                )
        kind, terms = level((term, *items), _compared("in"), self.text)
        if kind == "bool":
            raise refuse(
                Problem("in_with_truth", "use the fact alone, or `not` before it, instead of `in`"),
                term.start,
            )
        check_values(terms[0], terms[1:])
        return Member(term.start, self.after(items[-1].end).end, "bool", terms[0], terms[1:])

    def operand(self, node: exp.Expr) -> Term:
        """One side of a comparison; a condition may stand there only inside parentheses."""
        term = self.read(node)
        if isinstance(node, _TRUTHS):
            raise refuse(
                Problem(
                    "parentheses_needed", "put parentheses around `%(term)s`", term=show(term, self.text)
                ),
                term.start,
            )
        return term

    def calculation(self, node: exp.Expr) -> Term:
        left, right = self.read(node.this), self.read(node.expression)
        return arithmetic(_ARITHMETIC[type(node)], left, right, self.text)

    def call(self, node: exp.Expr) -> Term:
        piece = self.leaf("function")
        name = _FUNCTIONS[type(node)]
        terms = tuple(self.operand(argument) for argument in (node.this, *node.expressions))
        end = self.after(terms[-1].end).end
        if len(terms) < 2 and name != "abs":
            raise refuse(
                Problem("function_needs_two", "`%(name)s` needs at least two values", name=name), piece.start
            )
        for term in terms:
            if not is_numeric(term):
                raise refuse(
                    Problem(
                        "function_needs_numbers",
                        "`%(name)s` needs numbers or money; `%(term)s` is %(kind)s",
                        name=name,
                        term=show(term, self.text),
                        kind=LEVEL_KINDS[term.kind],
                    ),
                    term.start,
                )
        together = Phrase(noop("put in one `%(name)s`"), name=name)
        kind, settled = level(terms, together, self.text)
        return Call(piece.start, end, kind, name, settled)

    def arm(self, node: exp.Expr) -> Term:
        """`arm_of('name')`: the borrower's arm of an experiment, a text."""
        piece = self.leaf("function")
        given = [argument for argument in node.expressions if isinstance(argument, exp.Literal)]
        if len(node.expressions) != 1 or not given or not given[0].is_string:
            raise refuse(
                Problem(
                    "arm_of_needs_name", "`arm_of` takes the name of one experiment, as arm_of('spaced')"
                ),
                piece.start,
            )
        name = self.leaf("text")
        end = self.after(name.end).end
        return FactTerm(piece.start, end, "text", arm_fact(name.text[1:-1].replace("''", "'")))

    def truth(self, term: Term, who: str | MessageId) -> Term:
        """The term itself, which must be true or false."""
        if term.kind != "bool":
            raise refuse(
                Problem(
                    "truth_needed",
                    "%(who)s needs true or false; `%(term)s` is %(kind)s: compare it with a value",
                    who=who,
                    term=show(term, self.text),
                    kind=LEVEL_KINDS[term.kind],
                ),
                term.start,
            )
        return term


def _compared(operator: str) -> Phrase:
    """How terms are compared, for a message."""
    return Phrase(noop("compared by `%(operator)s`"), operator=operator)
