"""Reading `products.yaml`: each product's grace, tolerance, allocation order, calendar and buckets.

The file is the lender's own, so every mistake gets one message that says where it is and how to mend it.
Values are read as they are written: `10.10` is ten yuan and ten fen and never a float, and the calendar
`NO` is Norway.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import yaml

from forbear.core.base.calendar import DUE_DATE_RULES, is_known_calendar, known_calendars
from forbear.core.base.problem import InputError
from forbear.core.files import yaml_text
from forbear.core.loans.loan import (
    BEARING,
    COMPONENTS,
    COMPOUNDING,
    DAY_COUNTS,
    PAUSE_RULES,
    PRODUCT_KINDS,
    PenaltyTerms,
    Product,
    are_buckets,
)

MOST_GRACE_DAYS = 365
MOST_BUCKETS = 99
_TOLERANCE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")
_RATE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
_SCALAR = "tag:yaml.org,2002:"


class ProductsError(InputError):
    """`products.yaml` can't be used. The message names the place and the way to mend it."""


@dataclass(frozen=True, slots=True)
class Products:
    """A lender's products. A code that isn't listed gets the terms of `default`."""

    listed: dict[str, Product] = field(default_factory=dict)
    default: Product = field(default_factory=lambda: Product("default"))

    def known(self, code: str) -> bool:
        """Whether `code` is listed."""
        return code in self.listed

    def get(self, code: str) -> Product:
        """The terms of `code`: its own, else those of `default` under that code."""
        return self.listed.get(code) or replace(self.default, code=code)

    def __iter__(self) -> Iterator[Product]:
        return iter(self.listed.values())

    def __len__(self) -> int:
        return len(self.listed)


def parse_products(text: str, origin: str) -> Products:
    """Read the text of a products file; `origin` is its name in messages. Raises ProductsError.

    Products don't inherit from `default`: what a product leaves out has the built-in value.
    """
    reader = _Reader(origin)
    try:
        root = yaml_text.compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{origin} line {mark.line + 1}" if mark else origin
        raise ProductsError(f"{place}: this is not YAML: {error.problem or error.context}") from error
    except RecursionError as error:
        raise ProductsError(f"{origin}: this is not a products file: it is nested too deeply") from error
    except yaml.YAMLError as error:
        raise ProductsError(f"{origin}: this is not YAML: {' '.join(str(error).split())}") from error
    if root is None:
        return Products()
    top = reader.mapping(root, "the file", ("default", "products"))
    listed = {}
    if "products" in top:
        for code, node in reader.mapping(top["products"], "products").items():
            if not code.strip():
                raise reader.error(node, "a product has an empty code")
            listed[code] = reader.product(code, node)
    if "default" not in top:
        return Products(listed)
    return Products(listed, reader.product("default", top["default"]))


class _Reader:
    """Turns YAML nodes into values, and what is wrong with one into a ProductsError naming its line."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def error(self, node: yaml.Node, message: str) -> ProductsError:
        return ProductsError(f"{self.origin} line {node.start_mark.line + 1}: {message}")

    def product(self, code: str, node: yaml.Node) -> Product:
        what = f"product {code!r}" if code != "default" else "default"
        entries = self.mapping(node, what, tuple(_SETTINGS))
        values = {}
        for key, value in entries.items():
            name, read = _SETTINGS[key]
            values[name] = read(self, value, f"{key} of {what}")
        if values.get("due_date_rule", "none") != "none" and not values.get("calendar"):
            raise self.error(
                entries["due_date_rule"],
                f"{what} moves due dates to business days but has no calendar; add one such as calendar: CN",
            )
        return Product(code, **values)

    def mapping(self, node: yaml.Node, what: str, allowed: Iterable[str] = ()) -> dict[str, yaml.Node]:
        """A mapping's entries by key, none twice, none outside `allowed`; an empty node has no entries."""
        if isinstance(node, yaml.ScalarNode) and node.tag == _SCALAR + "null":
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, f"{what} should be a list of settings, each written as `name: value`")
        entries: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node, f"a name in {what}")
            if key in entries:
                raise self.error(key_node, f"{key!r} is given twice in {what}; keep one")
            if allowed and key not in allowed:
                raise self.error(key_node, f"{what} has no setting {key!r}; {_advice(key, allowed)}")
            entries[key] = value
        return entries

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, f"{what} should be a single value")
        text: str = node.value
        return text

    def items(self, node: yaml.Node, what: str) -> list[str]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, f"{what} should be a list in brackets, such as [1, 2, 3]")
        return [self.text(item, f"an entry of {what}") for item in node.value]

    def whole(self, node: yaml.Node, what: str, limit: int) -> int:
        text = self.text(node, what)
        if not re.fullmatch("[0-9]{1,9}", text) or int(text) > limit:
            raise self.error(node, f"{what} is {text!r}; it should be a whole number from 0 to {limit}")
        return int(text)

    def grace_days(self, node: yaml.Node, what: str) -> int:
        return self.whole(node, what, MOST_GRACE_DAYS)

    def tolerance(self, node: yaml.Node, what: str) -> Decimal:
        text = self.text(node, what)
        if not _TOLERANCE.fullmatch(text):
            raise self.error(node, f"{what} is {text!r}; it should be an amount such as 10.00")
        return Decimal(text)

    def order(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        named = tuple(self.items(node, what))
        for component in named:
            if component not in COMPONENTS:
                raise self.error(node, f"{what} names {component!r}; {_advice(component, COMPONENTS)}")
        if sorted(named) != sorted(COMPONENTS):
            raise self.error(node, f"{what} should name each of {_listed(COMPONENTS)} once")
        return named

    def one_of(self, node: yaml.Node, what: str, allowed: tuple[str, ...]) -> str:
        text = self.text(node, what)
        if text not in allowed:
            raise self.error(node, f"{what} is {text!r}; {_advice(text, allowed)}")
        return text

    def due_date_rule(self, node: yaml.Node, what: str) -> str:
        return self.one_of(node, what, DUE_DATE_RULES)

    def pauses(self, node: yaml.Node, what: str) -> str:
        return self.one_of(node, what, PAUSE_RULES)

    def kind(self, node: yaml.Node, what: str) -> str:
        return self.one_of(node, what, PRODUCT_KINDS)

    def yes_or_no(self, node: yaml.Node, what: str) -> bool:
        return self.one_of(node, what, ("true", "false")) == "true"

    def calendar(self, node: yaml.Node, what: str) -> str:
        text = self.text(node, what)
        if text and not is_known_calendar(text):
            near = difflib.get_close_matches(text.upper(), known_calendars(), n=1)
            advice = f"did you mean {near[0]}?" if near else "it should be a country code such as CN"
            raise self.error(node, f"{what} is {text!r}; {advice}")
        return text

    def buckets(self, node: yaml.Node, what: str) -> tuple[int, ...]:
        texts = self.items(node, what)
        if len(texts) <= MOST_BUCKETS and all(re.fullmatch("[0-9]{1,5}", text) for text in texts):
            bounds = tuple(int(text) for text in texts)
            if are_buckets(bounds):
                return bounds
        raise self.error(node, f"{what} should be rising numbers of days from 1 on, such as [1, 31, 61, 91]")

    def rate(self, node: yaml.Node, what: str) -> Decimal:
        text = self.text(node, what)
        if not _RATE.fullmatch(text):
            raise self.error(node, f"{what} is {text!r}; it should be a number such as 18 or 0.067")
        return Decimal(text)

    def compounding(self, node: yaml.Node, what: str) -> str:
        return self.one_of(node, what, COMPOUNDING)

    def day_count(self, node: yaml.Node, what: str) -> int:
        return int(self.one_of(node, what, tuple(str(days) for days in DAY_COUNTS)))

    def bears(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        named = tuple(self.items(node, what))
        for component in named:
            if component not in BEARING:
                raise self.error(node, f"{what} names {component!r}; {_advice(component, BEARING)}")
        if not named or len(set(named)) < len(named):
            raise self.error(node, f"{what} should name some of {_listed(BEARING)}, each once")
        return named

    def penalty(self, node: yaml.Node, what: str) -> PenaltyTerms:
        entries = self.mapping(node, what, tuple(_PENALTY))
        return PenaltyTerms(
            **{key: _PENALTY[key](self, value, f"{key} in {what}") for key, value in entries.items()}
        )

    def names(self, node: yaml.Node, what: str) -> dict[str, str]:
        entries = self.mapping(node, what)
        return {language: self.text(value, f"{language} in {what}") for language, value in entries.items()}


_SETTINGS: dict[str, tuple[str, Callable[[_Reader, yaml.Node, str], Any]]] = {
    "name": ("names", _Reader.names),
    "kind": ("kind", _Reader.kind),
    "grace_days": ("grace_days", _Reader.grace_days),
    "tolerance": ("tolerance", _Reader.tolerance),
    "allocation_order": ("allocation_order", _Reader.order),
    "due_date_rule": ("due_date_rule", _Reader.due_date_rule),
    "calendar": ("calendar", _Reader.calendar),
    "due_date_counts": ("due_date_counts", _Reader.yes_or_no),
    "pauses": ("pauses", _Reader.pauses),
    "buckets": ("buckets", _Reader.buckets),
    "penalty": ("penalty", _Reader.penalty),
}
_PENALTY: dict[str, Callable[[_Reader, yaml.Node, str], Any]] = {
    "contract_rate": _Reader.rate,
    "factor": _Reader.rate,
    "daily_rate": _Reader.rate,
    "compounding": _Reader.compounding,
    "day_count": _Reader.day_count,
    "bears": _Reader.bears,
    "allow": _Reader.tolerance,
}


def _advice(given: str, allowed: Iterable[str]) -> str:
    """The nearest allowed word, or all of them when none is near."""
    near = difflib.get_close_matches(given, list(allowed), n=1)
    return f"did you mean {near[0]!r}?" if near else f"it should be one of {_listed(allowed)}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
