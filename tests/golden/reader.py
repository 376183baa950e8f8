"""Reads the golden cases: YAML that a domain person can write, into the values that the rules take.

Every scalar is read as text, so no amount ever passes through a float, and every key must be a known one: a
misspelt expectation would otherwise pass for ever. A file is `theme` and `cases`; a case is one loan under
one product, and `checks` are its known answers, one a date. The names of fields are those of
`core.delinquency.Arrears` and `core.loans.allocation`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from forbear.core.base.money import format_amount, parse_amount
from forbear.core.base.problem import Problem
from forbear.core.loans.account import SnapshotRow, account_loan, snapshot_of
from forbear.core.loans.delinquency import Arrears
from forbear.core.loans.loan import (
    COMPONENTS,
    Amounts,
    Instalment,
    Loan,
    Pause,
    Payment,
    PayoffQuote,
    Product,
)
from forbear.core.loans.products import parse_products
from tests.core.strategies import FedAccount

HERE = Path(__file__).parent
DATES = ("oldest_unpaid_due_on", "delinquent_since")
MONEY = ("past_due_amount", "outstanding", "payoff", "balance", "credit", "paid")
WORDS = ("bucket", "five_class")
EXPECTED = tuple(field.name for field in fields(Arrears))
CASE_KEYS = {
    "id",
    "says",
    "product",
    "currency",
    "status",
    "disbursed_on",
    "instalments",
    "payments",
    "pauses",
    "quote",
    "account",
}


class GoldenError(ValueError):
    """A golden file that can't be used: the file, the case and what is wrong."""


@dataclass(frozen=True)
class Case:
    """One loan under one product, and what is expected of it, still as written."""

    name: str
    product: Product
    loan: Loan
    checks: tuple[dict[str, Any], ...]


class _OnlyText(yaml.CBaseLoader):
    """YAML whose scalars all stay text, and whose mappings name no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise GoldenError(f"line {node.start_mark.line + 1}: {', '.join(sorted(twice))} given twice")
        return super().construct_mapping(node, deep=deep)


def read_cases(text: str, origin: str) -> list[Case]:
    """All cases of one file. Raises GoldenError."""
    try:
        content = yaml.load(text, Loader=_OnlyText)
        known(content, {"theme", "cases"})
        cases = [_case(entry, f"{origin}:{entry.get('id', '?')}") for entry in content["cases"]]
    except GoldenError as error:
        raise GoldenError(f"{origin}: {error}") from error
    ids = [case.name for case in cases]
    if len(set(ids)) < len(ids):
        raise GoldenError(f"{origin}: two cases have the same id")
    return cases


def all_cases(folder: str) -> Iterator[Case]:
    """The cases of every file in one folder beside this module, files in order of name."""
    for path in sorted((HERE / folder).glob("*.yaml")):
        yield from read_cases(path.read_text("utf-8"), path.stem)


def known(entry: dict[str, Any], allowed: set[str]) -> None:
    """Refuse any key that isn't one of `allowed`."""
    unknown = sorted(set(entry) - allowed)
    if unknown:
        raise GoldenError(f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(allowed))}")


def money(text: str, currency: str) -> int:
    minor = parse_amount(text, currency)
    if isinstance(minor, Problem):
        raise GoldenError(str(minor))
    return minor


def read_amounts(entry: dict[str, str], currency: str) -> Amounts:
    """Amounts by component; what isn't named is zero."""
    known(entry, set(COMPONENTS))
    return Amounts(**{name: money(text, currency) for name, text in entry.items()})


def expected_value(name: str, written: Any, currency: str) -> Any:
    """What a check expects of the field `name` of Arrears."""
    if name == "past_due":
        return read_amounts(written, currency)
    if name in MONEY:
        return money(written, currency)
    if name in WORDS:
        return written
    if written == "none":
        return None
    if name in ("paused", "payoff_doubtful"):
        return {"yes": True, "no": False}[written]
    return date.fromisoformat(written) if name in DATES else int(written)


def shown(name: str, value: Any, currency: str) -> str:
    """A value as a difference prints it: money in the currency's unit."""
    if isinstance(value, Amounts):
        parts = (f"{part} {format_amount(getattr(value, part), currency)}" for part in COMPONENTS)
        return "{" + ", ".join(parts) + "}"
    if name in MONEY:
        return format_amount(value, currency)
    return str(value)


def _quote(entry: dict[str, str], currency: str) -> PayoffQuote:
    """The lender's own figures; without `until` they hold for their day."""
    known(entry, {"on", "until", "payoff", "balance"})
    amounts = (money(entry[name], currency) if name in entry else None for name in ("payoff", "balance"))
    on = date.fromisoformat(entry["on"])
    return PayoffQuote(on, date.fromisoformat(entry.get("until", entry["on"])), *amounts)


def _case(entry: dict[str, Any], name: str) -> Case:
    known(entry, CASE_KEYS | {"checks"})
    settings = yaml.safe_dump({"products": {"golden": entry.get("product", {})}})
    currency = entry.get("currency", "CNY")
    instalments = [_instalment(n, line, currency) for n, line in enumerate(entry.get("instalments", ()), 1)]
    loan = Loan(
        loan_id=entry["id"],
        borrower_id="golden",
        product="golden",
        currency=currency,
        principal=sum(line.amounts.principal for line in instalments),
        disbursed_on=date.fromisoformat(entry["disbursed_on"]) if "disbursed_on" in entry else None,
        status=entry.get("status", "active"),
        instalments=tuple(instalments),
        payments=tuple(_payment(n, row, currency) for n, row in enumerate(entry.get("payments", ()), 1)),
        pauses=tuple(_pause(row) for row in entry.get("pauses", ())),
        quote=_quote(entry["quote"], currency) if "quote" in entry else None,
    )
    product = parse_products(settings, name).get("golden")
    if "account" in entry:
        row = _account(entry["account"], currency)
        fed = FedAccount(**{field.name: getattr(loan, field.name) for field in fields(Loan)}, row=row)
        loan = account_loan(fed, snapshot_of(row, loan.payments, due_date_counts=product.due_date_counts))
    return Case(name, product, loan, tuple(entry["checks"]))


def _account(entry: dict[str, str], currency: str) -> SnapshotRow:
    """A row of accounts: days, a number of days, and amounts."""
    names = {field.name for field in fields(SnapshotRow)} - {"itemization"}
    known(entry, names)
    values: dict[str, Any] = {}
    for name, text in entry.items():
        if name == "days_past_due":
            values[name] = int(text)
        elif name == "as_of" or name.endswith(("_on", "_from")):
            values[name] = date.fromisoformat(text)
        else:
            values[name] = money(text, currency)
    return SnapshotRow(**values)


def _instalment(place: int, entry: dict[str, str], currency: str) -> Instalment:
    known(entry, {"number", "due_on", *COMPONENTS})
    parts = {name: text for name, text in entry.items() if name in COMPONENTS}
    number = int(entry.get("number", place))
    return Instalment(number, date.fromisoformat(entry["due_on"]), read_amounts(parts, currency))


def _payment(place: int, entry: dict[str, str], currency: str) -> Payment:
    known(entry, {"id", "paid_on", "amount", "reverses"})
    paid_on, amount = date.fromisoformat(entry["paid_on"]), money(entry["amount"], currency)
    return Payment(entry.get("id", f"P{place}"), paid_on, amount, entry.get("reverses", ""))


def _pause(entry: dict[str, str]) -> Pause:
    known(entry, {"starts_on", "ends_on"})
    ends_on = date.fromisoformat(entry["ends_on"]) if "ends_on" in entry else None
    return Pause(date.fromisoformat(entry["starts_on"]), ends_on)
