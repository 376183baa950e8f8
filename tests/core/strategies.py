"""Made-up lenders for Hypothesis: any book of loans with every feature that the rules know.

`books()` is the general tool: a lender's products and some loans on them. `as_of_dates()` gives a date that
bears on such books. Amounts lean towards the edges where rules turn: exactly an instalment, a unit more or
less, a shortfall just at the tolerance. Identifiers are unique in the whole book, and rows come in no
particular order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import yaml
from hypothesis import strategies as st

from forbear.core.base.calendar import DUE_DATE_RULES
from forbear.core.base.money import minor_digits
from forbear.core.loans.account import SnapshotRow, account_loan, snapshot_of
from forbear.core.loans.loan import (
    COMPONENTS,
    DEFAULT_BUCKETS,
    PAUSE_RULES,
    Amounts,
    Instalment,
    Loan,
    Pause,
    Payment,
    PayoffQuote,
    Product,
)
from forbear.core.loans.products import Products

CURRENCIES = ("CNY", "USD", "GBP", "JPY", "KWD")
CALENDARS = ("CN", "US", "GB")
# Round Chinese New Year 2024, with its make-up workdays and a leap day, and late enough for every bucket
# and class.
FIRST_DUE = date(2023, 11, 1)
LAST_DUE = date(2024, 6, 30)
LAST_AS_OF = date(2025, 9, 30)
UNLISTED = "unlisted-product"


def days(first: date = FIRST_DUE, last: date = LAST_DUE) -> st.SearchStrategy[date]:
    """Any day of a span."""
    return st.dates(first, last)


def as_of_dates() -> st.SearchStrategy[date]:
    """A date to compute a book at: mostly among the due dates, sometimes long after or before all."""
    return st.one_of(
        days(), days(), days(FIRST_DUE - timedelta(days=10), LAST_AS_OF), days(LAST_DUE, LAST_AS_OF)
    )


@st.composite
def products(draw: st.DrawFn, code: str = "product-a") -> Product:
    """One product with any terms."""
    rule = draw(st.sampled_from(DUE_DATE_RULES))
    return Product(
        code=code,
        grace_days=draw(st.sampled_from((0, 0, 1, 3, 10))),
        tolerance=draw(
            st.sampled_from((Decimal(0), Decimal(0), Decimal("0.5"), Decimal("10.00"), Decimal(100)))
        ),
        allocation_order=tuple(draw(st.permutations(COMPONENTS))),
        due_date_rule=rule,
        calendar=draw(st.sampled_from(CALENDARS))
        if rule != "none"
        else draw(st.sampled_from(("", *CALENDARS))),
        due_date_counts=draw(st.booleans()),
        pauses=draw(st.sampled_from(PAUSE_RULES)),
        buckets=draw(st.sampled_from((DEFAULT_BUCKETS, (1, 30, 60, 90), (4, 31), (1,)))),
        names=draw(st.sampled_from(({}, {"zh": "现金贷", "en": "Cash loan"}))),
    )


@st.composite
def product_books(draw: st.DrawFn) -> Products:
    """One to three products and a default for codes that aren't listed."""
    codes = draw(
        st.sampled_from((("cash-loan",), ("cash-loan", "card-plan"), ("cash-loan", "card-plan", "auto")))
    )
    listed = {code: draw(products(code)) for code in codes}
    return Products(listed, draw(products("default")))


@st.composite
def amounts(draw: st.DrawFn, currency: str = "CNY") -> Amounts:
    """What an instalment asks for: any component may be zero, and so may all of it."""
    unit = 10 ** minor_digits(currency)
    parts = st.one_of(st.just(0), st.integers(0, 3 * unit), st.integers(0, 5000 * unit))
    return Amounts(*(draw(parts) for _ in COMPONENTS))


@st.composite
def schedules(draw: st.DrawFn, currency: str = "CNY") -> tuple[Instalment, ...]:
    """Instalments in any order; some share a due date, and numbers need not follow the dates."""
    count = draw(st.integers(0, 6))
    if draw(st.booleans()):
        step = timedelta(days=draw(st.sampled_from((1, 7, 15, 30, 31))))
        first = draw(days(FIRST_DUE, FIRST_DUE + timedelta(days=60)))
        due_dates = [first + step * n for n in range(count)]
    else:
        due_dates = draw(st.lists(days(), min_size=count, max_size=count))
    numbers = draw(st.permutations(range(1, count + 1)))
    return tuple(
        Instalment(number, due_on, draw(amounts(currency)))
        for number, due_on in zip(numbers, due_dates, strict=True)
    )


@st.composite
def payments(
    draw: st.DrawFn, instalments: Iterable[Instalment], tolerance: int = 0, prefix: str = "P"
) -> tuple[Payment, ...]:
    """Payments on a schedule, some of them reversed, in no order of date.

    Amounts are anything from one unit to more than is owed at all, and often what clears an instalment or
    leaves a shortfall just at, above or below `tolerance`. Value dates are anywhere, before the first
    instalment too.
    """
    totals = [line.amounts.total for line in instalments]
    edges = {edge + off for edge in (*totals, sum(totals)) for off in (0, -1, 1, -tolerance, -tolerance - 1)}
    amount = st.one_of(
        st.sampled_from(sorted({edge for edge in edges if edge > 0} | {1})),
        st.integers(1, max(max(totals, default=0), 10)),
        st.integers(1, max(sum(totals) * 2, 10)),
    )
    paid_on = days(FIRST_DUE - timedelta(days=30), LAST_DUE + timedelta(days=120))
    made = [
        Payment(f"{prefix}{n}", draw(paid_on), draw(amount))
        for n in draw(st.permutations(range(draw(st.sampled_from((0, 1, 1, 2, 2, 3, 5))))))
    ]
    bounced = [payment for payment in made if draw(st.integers(0, 4)) == 0]
    reversals = [
        Payment(
            f"{payment.payment_id}R",
            payment.paid_on + timedelta(days=draw(st.integers(0, 90))),
            payment.amount,
            payment.payment_id,
        )
        for payment in bounced
    ]
    return tuple(draw(st.permutations(made + reversals)))


@st.composite
def pauses(draw: st.DrawFn) -> tuple[Pause, ...]:
    """Up to three pauses: overlapping, of no length, in the future, or not ended yet."""
    made = []
    for _ in range(draw(st.sampled_from((0, 0, 1, 2, 3)))):
        starts_on = draw(days(FIRST_DUE - timedelta(days=10), LAST_DUE + timedelta(days=60)))
        length = draw(st.one_of(st.none(), st.integers(0, 60)))
        made.append(Pause(starts_on, None if length is None else starts_on + timedelta(days=length)))
    return tuple(made)


@st.composite
def quotes(draw: st.DrawFn, most: int) -> PayoffQuote | None:
    """The lender's own figures of a loan, or none: each of them alone, and some that contradict the instalments."""
    if draw(st.booleans()):
        return None
    amount = st.one_of(st.none(), st.integers(0, max(most, 1)), st.integers(max(0, most - 2), most + 1000))
    on = draw(days())
    return PayoffQuote(
        on, on + timedelta(days=draw(st.sampled_from((0, 0, 1, 30, 200)))), draw(amount), draw(amount)
    )


@st.composite
def loans(draw: st.DrawFn, product: Product, loan_id: str = "L1", borrower_id: str = "B1") -> Loan:
    """One loan on `product`, of any status."""
    currency = draw(st.sampled_from(CURRENCIES))
    instalments = draw(schedules(currency))
    return Loan(
        loan_id=loan_id,
        borrower_id=borrower_id,
        product=product.code,
        currency=currency,
        principal=sum(line.amounts.principal for line in instalments),
        disbursed_on=draw(st.one_of(st.none(), st.none(), st.just(FIRST_DUE - timedelta(days=30)), days())),
        status=draw(st.sampled_from(("active",) * 6 + ("closed", "written_off"))),
        instalments=instalments,
        payments=draw(payments(instalments, product.tolerance_minor(currency), prefix=f"{loan_id}-P")),
        pauses=draw(pauses()),
        quote=draw(quotes(sum(line.amounts.total for line in instalments))),
    )


@dataclass(frozen=True, slots=True)
class FedAccount(Loan):
    """An account beside the row that its snapshot came of, as a feed has it."""

    row: SnapshotRow | None = None


@st.composite
def _paid_and_asked(draw: st.DrawFn, as_of: date, balance: int) -> dict[str, object]:
    """What a row says of its statement and the last payment, each of it or nothing."""
    before = st.integers(0, 40).map(lambda back: as_of - timedelta(days=back))
    given: dict[str, object] = {}
    if draw(st.booleans()):
        given |= {
            "statement_on": draw(before),
            "paid_since_statement": draw(st.none() | st.integers(0, balance + 5)),
        }
    if balance and draw(st.booleans()):
        first = given.get("statement_on") or as_of - timedelta(days=40)
        given["minimum_due"] = draw(st.integers(0, balance))
        given["minimum_due_on"] = draw(st.dates(first, as_of + timedelta(days=40)))
    if draw(st.booleans()):
        given |= {
            "last_payment_on": draw(before),
            "last_payment_amount": draw(st.none() | st.integers(1, 10_000)),
        }
    return given


@st.composite
def snapshot_rows(draw: st.DrawFn) -> SnapshotRow:
    """One account's state at the end of a day, by any of the ways in which lenders say it."""
    as_of = draw(days(FIRST_DUE, LAST_DUE + timedelta(days=30)))
    balance = draw(st.one_of(st.just(0), st.integers(1, 300), st.integers(1, 500_000)))
    given = draw(_paid_and_asked(as_of, balance))
    how = draw(st.sampled_from(("parts", "total", "charged_off", "nothing")))
    late = draw(st.one_of(st.just(0), st.just(balance), st.integers(0, balance)))
    if how == "charged_off":
        given["charge_off_on"] = as_of - timedelta(days=draw(st.integers(0, 400)))
        given["charge_off_amount"] = draw(st.none() | st.integers(0, balance + 100))
    if how == "parts":
        cuts = sorted(draw(st.lists(st.integers(0, late), min_size=3, max_size=3)))
        ends = [0, *cuts, late]
        for at, name in enumerate(COMPONENTS):
            given[f"past_due_{name}"] = ends[at + 1] - ends[at] or draw(st.sampled_from((None, 0)))
    if how == "total":
        given["past_due"] = late
    if how in ("parts", "total") and late:
        since = as_of - timedelta(days=draw(st.integers(1, 400)))
        name = draw(st.sampled_from(("oldest_due_on", "days_past_due", "first_delinquent_on")))
        given[name] = (as_of - since).days if name == "days_past_due" else since
    return SnapshotRow(as_of, balance, **given)


@st.composite
def accounts(draw: st.DrawFn, product: Product, loan_id: str = "L1", borrower_id: str = "B1") -> FedAccount:
    """One account on `product`, which moves no due date, of any status, with payments before and after its snapshot."""
    assert product.due_date_rule == "none"
    currency, row = draw(st.sampled_from(CURRENCIES)), draw(snapshot_rows())
    owed = (Instalment(1, row.as_of, Amounts(principal=row.balance)),)
    loan = FedAccount(
        loan_id=loan_id,
        borrower_id=borrower_id,
        product=product.code,
        currency=currency,
        principal=draw(st.sampled_from((0, row.balance))),
        disbursed_on=draw(st.one_of(st.none(), st.just(FIRST_DUE - timedelta(days=30)))),
        status=draw(st.sampled_from(("active",) * 6 + ("closed", "written_off"))),
        payments=draw(payments(owed, product.tolerance_minor(currency), prefix=f"{loan_id}-P")),
        pauses=draw(pauses()),
        row=row,
    )
    return account_loan(loan, snapshot_of(row, loan.payments, due_date_counts=product.due_date_counts))


@st.composite
def books(draw: st.DrawFn, max_loans: int = 4) -> tuple[Products, list[Loan]]:
    """A lender's products, loans and accounts; a borrower may have several, and a loan's product may be unlisted."""
    lender = draw(product_books())
    book = []
    for n in range(1, draw(st.integers(1, max_loans)) + 1):
        code = draw(st.sampled_from((*lender.listed, UNLISTED)))
        borrower_id = f"B{draw(st.integers(1, 2))}"
        product = lender.get(code)
        made = accounts if product.due_date_rule == "none" and draw(st.booleans()) else loans
        book.append(draw(made(product, loan_id=f"L{n}", borrower_id=borrower_id)))
    return lender, book


@st.composite
def priced_loans(draw: st.DrawFn) -> tuple[Product, Loan]:
    """One product and one loan on it that can owe something: active and disbursed, or written off."""
    product = draw(products())
    loan = draw(loans(product).filter(lambda loan: loan.status != "closed"))
    return product, loan


def products_yaml(lender: Products) -> str:
    """The `products.yaml` that `lender` would be read from."""
    content = {"default": _settings(lender.default), "products": {p.code: _settings(p) for p in lender}}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _settings(product: Product) -> dict[str, object]:
    return {
        "name": dict(product.names),
        "grace_days": product.grace_days,
        "tolerance": str(product.tolerance),
        "allocation_order": list(product.allocation_order),
        "due_date_rule": product.due_date_rule,
        "calendar": product.calendar,
        "due_date_counts": product.due_date_counts,
        "pauses": product.pauses,
        "buckets": list(product.buckets),
    }
