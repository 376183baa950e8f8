"""A typed condition as DuckDB SQL, with the same value on every row as ``condition_python``.

Columns: ``int`` and ``money`` facts are integers of any width, ``text`` VARCHAR, ``bool`` BOOLEAN, none of
them null; ``minor_unit`` an integer. A fact compared directly is left bare, so that the engine can use the
file's statistics; inside arithmetic it is cast to BIGINT first, as 32-bit columns would overflow.

An amount written in the currency's unit is compared in whole numbers: `outstanding >= 0.50` becomes
`outstanding * 10 >= 5 * minor_unit`, which is exact whatever the number of decimals.
"""

from collections.abc import Callable
from decimal import Decimal

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

Column = Callable[[str], str]


def sql_of(term: Term, column: Column) -> str:
    """The SQL of a bool term; ``column`` gives the SQL for a fact's name and for ``minor_unit``."""
    match term:
        case Literal(value=value):
            return "TRUE" if value else "FALSE"
        case FactTerm(name=name):
            return column(name)
        case Negation(term=inner):
            return f"(NOT {sql_of(inner, column)})"
        case Junction(operator=operator, terms=terms):
            return "(" + f" {operator.upper()} ".join(sql_of(part, column) for part in terms) + ")"
        case Comparison(operator=operator, left=left, right=right):
            places = money_places(left, right)
            return f"({_side(left, places, column)} {operator} {_side(right, places, column)})"
        case Between(term=inner, low=low, high=high):
            places = money_places(inner, low, high)
            value, least, rest = (_side(side, places, column) for side in (inner, low, high))
            return f"({value} BETWEEN {least} AND {rest})"
        case Member(term=inner, items=items):
            places = money_places(inner, *items)
            value, *listed = (_side(item, places, column) for item in (inner, *items))
            return f"({value} IN ({', '.join(listed)}))"
    raise AssertionError(term)


def _side(term: Term, places: int, column: Column) -> str:
    """One side of a comparison; ``places`` is the decimal places its exact money is held with."""
    if term.kind == "bool":
        return sql_of(term, column)
    if isinstance(term, FactTerm) and not (term.kind == "money" and places):
        return column(term.name)
    if isinstance(term, Literal) and term.kind == "int":
        return str(term.value)
    return _value(term, places, column)


def _value(term: Term, places: int, column: Column) -> str:
    """A number, an amount or a text, wide enough for arithmetic."""
    match term:
        case FactTerm(kind="text", name=name):
            return column(name)
        case FactTerm(kind="money", name=name) if places:
            return f"(CAST({column(name)} AS HUGEINT) * {10**places})"
        case FactTerm(name=name):
            return f"CAST({column(name)} AS BIGINT)"
        case Literal(kind=kind, value=value):
            return _literal(kind, value, places, column)
        case ToNumber(term=inner):
            return _double(inner, column)
        case Negative(term=inner):
            return f"(-{_value(inner, places, column)})"
        case Call(name=name, terms=terms):
            return f"{name}({', '.join(_value(part, places, column) for part in terms)})"
        case Arithmetic():
            return _arithmetic(term, places, column)
    raise AssertionError(term)


def _literal(kind: str, value: int | Decimal | str | bool, places: int, column: Column) -> str:
    if kind == "text":
        return "'" + str(value).replace("'", "''") + "'"
    if kind == "number":
        return _double_literal(float(value))
    if kind == "int":
        return f"CAST({value} AS BIGINT)"
    assert kind == "money", kind
    assert isinstance(value, Decimal), "money is written as a decimal"
    whole = value.scaleb(places)
    assert whole == int(whole), "money_places must leave no fraction"
    wide = f"CAST({int(whole)} AS HUGEINT)" if places else str(int(whole))
    return f"({wide} * CAST({column(MINOR_UNIT)} AS BIGINT))"


def _double_literal(value: float) -> str:
    """Written with an exponent, as DuckDB reads `2.5` as DECIMAL and `2.5e0` as DOUBLE."""
    written = repr(value)
    return f"({written})" if "e" in written else f"({written}e0)"


def _double(term: Term, column: Column) -> str:
    """An exact term as DOUBLE."""
    places = money_places(term)
    double = f"CAST({_side(term, places, column)} AS DOUBLE)"
    return f"({double} / {_double_literal(float(10**places))})" if places else double


def _arithmetic(term: Arithmetic, places: int, column: Column) -> str:
    """Division and remainder by zero give 0, as facts are never null and neither is what is made of them."""
    left, right = _value(term.left, places, column), _value(term.right, places, column)
    if term.operator in ("+", "-", "*") or (isinstance(term.right, Literal) and term.right.value):
        return f"({left} {term.operator} {right})"
    if term.operator == "/":
        return f"COALESCE({left} / NULLIF({right}, 0e0), 0e0)"
    return f"COALESCE({left} % NULLIF({right}, 0), 0)"
