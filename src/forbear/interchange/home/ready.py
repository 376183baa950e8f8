"""The ready files of a new home: settings, policy, strategies, rules and texts, of one country or of all that ship.

Amounts of a policy are in the country's own money. Where a law gives a number it stands in the rule pack; these are a
lender's own choices to begin with.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

READY = ("strategies", "packs", "templates")


@dataclass(frozen=True, slots=True)
class Country:
    """What a lender of a country begins with.

    `name` is (zh, en). Amounts are in minor units: `own_limit` of a plan that one person agrees, `harm_price` of a
    finding against an agency, `own_cost` of a lawsuit, `small_claim` up to which a claim is small. `least_case` and
    `least_court` are in the currency's unit. `clocks` are the days in which a person answers, by kind of request.
    """

    name: tuple[str, str]
    calendar: str
    currency: str
    timezone: str
    encoding: str
    contact: str
    least_instalment: int
    own_limit: int
    harm_price: int
    own_cost: int
    small_claim: int
    least_case: str
    least_court: str
    clocks: str


COUNTRIES = {
    "cn": Country(
        ("我的贷款机构", "My lender"),
        "CN",
        "CNY",
        "Asia/Shanghai",
        "utf-8, or gb18030, gbk, gb2312, cp1252",
        'phone: "+861000000000", address: 本机构地址, regulator: 金融消费者投诉热线 12378,\n'
        "  bureau: 中国人民银行征信中心, court: 有管辖权的人民法院",
        5_000,
        2_000_000,
        20_000,
        30_000,
        5_000_000,
        "100.00",
        "5000.00",
        "complaint: 15, credit_objection: 20",
    ),
    # a complaint sent through the CFPB: 15 days; a dispute about a credit report: 30 days (15 U.S.C. 1681i, 1681s-2)
    "us": Country(
        ("My lender", "My lender"),
        "US",
        "USD",
        "America/New_York",
        "utf-8, or cp1252",
        'phone: "+19995550100", address: our address, regulator: the Consumer Financial Protection Bureau,\n'
        "  bureau: the credit bureaus, court: the court of the place where you live",
        2_500,
        500_000,
        5_000,
        15_000,
        1_000_000,
        "50.00",
        "1000.00",
        "complaint: 15, credit_objection: 30",
    ),
    # a final response to a complaint within eight weeks (DISP 1.6.2 R); data protection requests within a month
    "uk": Country(
        ("My lender", "My lender"),
        "GB",
        "GBP",
        "Europe/London",
        "utf-8, or cp1252",
        'phone: "+449990000100", address: our address, regulator: the Financial Conduct Authority,\n'
        "  bureau: the credit reference agencies, court: the County Court",
        500,
        300_000,
        4_000,
        12_000,
        1_000_000,
        "50.00",
        "500.00",
        "complaint: 56, credit_objection: 28",
    ),
}
_ALL_CURRENCIES = ("CNY", "GBP", "USD")

_LENDER_YAML = """\
# The lender's own settings. Paths are inside this folder.
name: {{zh: {name[0]}, en: {name[1]}}}
strategy: strategies/consumer-{code}.yaml
# the rules of contact; several are merged and the strictest wins
packs: [packs/{code}.yaml]
# the approved texts, and what they say of the lender beside its name
templates: templates/consumer-{code}.yaml
contact: {{{contact}}}
# where the lender is, and the address of its pages
timezone: {timezone}
url: http://localhost:8000
# empty for SQLite in data/desk.sqlite3, or postgresql://user:password@host/name (also FORBEAR_DATABASE)
database: ""
# how many cores a night and an import may use; 0 means all
threads: 0
# the share of a file's rows that may be quarantined before an import is refused
largest_quarantine: 0.05
# how the feed's CSV files are written: {encoding}
feed_encoding: utf-8
# what may change from one feed to the next before the import stops: see docs/reference/settings.md
feed: {{least: 5, loans_gone: 0.02, payments_gone: 0.005, oldest_days: 3, require_control: false}}
"""
_POLICY_YAML = """\
# What the lender agrees to. Least amounts name their currency, other amounts are in its smallest unit.
# Shares of settlements are in 1/100 percent.
promise: {{longest_days: 14, least_share: 10, grace_days: 1, tolerance: 5, most_broken: 3}}
# above own_limit or own_months a second person signs
plan: {{most_months: 60, least_instalment: {least_instalment}, first_within: 31, own_limit: {own_limit}, own_months: 12,
  grace_days: 5, missed_to_break: 2, tolerance: 5}}
# who may waive how much alone; floor is the share of principal that is always paid; planned is the discount of an
# offer that the strategy sends by itself, 0 for none
settlement: {{authority: {{collector: 500, lead: 2000, manager: 5000}}, floor: 5000, longest_days: 30,
  from_days_past_due: 60, planned: 0}}
# a payment that only the borrower knows of: above second_above it needs proof and a second person
reported_payment: {{second_above: {{{least_court}}}}}
# how cases go to agencies: chance_share percent are dealt at random so that agencies can be compared; harm_price is
# what one finding against an agency's conduct costs in the computation
placement: {{longest_days: 90, tail_days: 7, from_days_past_due: {placed_from}, chance_share: 20,
  least_amount: {{{least_case}}},
  most_share: 60, least_conduct: 60, harm_price: {harm_price}, answer_days: 3}}
# when a due date is moved at once; whatever else is asked, a person answers
extension: {{after_paid: 5, days_before: 15, longest_days: 30, a_year: 1}}
# lawsuits: share is how much of a claim comes in at the end, own_cost what a lawsuit costs besides the fee
court: {{from_days_past_due: 180, share: 4000, own_cost: {own_cost}, letter_before_claim_days: {claim_days},
  least_amount: {{{least_court}}},
  mediation_days: 30, small_claim_most: {small_claim}, hurry_days: 180, decision_days: 7}}
# days within which a person answers; see docs/agreements.md for the kinds
clocks: {{{clocks}}}
calendar: "{calendar}"
"""


def lender_yaml(code: str) -> str:
    """The settings of a new home in a country."""
    one = COUNTRIES[code]
    return _LENDER_YAML.format(
        code=code, name=one.name, contact=one.contact, timezone=one.timezone, encoding=one.encoding
    )


def policy_yaml(code: str, *, alone: bool) -> str:
    """The policy of a new home; `alone`: with the least amounts of this country's currency and of no other."""
    one = COUNTRIES[code]
    currencies = (one.currency,) if alone else _ALL_CURRENCIES
    return _POLICY_YAML.format(
        least_instalment=one.least_instalment,
        own_limit=one.own_limit,
        harm_price=one.harm_price,
        own_cost=one.own_cost,
        small_claim=one.small_claim,
        clocks=one.clocks,
        calendar=one.calendar,
        placed_from=30 if code == "cn" else 90,
        claim_days=30 if code == "uk" else 14,
        least_case=", ".join(f"{currency}: {one.least_case}" for currency in currencies),
        least_court=", ".join(f"{currency}: {one.least_court}" for currency in currencies),
    )


def lay_ready(folder: Path, code: str, *, alone: bool) -> None:
    """Copy the ready files of the package into a home, so that the lender owns and may change them.

    `alone`: only what is of this country, with its states and cities, or of no country.
    """
    for name in READY:
        _copy(name, folder, code if alone else "")


def _copy(name: str, folder: Path, code: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    for entry in sorted(files("forbear").joinpath(name).iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            _copy(f"{name}/{entry.name}", folder, code)
        elif entry.name.endswith(".yaml") and (not code or code in _countries(entry.name)):
            (folder / name / entry.name).write_text(entry.read_text(encoding="utf-8"), encoding="utf-8")


def _countries(file: str) -> Iterator[str]:
    """Of which countries a ready file is, by its name: us-ny.yaml, consumer-us.yaml; of all when it names none."""
    stem = file.removesuffix(".yaml").removeprefix("consumer-")
    yield from (code for code in COUNTRIES if stem == code or stem.startswith(f"{code}-"))
    if stem.partition("-")[0] not in COUNTRIES:
        yield from COUNTRIES
