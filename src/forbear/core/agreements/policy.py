"""What a lender agrees to: promises, plans, settlements, and by when requests are answered.

    promise: {longest_days: 14, least_share: 10}
    plan: {most_months: 60, own_months: 12}
    settlement: {floor: 5000, authority: {collector: 500, lead: 2000}}
    reported_payment: {days: 5, second_above: {CNY: 5000.00}}
    placement: {longest_days: 90, chance_share: 20}
    write_off: {from_days_past_due: 180, quiet_days: 90}
    sale: {only_written_off: 1}
    visit: {first_hour: 9, last_hour: 19, leave_minutes: 240}
    extension: {after_paid: 5, days_before: 15, longest_days: 30, a_year: 1}
    court: {from_days_past_due: 180, least_amount: {CNY: 5000.00}, share: 4000}
    clocks: {complaint: 15}
    costs: {sms: 5, call: 150, visit: 8000}
    credit_file: {keep_days: 730}
    strangers: {keep_days: 180}
    portal: {acts_a_minute: 6, uploads_a_day: 75}
    unmask: {collector: 60, lead: 100}
    review: {weights: {verified: 30, tone: 30, solution: 40}, passes_from: 80}
    cash_target: {CNY: 2000000.00}
    calendar: CN

Whatever is left out has its default. Every mistake is reported with its place in the file.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated

from pydantic import AfterValidator, Field

from forbear.core.agencies.placement import PlacementPolicy
from forbear.core.agreements.plan import PlanPolicy
from forbear.core.agreements.portal_pace import PortalPace
from forbear.core.agreements.promise import PromisePolicy
from forbear.core.agreements.reported_payment import ReportedPaymentPolicy
from forbear.core.agreements.request import KINDS
from forbear.core.agreements.settlement import SettlementPolicy
from forbear.core.base.calendar import is_known_calendar
from forbear.core.base.least_amounts import Currency, amounts_by_currency
from forbear.core.base.problem import FileMistakes, noop
from forbear.core.base.setting import WrongValue, group, known, setting, settings_class, several, whole
from forbear.core.court.lawsuit import CourtPolicy
from forbear.core.evidence.retention import CreditFilePolicy, StrangerPolicy
from forbear.core.facts.contact import CHANNELS
from forbear.core.files.settings import read_settings
from forbear.core.loans.due_dates import ExtensionPolicy
from forbear.core.sales.charge_off import WriteOffPolicy
from forbear.core.sales.sale import SalePolicy
from forbear.core.staff.quality import QualityPolicy
from forbear.core.staff.unmasking import UnmaskPolicy
from forbear.core.visits.visit import VisitPolicy

_CALENDAR = noop('must be a country\'s two letters in quotes, such as "CN"')
_ANSWERS = ("clocks", noop("Answering requests"))


class PolicyError(FileMistakes):
    """A policy file that can't be used; ``problems`` has one for each mistake."""


def _known_calendar(name: str) -> str:
    if not is_known_calendar(name):
        raise WrongValue(_CALENDAR)
    return name


@settings_class
class Policy:
    """All of it; `calls_a_minute` is the pace of an API key, `clocks` are days by kind of request, `costs` the price
    of a contact by channel in minor units, `calendar` the country whose business days count.
    """

    promise: Annotated[PromisePolicy, group(noop("Promises to pay"))] = field(default_factory=PromisePolicy)
    plan: Annotated[PlanPolicy, group(noop("Plans"))] = field(default_factory=PlanPolicy)
    settlement: Annotated[SettlementPolicy, group(noop("Settlements"))] = field(
        default_factory=SettlementPolicy
    )
    extension: Annotated[ExtensionPolicy, group(noop("Moving a due date at once"))] = field(
        default_factory=ExtensionPolicy
    )
    placement: Annotated[PlacementPolicy, group(noop("Agencies"))] = field(default_factory=PlacementPolicy)
    court: Annotated[CourtPolicy, group(noop("Litigation"))] = field(default_factory=CourtPolicy)
    reported_payment: Annotated[ReportedPaymentPolicy, group(noop("Payments that borrowers report"))] = field(
        default_factory=ReportedPaymentPolicy
    )
    visit: Annotated[VisitPolicy, group(noop("Field visits"))] = field(default_factory=VisitPolicy)
    write_off: Annotated[WriteOffPolicy, group(noop("Charge-off"))] = field(default_factory=WriteOffPolicy)
    sale: Annotated[SalePolicy, group(noop("Debt sales"))] = field(default_factory=SalePolicy)
    credit_file: Annotated[CreditFilePolicy, group(noop("Files for credit bureaus"))] = field(
        default_factory=CreditFilePolicy
    )
    strangers: Annotated[StrangerPolicy, group(noop("Messages from strangers"))] = field(
        default_factory=StrangerPolicy
    )
    portal: Annotated[PortalPace, group(noop("Borrowers' own pages"))] = field(default_factory=PortalPace)
    unmask: Annotated[UnmaskPolicy, group(noop("Personal data in the clear"))] = field(
        default_factory=UnmaskPolicy
    )
    review: Annotated[QualityPolicy, group(noop("Quality reviews"))] = field(default_factory=QualityPolicy)
    cash_target: Annotated[
        Mapping[Currency, int],
        amounts_by_currency(),
        several(
            noop("Cash target of a month"),
            noop("From borrowers in collections; the dashboard compares with it"),
            "money",
            codes="currency",
            section=("dashboard", noop("Dashboard")),
        ),
    ] = field(default_factory=dict)
    calls_a_minute: Annotated[
        int,
        whole(
            noop("Calls of a program"),
            noop("One API key calls each process in a minute at most"),
            "times",
            least=10,
            most=1_000_000,
        ),
    ] = 1200
    clocks: Annotated[
        Mapping[Annotated[str, known(KINDS)], Annotated[int, Field(ge=1, le=366, strict=True)]],
        several(
            noop("Answer"),
            noop("A person answers within"),
            "request",
            codes="request",
            section=_ANSWERS,
        ),
    ] = field(default_factory=dict)
    calendar: Annotated[
        str,
        AfterValidator(_known_calendar),
        setting(
            noop("Calendar"),
            noop("Whose holidays business days go by"),
            wanted=_CALENDAR,
            section=_ANSWERS,
        ),
    ] = "CN"
    costs: Annotated[
        Mapping[Annotated[str, known(CHANNELS)], Annotated[int, Field(ge=0, le=10**12, strict=True)]],
        several(
            noop("Price"),
            noop("Of one contact, for the figures of cost"),
            "minor",
            codes="channel",
            section=("costs", noop("Costs of contact")),
        ),
    ] = field(default_factory=dict)


def parse_policy(text: str, origin: str) -> Policy:
    """Read a policy file; PolicyError with all its mistakes. An empty file gives the defaults."""
    policy = read_settings(Policy, text, origin, noop("must be settings like `plan: {most_months: 60}`"))
    if isinstance(policy, list):
        raise PolicyError(policy)
    return policy
