"""The typed form of a condition: what the two compilers (SQL and Python) and ``explain`` read.

Every conversion is explicit here (a literal already knows whether it is money or a number, and an exact
value that becomes a double is wrapped in ``ToNumber``), so that neither compiler decides anything and the two
can't drift apart.

Kinds of value: ``int`` (exact), ``money`` (exact, minor units), ``number`` (IEEE double), ``money_number``
(IEEE double, in minor units: money that was multiplied or divided), ``text``, ``bool``. ``literal`` is a
number as written whose meaning its neighbours have yet to settle; it never leaves the type check.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Term:
    """One sub-expression; ``start`` and ``end`` (exclusive) are its place in the condition's text."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class FactTerm(Term):
    """The value of a fact."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal(Term):
    """A constant. Numbers and money are ``Decimal``, money in the currency's unit; ints are ``int``."""

    value: int | Decimal | str | bool


@dataclass(frozen=True, slots=True)
class ToNumber(Term):
    """An exact ``int`` or ``money`` read as an IEEE double."""

    term: Term


@dataclass(frozen=True, slots=True)
class Negative(Term):
    """Unary minus."""

    term: Term


@dataclass(frozen=True, slots=True)
class Arithmetic(Term):
    """``left operator right`` with operator one of + - * / %; ``/`` always between doubles."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Call(Term):
    """abs, least or greatest over terms of one kind."""

    name: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Term):
    """``left operator right`` with operator one of = <> < <= > >=, both sides of one kind."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Between(Term):
    """``low <= term <= high``."""

    term: Term
    low: Term
    high: Term


@dataclass(frozen=True, slots=True)
class Member(Term):
    """``term in (items)``; the items are literals of the term's kind (or such literals read as doubles)."""

    term: Term
    items: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Negation(Term):
    """``not term``."""

    term: Term


@dataclass(frozen=True, slots=True)
class Junction(Term):
    """``and`` or ``or`` over two or more terms."""

    operator: str
    terms: tuple[Term, ...]


def children(term: Term) -> tuple[Term, ...]:
    """The direct sub-expressions of a term, in the order they are written."""
    match term:
        case ToNumber(term=inner) | Negative(term=inner) | Negation(term=inner):
            return (inner,)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case Call(terms=terms) | Junction(terms=terms):
            return terms
        case Between(term=inner, low=low, high=high):
            return (inner, low, high)
        case Member(term=inner, items=items):
            return (inner, *items)
        case _:
            return ()


def walk(term: Term) -> Iterator[Term]:
    """The term and everything inside it, outermost first."""
    yield term
    for child in children(term):
        yield from walk(child)


def facts_in(term: Term) -> frozenset[str]:
    """Names of all facts read anywhere in the term."""
    return frozenset(part.name for part in walk(term) if isinstance(part, FactTerm))


def arm_fact(experiment: str) -> str:
    """The name under which a row of facts has the borrower's arm of an experiment; "" there is no arm."""
    return f"arm_of('{experiment}')"


def experiment_of(name: str) -> str:
    """The experiment whose arm a fact of that name is; "" for any other fact."""
    return name[len("arm_of('") : -len("')")] if name.startswith("arm_of('") else ""


def sql_name(name: str) -> str:
    """A fact's name as SQL has it: an arm's is no plain word."""
    return '"' + name.replace('"', '""') + '"' if experiment_of(name) else name


def _decimals(value: int | Decimal | str | bool) -> int:
    """How many decimals of an amount matter."""
    assert isinstance(value, Decimal), "money is written as a decimal"
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "an amount is finite"
    return -min(0, exponent)


def money_places(*terms: Term) -> int:
    """Decimal places needed to hold the exact money in ``terms`` as whole numbers.

    0 unless an amount is written with cents that matter: `5000.00` needs none, `0.50` needs one. What lies
    inside ``ToNumber`` is a computation of its own and isn't counted.
    """
    places = 0
    for term in terms:
        if isinstance(term, Literal) and term.kind == "money":
            places = max(places, _decimals(term.value))
        elif not isinstance(term, ToNumber):
            places = max(places, money_places(*children(term)))
    return places
