"""A typed condition as a Python function of a row of facts, with the same value as ``condition_sql``.

Closures are built once from the typed terms; nothing a user wrote is ever evaluated as code.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from forbear.core.conditions.terms import (
    Arithmetic,
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
    ToNumber,
    money_places,
)
from forbear.core.facts.vocabulary import MINOR_UNIT

Row = Mapping[str, int | str | bool]
Value = Callable[[Row], Any]

_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "least": min, "greatest": max}


def python_of(term: Term) -> Value:
    """A function from a row of facts to the term's value; for a bool term, to True or False."""
    return _compile(term, 0)


def _compile(term: Term, places: int) -> Value:
    """``places`` is the decimal places that exact money inside ``term`` is held with, as whole numbers."""
    match term:
        case FactTerm(kind=kind, name=name):
            return _fact(name, 10**places if kind == "money" else 1)
        case Literal():
            return _literal(term, places)
        case ToNumber(term=inner):
            return _to_number(inner)
        case Negative(term=inner):
            value = _compile(inner, places)
            return lambda row: -value(row)
        case Call(name=name, terms=terms):
            return _call(_FUNCTIONS[name], [_compile(part, places) for part in terms])
        case Arithmetic(left=left, right=right):
            return _arithmetic(term, _compile(left, places), _compile(right, places))
        case Negation(term=inner):
            truth = _compile(inner, 0)
            return lambda row: not truth(row)
        case Junction(terms=terms):
            return _junction(term.operator, [_compile(part, 0) for part in terms])
    return _compile_comparison(term)


def _compile_comparison(term: Term) -> Value:
    match term:
        case Comparison(left=left, right=right):
            places = money_places(left, right)
            return _compare(_COMPARE[term.operator], _compile(left, places), _compile(right, places))
        case Between(term=inner, low=low, high=high):
            places = money_places(inner, low, high)
            value, least, rest = (_compile(side, places) for side in (inner, low, high))
            return lambda row: least(row) <= value(row) <= rest(row)
        case Member(term=inner, items=items):
            places = money_places(inner, *items)
            value, *listed = (_compile(item, places) for item in (inner, *items))
            return lambda row: value(row) in [item(row) for item in listed]
    raise AssertionError(term)


def _fact(name: str, factor: int) -> Value:
    if factor == 1:
        return lambda row: row[name]
    return lambda row: row[name] * factor


def _literal(term: Literal, places: int) -> Value:
    value: Any = term.value
    if term.kind == "number":
        value = float(value)
    elif term.kind == "money":
        units = int(value.scaleb(places))
        assert units == value.scaleb(places), "money_places must leave no fraction"
        return lambda row: units * row[MINOR_UNIT]
    return lambda row: value


def _to_number(term: Term) -> Value:
    places = money_places(term)
    exact = _compile(term, places)
    if not places:
        return lambda row: float(exact(row))
    divisor = float(10**places)
    return lambda row: float(exact(row)) / divisor


def _call(function: Callable[..., Any], values: list[Value]) -> Value:
    return lambda row: function(*[value(row) for value in values])


def _compare(compare: Callable[[Any, Any], bool], left: Value, right: Value) -> Value:
    return lambda row: compare(left(row), right(row))


def _junction(name: str, truths: list[Value]) -> Value:
    if name == "and":
        return lambda row: all(truth(row) for truth in truths)
    return lambda row: any(truth(row) for truth in truths)


def _arithmetic(term: Arithmetic, left: Value, right: Value) -> Value:
    if term.operator == "/":
        return lambda row: _divide(left(row), right(row))
    if term.operator == "%":
        return lambda row: _remainder(left(row), right(row))
    work = {"+": operator.add, "-": operator.sub, "*": operator.mul}[term.operator]
    return lambda row: work(left(row), right(row))


def _divide(left: float, right: float) -> float:
    """A double; by zero it is 0, so that a share of nothing is no share."""
    return left / right if right else 0.0


def _remainder(left: int, right: int) -> int:
    """SQL's remainder: it has the sign of the dividend; by zero it is 0."""
    if not right:
        return 0
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest
