"""A typed condition over columns of facts: the same value in each row as `condition_python` has for that row.

Facts are NumPy arrays of one length: whole numbers and money as int64, flags as bool, texts as objects.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

Columns = Mapping[str, NDArray]
Value = Callable[[Columns], Any]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {"least": np.minimum, "greatest": np.maximum}


def columns_of(term: Term) -> Callable[[Columns], NDArray]:
    """A function from columns of facts to the column of a bool term's truth."""
    value = _compile(term, 0)

    def truth(columns: Columns) -> NDArray:
        length = len(columns[MINOR_UNIT])
        return np.broadcast_to(np.asarray(value(columns), dtype=bool), (length,))

    return truth


def _compile(term: Term, places: int) -> Value:
    """`places` is the decimal places that exact money inside `term` is held with, as in `to_python`."""
    match term:
        case FactTerm(kind=kind, name=name):
            return _fact(name, 10**places if kind == "money" else 1)
        case Literal():
            return _literal(term, places)
        case ToNumber(term=inner):
            return _to_number(inner)
        case Negative(term=inner):
            value = _compile(inner, places)
            return lambda columns: -value(columns)
        case Call(name=name, terms=terms):
            return _call(name, [_compile(part, places) for part in terms])
        case Arithmetic(left=left, right=right):
            return _arithmetic(term.operator, _compile(left, places), _compile(right, places))
        case Negation(term=inner):
            truth = _compile(inner, 0)
            return lambda columns: np.logical_not(truth(columns))
        case Junction(terms=terms):
            return _junction(term.operator, [_compile(part, 0) for part in terms])
    return _compile_comparison(term)


def _compile_comparison(term: Term) -> Value:
    match term:
        case Comparison(left=left, right=right):
            places = money_places(left, right)
            one, other = _compile(left, places), _compile(right, places)
            compare = _COMPARE[term.operator]
            return lambda columns: compare(one(columns), other(columns))
        case Between(term=inner, low=low, high=high):
            places = money_places(inner, low, high)
            value, least, most = (_compile(side, places) for side in (inner, low, high))

            def between(columns: Columns) -> Any:
                middle = value(columns)
                return (least(columns) <= middle) & (middle <= most(columns))

            return between
        case Member(term=inner, items=items):
            places = money_places(inner, *items)
            value, *listed = (_compile(item, places) for item in (inner, *items))

            def member(columns: Columns) -> Any:
                wanted = value(columns)
                return np.logical_or.reduce([wanted == item(columns) for item in listed])

            return member
    raise AssertionError(term)


def _fact(name: str, factor: int) -> Value:
    if factor == 1:
        return lambda columns: columns[name]
    return lambda columns: columns[name] * factor


def _literal(term: Literal, places: int) -> Value:
    value: Any = term.value
    if term.kind == "number":
        value = float(value)
    elif term.kind == "money":
        units = int(value.scaleb(places))
        assert units == value.scaleb(places), "money_places must leave no fraction"
        return lambda columns: units * columns[MINOR_UNIT]
    return lambda columns: value


def _to_number(term: Term) -> Value:
    places = money_places(term)
    exact = _compile(term, places)
    divisor = float(10**places)
    return lambda columns: np.asarray(exact(columns), dtype=float) / divisor


def _call(name: str, values: list[Value]) -> Value:
    if name == "abs":
        (only,) = values
        return lambda columns: np.abs(only(columns))
    join = _FUNCTIONS[name]

    def joined(columns: Columns) -> Any:
        result = values[0](columns)
        for value in values[1:]:
            result = join(result, value(columns))
        return result

    return joined


def _junction(name: str, truths: list[Value]) -> Value:
    join = np.logical_and if name == "and" else np.logical_or

    def joined(columns: Columns) -> Any:
        result = truths[0](columns)
        for truth in truths[1:]:
            result = join(result, truth(columns))
        return result

    return joined


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    if operator == "/":
        return lambda columns: _divide(left(columns), right(columns))
    if operator == "%":
        return lambda columns: _remainder(left(columns), right(columns))
    work = {"+": np.add, "-": np.subtract, "*": np.multiply}[operator]
    return lambda columns: work(left(columns), right(columns))


def _divide(left: Any, right: Any) -> Any:
    """Doubles; by zero it is 0."""
    divisor = np.asarray(right, dtype=float)
    whole = np.where(divisor == 0, 1.0, divisor)
    return np.where(divisor == 0, 0.0, np.asarray(left, dtype=float) / whole)


def _remainder(left: Any, right: Any) -> Any:
    """SQL's remainder: it has the sign of the dividend; by zero it is 0."""
    divisor = np.asarray(right)
    return np.where(divisor == 0, 0, np.fmod(left, np.where(divisor == 0, 1, divisor)))
