"""The plain facts of a loan: what was agreed, what was paid, under which product's terms.

These are values. Nothing here decides anything; `allocation` and `delinquency` do. All amounts are minor
units of the loan's currency.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from forbear.core.base.calendar import DUE_DATE_RULES
from forbear.core.base.money import minor_digits

COMPONENTS = ("principal", "interest", "fee", "penalty")
DEFAULT_ALLOCATION_ORDER = ("fee", "penalty", "interest", "principal")
PAUSE_RULES = ("ignored", "stop_the_clock")
STATUSES = ("active", "closed", "written_off")
COMPOUNDING = ("monthly", "none")
DAY_COUNTS = (360, 365)
BEARING = ("principal", "interest", "fee")
# what a product's loans are repaid by: instalments, or a minimum payment a statement (cards, credit lines)
PRODUCT_KINDS = ("instalments", "revolving")
#: The dates from which a debt may be itemized: 12 CFR 1006.34(b)(3).
ITEMIZATION_EVENTS = ("last_statement", "charge_off", "last_payment", "transaction", "judgment")

# Lower bounds in days: 1 to 30 days is M1, 31 to 60 is M2, and so on, the last one open. Below the first is
# M0.
Buckets = tuple[int, ...]
DEFAULT_BUCKETS: Buckets = (1, 31, 61, 91, 121, 151, 181)


@dataclass(frozen=True, slots=True)
class Amounts:
    """An amount by component, in minor units."""

    ZERO: ClassVar["Amounts"]
    principal: int = 0
    interest: int = 0
    fee: int = 0
    penalty: int = 0

    @property
    def total(self) -> int:
        """All components together."""
        return self.principal + self.interest + self.fee + self.penalty

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.principal + other.principal,
            self.interest + other.interest,
            self.fee + other.fee,
            self.penalty + other.penalty,
        )

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.principal - other.principal,
            self.interest - other.interest,
            self.fee - other.fee,
            self.penalty - other.penalty,
        )

    def not_negative(self) -> bool:
        """Whether no component is below zero."""
        return min(self.principal, self.interest, self.fee, self.penalty) >= 0


# Set afterwards, since a class can't hold an instance of itself.
Amounts.ZERO = Amounts()


def are_buckets(bounds: Buckets) -> bool:
    """Whether `bounds` can serve as bucket bounds: at least one, from day 1 on, strictly rising."""
    return bool(bounds) and bounds[0] >= 1 and all(low < high for low, high in pairwise(bounds))


@dataclass(frozen=True, slots=True)
class PenaltyTerms:
    """What lateness costs by contract; see core.loans.penalty for what is made of it.

    `contract_rate` is percent a year and is multiplied by `factor`; where it is 0, `daily_rate`, percent a day,
    stands in its place. `day_count` is how many days a year has for the rate. `bears` are the components that
    penalty is charged on. `allow`, in the currency's unit, is how far a feed's figure may be off unremarked.
    """

    contract_rate: Decimal = Decimal(0)
    factor: Decimal = Decimal("1.5")
    daily_rate: Decimal = Decimal(0)
    compounding: str = "monthly"
    day_count: int = 360
    bears: tuple[str, ...] = ("principal", "interest")
    allow: Decimal = Decimal("0.10")

    def __post_init__(self) -> None:
        assert min(self.contract_rate, self.factor, self.daily_rate, self.allow) >= 0
        assert self.compounding in COMPOUNDING
        assert self.day_count in DAY_COUNTS
        assert self.bears, "penalty is charged on something"
        assert set(self.bears) <= set(BEARING)

    @property
    def a_day(self) -> Fraction:
        """The share of the base that a day costs."""
        if self.contract_rate:
            return Fraction(self.contract_rate) * Fraction(self.factor) / 100 / self.day_count
        return Fraction(self.daily_rate) / 100


@dataclass(frozen=True, slots=True)
class Product:
    """The terms that decide who is overdue, and how a payment is spread.

    `grace_days` (容时) postpones delinquency, not days past due. `tolerance` (容差), in the currency's
    unit, is the shortfall of an instalment that is let pass. `due_date_counts` makes the due date itself
    day 1. `pauses` says whether agreed pauses stop the clock that delinquency, bucket and class are read
    from. `penalty` is None where the lender hasn't said what lateness costs. `kind` is one of PRODUCT_KINDS.
    """

    code: str
    grace_days: int = 0
    tolerance: Decimal = Decimal(0)
    allocation_order: tuple[str, ...] = DEFAULT_ALLOCATION_ORDER
    due_date_rule: str = "none"
    calendar: str = ""
    due_date_counts: bool = False
    pauses: str = "ignored"
    buckets: Buckets = DEFAULT_BUCKETS
    names: dict[str, str] = field(default_factory=dict, hash=False)
    penalty: PenaltyTerms | None = None
    kind: str = "instalments"

    def __post_init__(self) -> None:
        assert self.grace_days >= 0
        assert isinstance(self.tolerance, Decimal)
        assert self.tolerance >= 0
        assert sorted(self.allocation_order) == sorted(COMPONENTS)
        assert self.due_date_rule in DUE_DATE_RULES
        assert self.calendar or self.due_date_rule == "none", "a rule about business days needs a calendar"
        assert self.pauses in PAUSE_RULES
        assert are_buckets(self.buckets)
        assert self.kind in PRODUCT_KINDS

    def tolerance_minor(self, currency: str) -> int:
        """The tolerance in whole minor units of `currency`.

        Rounded down, which changes nothing: an unpaid amount is whole, so it is above 0.5 yen when it is
        above 0.
        """
        return int(self.tolerance.scaleb(minor_digits(currency)).to_integral_value(ROUND_FLOOR))


@dataclass(frozen=True, slots=True)
class Instalment:
    """One line of the schedule. `number` is unique in its loan; `due_on` is as agreed, not shifted.

    Of an account without a schedule `kind` is what the line holds: past_due, minimum or rest (see core.loans.account).
    """

    number: int
    due_on: date
    amounts: Amounts
    kind: str = "instalment"

    def __post_init__(self) -> None:
        assert self.amounts.not_negative(), "an instalment can't be negative"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received with value date `paid_on`; or, when `reverses` names a payment, the news that it
    bounced.

    A reversal's own date and amount are kept for the record only: the payment it names counts as never made.
    """

    payment_id: str
    paid_on: date
    amount: int
    reverses: str = ""

    def __post_init__(self) -> None:
        assert self.amount > 0 or self.reverses, "a payment is above zero; a reversal names what it undoes"


@dataclass(frozen=True, slots=True)
class Pause:
    """An agreed stop of the delinquency clock. The day `ends_on` is running again; None is not ended yet."""

    starts_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        assert self.ends_on is None or self.ends_on >= self.starts_on, "a pause can't end before it starts"

    def covers(self, day: date) -> bool:
        """Whether the loan is spoken of as paused on `day`: the first and the last day are both inside."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """The lender's own figures of a loan at the end of `on`, in minor units.

    `payoff` settles the loan on every day from `on` to `until`, less what is paid after `on`. `balance` is the
    principal outstanding, and stands until the next quote. None is not given.
    """

    on: date
    until: date
    payoff: int | None = None
    balance: int | None = None

    def __post_init__(self) -> None:
        assert self.until >= self.on, "a quote can't end before it begins"
        assert min(self.payoff or 0, self.balance or 0) >= 0, "a loan is settled by nothing or more"


@dataclass(frozen=True, slots=True)
class Itemization:
    """What was owed on one day and what came since.

    `amount` + `interest` + `fees` - `paid` - `credited` is the balance.
    `event` says which day `on` is, one of ITEMIZATION_EVENTS. Amounts in minor units (12 CFR 1006.34(c)(2)).
    """

    on: date
    event: str
    amount: int
    interest: int = 0
    fees: int = 0
    paid: int = 0
    credited: int = 0

    def __post_init__(self) -> None:
        assert self.event in ITEMIZATION_EVENTS, self.event
        assert min(self.amount, self.interest, self.fees, self.paid, self.credited) >= 0

    @property
    def balance(self) -> int:
        """What is left of it, in minor units."""
        return self.amount + self.interest + self.fees - self.paid - self.credited


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the lender says of an account at the end of `as_of`; see core.loans.account. Amounts in minor units.

    `past_due` is due since `oldest_due_on`; `minimum_left` is still to be paid by `minimum_due_on`, what is past due
    included. The balance knows of payments up to `shown_until`; `last_payment_on` is the newest of them.
    """

    as_of: date
    shown_until: date
    balance: int
    past_due: Amounts = Amounts.ZERO
    oldest_due_on: date | None = None
    minimum_left: int = 0
    minimum_due: int | None = None
    minimum_due_on: date | None = None
    statement_on: date | None = None
    last_payment_on: date | None = None
    last_payment_amount: int | None = None
    charge_off_on: date | None = None
    charge_off_amount: int | None = None
    first_delinquent_on: date | None = None
    limitation_from: date | None = None
    itemization: Itemization | None = None

    def __post_init__(self) -> None:
        assert self.past_due.not_negative(), "nothing is past due by less than nothing"
        assert self.past_due.total <= self.balance, "past due is part of the balance"
        assert (self.past_due.total > 0) == (self.oldest_due_on is not None), (
            "what is past due has a due date"
        )

    def shows(self, payment: Payment) -> bool:
        """Whether the balance knows of a payment already."""
        return payment.paid_on <= self.shown_until


@dataclass(frozen=True, slots=True)
class Loan:
    """One loan with everything that its arrears follow from. `product` is a code in the lender's products.

    Of an `account` (see core.loans.account) the instalments are its snapshot's lines, `payments` those that the
    snapshot doesn't show, and `shown` those that it does.
    """

    loan_id: str
    borrower_id: str
    product: str
    currency: str
    principal: int
    disbursed_on: date | None = None
    status: str = "active"
    instalments: tuple[Instalment, ...] = ()
    payments: tuple[Payment, ...] = ()
    pauses: tuple[Pause, ...] = ()
    quote: PayoffQuote | None = None
    account: Snapshot | None = None
    shown: tuple[Payment, ...] = ()

    def __post_init__(self) -> None:
        assert self.status in STATUSES
        assert self.account is not None or not self.shown, "only an account shows payments"

    @property
    def all_payments(self) -> tuple[Payment, ...]:
        """Every payment known, those that a snapshot shows first."""
        return (*self.shown, *self.payments)

    def owes(self, as_of: date) -> bool:
        """Whether anything can be owed at `as_of`: the loan isn't closed, and was disbursed by then."""
        return self.status != "closed" and (self.disbursed_on is None or self.disbursed_on <= as_of)
