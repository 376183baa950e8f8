"""How values of different kinds meet: settling literals, turning exact values into doubles, bounding size.

Exact arithmetic stays exact as long as it can (ints; money with money). It becomes IEEE double, on both
sides alike, where an int is divided, a decimal literal meets an int, or money is multiplied or divided.
"""

from decimal import Decimal

from forbear.core.base.problem import MessageId, Phrase, Problem, noop, with_hint
from forbear.core.conditions.terms import (
    Arithmetic,
    FactTerm,
    Literal,
    Term,
    ToNumber,
    experiment_of,
    walk,
)
from forbear.core.conditions.words import refuse
from forbear.core.facts.vocabulary import FACTS, INT_LIMIT
from forbear.core.files.hints import nearest, one_of

#: How a kind is called in a message.
LEVEL_KINDS = {
    "int": noop("a number"),
    "number": noop("a number"),
    "literal": noop("a number"),
    "money": noop("money"),
    "money_number": noop("money"),
    "text": noop("text"),
    "bool": noop("true or false"),
}

INT64_MAX = 2**63 - 1

#: So few can be chained that no double can grow to infinity or shrink to nothing.
MAX_MULTIPLICATIONS = 4


def is_numeric(term: Term) -> bool:
    """Whether a term is a number or money."""
    return term.kind in ("int", "number", "literal", "money", "money_number")


def show(term: Term, text: str) -> str:
    """The term as it was written, on one line."""
    return " ".join(text[term.start : term.end].split())


def _is_money(term: Term) -> bool:
    return term.kind in ("money", "money_number")


def _is_whole(literal: Term) -> bool:
    assert isinstance(literal, Literal), literal
    assert isinstance(literal.value, Decimal), literal
    return literal.value == literal.value.to_integral_value()


def as_number(term: Term) -> Term:
    """A numeric term read as a double; a bare literal becomes a plain number, not an amount."""
    if isinstance(term, Literal) and term.kind in ("literal", "int"):
        return Literal(term.start, term.end, "number", Decimal(term.value))
    if term.kind in ("int", "money"):
        return ToNumber(term.start, term.end, "number" if term.kind == "int" else "money_number", term)
    return term


def _as_int(term: Term) -> Term:
    if isinstance(term, Literal) and term.kind == "literal":
        return Literal(term.start, term.end, "int", int(term.value))
    return term


def _as_money(term: Term) -> Term:
    if isinstance(term, Literal) and term.kind == "literal":
        return Literal(term.start, term.end, "money", term.value)
    return term


def level(terms: tuple[Term, ...], doing: Phrase | MessageId, text: str) -> tuple[str, tuple[Term, ...]]:
    """Bring terms that are compared or added to one kind; ``doing`` completes "can't be ..." in a message.

    Raises ConditionMistakes when they don't fit: at the first term that differs from the ones before it.
    """
    settled = [term for term in terms if term.kind != "literal"]
    if not settled:
        return _level_numbers(terms)
    family = LEVEL_KINDS[settled[0].kind]
    for term in terms:
        fits = LEVEL_KINDS[term.kind] == family or (term.kind == "literal" and family == "money")
        if not fits:
            first = settled[0]
            raise refuse(
                Problem(
                    "kinds_differ",
                    "`%(first)s` is %(first_kind)s and `%(second)s` is %(second_kind)s: they can't be %(doing)s",
                    first=show(first, text),
                    first_kind=family,
                    second=show(term, text),
                    second_kind=LEVEL_KINDS[term.kind],
                    doing=doing,
                ),
                term.start,
            )
    if family in ("text", "true or false"):
        return settled[0].kind, terms
    if family == "money":
        amounts = tuple(_as_money(term) for term in terms)
        if all(term.kind == "money" for term in amounts):
            return "money", amounts
        return "money_number", tuple(as_number(term) for term in amounts)
    return _level_numbers(terms)


def _level_numbers(terms: tuple[Term, ...]) -> tuple[str, tuple[Term, ...]]:
    """Ints stay exact as long as nothing among them has a fraction."""
    exact = all(term.kind == "int" or (term.kind == "literal" and _is_whole(term)) for term in terms)
    return ("int", tuple(map(_as_int, terms))) if exact else ("number", tuple(map(as_number, terms)))


def arithmetic(operator: str, left: Term, right: Term, text: str) -> Term:
    """The term for ``left operator right``, operands settled.

    Raises ConditionMistakes when they don't fit or the result could grow too large.
    """
    for side in (left, right):
        if not is_numeric(side):
            raise refuse(
                Problem(
                    "operator_needs_numbers",
                    "`%(operator)s` needs numbers or money; `%(term)s` is %(kind)s",
                    operator=operator,
                    term=show(side, text),
                    kind=LEVEL_KINDS[side.kind],
                ),
                side.start,
            )
    if operator in ("+", "-"):
        doing = noop("added") if operator == "+" else noop("subtracted")
        kind, terms = level((left, right), doing, text)
    elif operator == "*":
        kind, terms = _product(left, right, text)
    elif operator == "/":
        kind, terms = _quotient(left, right, text)
    else:
        kind, terms = level((left, right), noop("divided by `%`"), text)
        if kind != "int":
            raise refuse(Problem("modulo_needs_whole", "`%` needs whole numbers on both sides"), left.start)
    term = Arithmetic(left.start, right.end, kind, operator, *terms)
    _check_size(term)
    return term


def _product(left: Term, right: Term, text: str) -> tuple[str, tuple[Term, ...]]:
    if _is_money(left) and _is_money(right):
        raise refuse(Problem("money_times_money", "money can't be multiplied by money"), right.start)
    if _is_money(left) or _is_money(right):
        return "money_number", (as_number(left), as_number(right))
    return level((left, right), noop("multiplied"), text)


def _quotient(left: Term, right: Term, text: str) -> tuple[str, tuple[Term, Term]]:
    if _is_money(right) and not _is_money(left):
        raise refuse(
            Problem(
                "number_by_money", "a number can't be divided by money: `%(term)s`", term=show(right, text)
            ),
            right.start,
        )
    share = _is_money(left) and not _is_money(right)
    return ("money_number" if share else "number"), (as_number(left), as_number(right))


def _check_size(term: Arithmetic) -> None:
    """Refuse what could leave 64 bits or the range of doubles, whatever the facts are."""
    if term.kind == "int" and _largest(term) > INT64_MAX:
        raise refuse(
            Problem("product_too_large", "this product could grow beyond 64 bits; multiply fewer facts"),
            term.start,
        )
    chained = sum(isinstance(part, Arithmetic) and part.operator in "*/" for part in walk(term))
    if chained > MAX_MULTIPLICATIONS:
        raise refuse(
            Problem(
                "too_many_multiplications",
                "more than %(most)s of `*` and `/` in one term",
                most=MAX_MULTIPLICATIONS,
            ),
            term.start,
        )


def _largest(term: Term) -> int:
    """The greatest magnitude an exact int term can have, given that every int fact keeps its bound."""
    match term:
        case FactTerm():
            return INT_LIMIT
        case Literal(value=value):
            assert isinstance(value, int), "an exact term holds whole numbers"
            return abs(value)
        case Arithmetic(operator="*", left=left, right=right):
            return _largest(left) * _largest(right)
        case Arithmetic(operator="%", left=left):
            return _largest(left)
        case Arithmetic(left=left, right=right):
            return _largest(left) + _largest(right)
        case _:
            return max(_largest(part) for part in walk(term) if part is not term)


def check_values(term: Term, items: tuple[Term, ...]) -> None:
    """Refuse a text that a fact with a closed set of values can never have."""
    if not isinstance(term, FactTerm) or experiment_of(term.name) or not FACTS[term.name].values:
        return
    values = FACTS[term.name].values
    for item in items:
        if isinstance(item, Literal) and item.value not in values:
            never = Problem(
                "fact_value_unknown",
                "`%(fact)s` is never '%(value)s'",
                fact=term.name,
                value=str(item.value),
            )
            hint = nearest(str(item.value), values) or one_of(values)
            raise refuse(with_hint(never, hint), item.start)
