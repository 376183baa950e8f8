"""Reads rows of facts from golden cases, as a domain person writes them.

Amounts are in the currency's unit, flags are `yes` or `no`, and a fact that isn't named has its default.
Every scalar is read as text, so that no amount passes through a float, and no key may be given twice.
"""

from pathlib import Path
from typing import Any

import yaml

from forbear.core.base.money import minor_digits, parse_amount
from forbear.core.base.problem import Problem
from forbear.core.facts.vocabulary import FACTS, default_row

HERE = Path(__file__).parent
YES_NO = {"yes": True, "no": False}


class OnlyText(yaml.CBaseLoader):
    """YAML whose scalars all stay text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        assert len(set(keys)) == len(keys), f"line {node.start_mark.line + 1}: a key is given twice"
        return super().construct_mapping(node, deep=deep)


def read_file(path: Path) -> dict[str, Any]:
    """The content of one golden file."""
    return yaml.load(path.read_text("utf-8"), Loader=OnlyText)


def only(entry: dict[str, Any], *allowed: str) -> dict[str, Any]:
    """The entry itself, which must have no other keys: a misspelt expectation would pass for ever."""
    assert set(entry) <= set(allowed), f"unknown keys {set(entry) - set(allowed)}, known are {allowed}"
    return entry


def read_row(facts: dict[str, str], currency: str) -> dict[str, int | str | bool]:
    """A whole row of facts, those not named at their defaults."""
    row = default_row(10 ** minor_digits(currency)) | {"currency": currency}
    for name, written in facts.items():
        kind = FACTS[name].kind
        if kind == "money":
            value = parse_amount(written, currency)
            assert not isinstance(value, Problem), value
        else:
            value = {"int": int, "bool": YES_NO.__getitem__, "text": str}[kind](written)
        row[name] = value
    return row
