"""What a lender agrees to: promises, plans, settlements, and by when requests are answered.

    promise: {longest_days: 14, least_share: 10}
    plan: {most_months: 60, own_months: 12}
    settlement: {floor: 5000, authority: {collector: 500, lead: 2000}}
    placement: {longest_days: 90, chance_share: 20}
    write_off: {from_days_past_due: 180, quiet_days: 90}
    sale: {only_written_off: 1}
    visit: {first_hour: 9, last_hour: 19, leave_minutes: 240}
    extension: {after_paid: 5, days_before: 15, longest_days: 30, a_year: 1}
    court: {from_days_past_due: 180, least_amount: 500000, share: 4000}
    clocks: {complaint: 15}
    costs: {sms: 5, call: 150, visit: 8000}
    credit_file: {keep_days: 730}
    calendar: CN

Whatever is left out has its default. Every mistake is reported with its place in the file.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import TypeVar

import yaml

from forbear.core.agencies.placement import PlacementPolicy
from forbear.core.agreements.plan import PlanPolicy
from forbear.core.agreements.promise import PromisePolicy
from forbear.core.agreements.request import KINDS
from forbear.core.agreements.settlement import WHOLE, SettlementPolicy
from forbear.core.base.calendar import is_known_calendar
from forbear.core.base.problem import InputError
from forbear.core.court.lawsuit import CourtPolicy
from forbear.core.evidence.retention import CreditFilePolicy
from forbear.core.facts.contact import CHANNELS
from forbear.core.files import yaml_text
from forbear.core.loans.due_dates import ExtensionPolicy
from forbear.core.sales.charge_off import WriteOffPolicy
from forbear.core.sales.sale import SalePolicy
from forbear.core.visits.visit import VisitPolicy

_MOST = 10**12
_Part = TypeVar("_Part")


class PolicyError(InputError):
    """A policy file that can't be used; the message has a line for each mistake."""


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it; `clocks` are days by kind of request, `costs` the price of a contact by channel in minor units,
    `calendar` the country whose business days count.
    """

    promise: PromisePolicy = field(default_factory=PromisePolicy)
    plan: PlanPolicy = field(default_factory=PlanPolicy)
    settlement: SettlementPolicy = field(default_factory=SettlementPolicy)
    extension: ExtensionPolicy = field(default_factory=ExtensionPolicy)
    placement: PlacementPolicy = field(default_factory=PlacementPolicy)
    court: CourtPolicy = field(default_factory=CourtPolicy)
    visit: VisitPolicy = field(default_factory=VisitPolicy)
    write_off: WriteOffPolicy = field(default_factory=WriteOffPolicy)
    sale: SalePolicy = field(default_factory=SalePolicy)
    credit_file: CreditFilePolicy = field(default_factory=CreditFilePolicy)
    clocks: Mapping[str, int] = field(default_factory=dict)
    costs: Mapping[str, int] = field(default_factory=dict)
    calendar: str = "CN"


_KNOWN = (
    "promise",
    "plan",
    "settlement",
    "placement",
    "extension",
    "court",
    "visit",
    "write_off",
    "sale",
    "credit_file",
    "clocks",
    "costs",
    "calendar",
)


def parse_policy(text: str, origin: str) -> Policy:
    """Read a policy file; PolicyError with all its mistakes. An empty file gives the defaults."""
    try:
        data = yaml_text.load(text) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise PolicyError(f"{origin}: can't be read as YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(data, dict):
        raise PolicyError(f"{origin}: must be settings like `plan: {{most_months: 60}}`")
    errors: list[str] = []
    errors += [f"{key} is not known; it is one of {', '.join(_KNOWN)}" for key in data if key not in _KNOWN]
    policy = _read(data, errors)
    if errors:
        raise PolicyError("\n".join(f"{origin}: {message}" for message in errors))
    return policy


def _read(data: Mapping[str, object], errors: list[str]) -> Policy:
    """The policy, with its mistakes added to `errors`; a part that can't be used has its defaults."""

    def part(name: str, made: Callable[..., _Part], known: tuple[Field[object], ...]) -> _Part:
        return made(**_part(name, {message.name for message in known}, data.get(name) or {}, errors))

    return Policy(
        promise=part("promise", PromisePolicy, fields(PromisePolicy)),
        plan=part("plan", PlanPolicy, fields(PlanPolicy)),
        settlement=part("settlement", SettlementPolicy, fields(SettlementPolicy)),
        placement=part("placement", PlacementPolicy, fields(PlacementPolicy)),
        extension=part("extension", ExtensionPolicy, fields(ExtensionPolicy)),
        court=part("court", CourtPolicy, fields(CourtPolicy)),
        visit=part("visit", VisitPolicy, fields(VisitPolicy)),
        write_off=part("write_off", WriteOffPolicy, fields(WriteOffPolicy)),
        sale=part("sale", SalePolicy, fields(SalePolicy)),
        credit_file=part("credit_file", CreditFilePolicy, fields(CreditFilePolicy)),
        clocks=_numbers("clocks", data.get("clocks") or {}, KINDS, 1, 366, errors),
        costs=_numbers("costs", data.get("costs") or {}, CHANNELS, 0, _MOST, errors),
        calendar=_calendar(data.get("calendar", "CN"), errors),
    )


def _calendar(data: object, errors: list[str]) -> str:
    """The country whose business days count."""
    if isinstance(data, str) and is_known_calendar(data):
        return data
    errors.append('calendar must be a country\'s two letters in quotes, such as "CN"')
    return "CN"


def _part(
    name: str, names: Collection[str], data: object, errors: list[str]
) -> dict[str, int | dict[str, int]]:
    """The settings of one policy by name."""
    if not isinstance(data, dict):
        errors.append(f"{name} must be settings in braces")
        return {}
    numbers = {key: value for key, value in data.items() if key != "authority"}
    values: dict[str, int | dict[str, int]] = {**_numbers(name, numbers, names, 0, _MOST, errors)}
    if "authority" in data and "authority" in names:
        roles = ("collector", "lead", "manager", "compliance", "legal")
        values["authority"] = _numbers(f"{name}: authority", data["authority"], roles, 0, WHOLE, errors)
    return values


def _numbers(
    place: str, data: object, known: Collection[str], least: int, limit: int, errors: list[str]
) -> dict[str, int]:
    """Whole numbers by known names."""
    if not isinstance(data, dict):
        errors.append(f"{place} must be settings in braces")
        return {}
    numbers = {}
    for key, value in data.items():
        if key not in known:
            errors.append(f"{place}: {key} is not known; it is one of {', '.join(sorted(known))}")
        elif not isinstance(value, int) or isinstance(value, bool) or not least <= value <= limit:
            errors.append(f"{place}: {key} must be a whole number between {least} and {limit}")
        else:
            numbers[key] = value
    return numbers
