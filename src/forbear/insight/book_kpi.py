"""KPIs of the portfolio, computed from the book and the nights: entry, first payments, cash, cure, vintage.

What a payment did is judged by its value date, so a figure of a past period changes when a late payment is received.
Amounts are minor units of the currency with most loans; loans in others are left out, and the page says which counts.
A period's scope chooses loans here: those of its product and creditor, of the borrowers whom the rest of it chooses.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from forbear.core.base.problem import MessageId, noop
from forbear.engine.columnar import Connection, connected, one_row, parquet
from forbear.insight.kpi import Period, made
from forbear.insight.roll import nights_between
from forbear.interchange.book.book import Book
from forbear.interchange.home.lender import Home
from forbear.night.run import open_night

_THREADS = 2
#: How long before the period a cure is looked for.
_CURED_BEFORE = 90
#: Channels by which a person speaks with a person.
_BY_PEOPLE = ("call", "visit")


@dataclass(frozen=True, slots=True)
class BookKpi:
    """A share of loans or of money; `unit` is `money` or `loans`. `sql` makes rows (loan, day, part, whole)."""

    key: str
    name: MessageId
    formula: MessageId
    version: int
    unit: str
    sql: Callable[[Connection, Book, Home, Period], str | None]


@dataclass(frozen=True, slots=True)
class BookFigure:
    """The KPI's sums in a period; `value` in percent, None where the whole is nothing or a night is missing."""

    kpi: BookKpi
    currency: str
    part: int
    whole: int
    rows: int

    @property
    def value(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None


def _entry(engine: Connection, book: Book, home: Home, period: Period) -> str:
    """Each instalment that fell due, and what of it was open at the end of that day."""
    engine.execute("create temp table due (loan_id varchar, day date, open bigint, amount bigint)")
    for part in range(book.partitions):
        engine.execute(
            f"""insert into due
            select l.loan_id, i.falls_due_on,
                case when i.settled_on <= i.falls_due_on then 0
                     else i.due_to_date - greatest(coalesce(p.paid, 0), i.due_to_date - i.amount) end,
                i.amount
            from (select loan_key, falls_due_on, settled_on, due_to_date,
                    (principal + interest + fee + penalty)::bigint as amount
                  from {parquet(book.part(part), "instalments.parquet")}
                  where falls_due_on between $first and $last) i
            join {parquet(book.part(part), "loans.parquet")} l using (loan_key)
            asof left join (
                select loan_key, paid_on, sum(counted) over (
                    partition by loan_key order by paid_on range unbounded preceding)::bigint as paid
                from {parquet(book.part(part), "payments.parquet")} where counted > 0) p
              on p.loan_key = i.loan_key and i.falls_due_on >= p.paid_on
            where l.currency = $currency and i.amount > 0
              -- a snapshot keeps nothing of what fell due and was paid
              and l.account_on is null
              and (l.status <> 'closed' or i.settled_on < date '9999-12-31')""",
            {"first": period.first, "last": period.last, "currency": main_currency(engine, book)},
        )
    return "select loan_id, day, open as part, amount as whole from due"


def _first_payment(days: int) -> Callable[[Connection, Book, Home, Period], str]:
    """Each first instalment whose day `days` after falls into the period, and whether it was still open then."""

    def sql(engine: Connection, book: Book, home: Home, period: Period) -> str:
        engine.execute("create temp table firsts (loan_id varchar, day date, part bigint, whole bigint)")
        for part in range(book.partitions):
            engine.execute(
                f"""insert into firsts
                select l.loan_id, i.falls_due_on, (i.settled_on > i.falls_due_on + {days})::bigint, 1
                from {parquet(book.part(part), "instalments.parquet")} i
                join {parquet(book.part(part), "loans.parquet")} l using (loan_key)
                where i.number = l.first_number and l.currency = $currency
                  and (l.status <> 'closed' or i.settled_on < date '9999-12-31')
                  and i.falls_due_on + {days} between $first and $last""",
                {"first": period.first, "last": period.last, "currency": main_currency(engine, book)},
            )
        return "from firsts"

    return sql


def _nights(home: Home, period: Period) -> tuple[date, date] | None:
    """The first and the last night of the period; None with fewer than two."""
    nights = nights_between(home.nights, period.first, period.last)
    return (nights[0], nights[-1]) if len(nights) > 1 else None


def _late(home: Home, day: date) -> str:
    """SQL: the loans late on a night."""
    night = open_night(home.nights, day)
    assert night is not None, "the day is one of the published nights"
    return parquet(night.folder / "arrears", "part-*.parquet")


def _collected(engine: Connection, book: Book, home: Home, period: Period) -> str | None:
    """Each loan late on the first night: what it owed then, and what was paid on it until the last."""
    days = _nights(home, period)
    if days is None:
        return None
    first, last = days
    engine.execute("create temp table cash (loan_id varchar, paid bigint)")
    for part in range(book.partitions):
        engine.execute(
            f"""insert into cash select l.loan_id, sum(p.counted)::bigint
            from {parquet(book.part(part), "payments.parquet")} p
            join {parquet(book.part(part), "loans.parquet")} l using (loan_key)
            where p.counted > 0 and p.paid_on > $first and p.paid_on <= $last group by 1""",
            {"first": first, "last": last},
        )
    return (
        f"select a.loan_id, date '{first}' as day, coalesce(c.paid, 0) as part, a.past_due_amount as whole "
        f"from {_late(home, first)} a left join cash c using (loan_id) "
        f"where a.past_due_amount > 0 and a.currency = {_quoted(main_currency(engine, book))}"
    )


def _cured(
    untouched_by: Callable[[date, date], Iterable[str]] | None = None, *, money: bool = False
) -> Callable[[Connection, Book, Home, Period], str | None]:
    """Each loan late on the first night, and whether it owes nothing late on the last; by count, or by what was past
    due at first. `untouched_by` gives the borrowers whose cures don't count.
    """

    def sql(engine: Connection, book: Book, home: Home, period: Period) -> str | None:
        days = _nights(home, period)
        if days is None:
            return None
        first, last = days
        engine.execute("create temp table touched (borrower_id varchar)")
        if untouched_by is not None:
            names = list(untouched_by(first, last))
            engine.execute("insert into touched select unnest($names::varchar[])", {"names": names})
        whole = "a.past_due_amount::bigint" if money else "1::bigint"
        return (
            f"select a.loan_id, date '{first}' as day, case when z.loan_id is null and t.borrower_id is null "
            f"then {whole} else 0 end as part, {whole} as whole "
            f"from {_late(home, first)} a "
            f"left join {_late(home, last)} z on z.loan_id = a.loan_id and z.past_due_amount > 0 "
            "left join touched t on t.borrower_id = a.borrower_id "
            f"where a.past_due_amount > 0 and a.currency = {_quoted(main_currency(engine, book))}"
        )

    return sql


def _contacted(first: date, last: date) -> Iterable[str]:
    """The borrowers with any contact after the first night and up to the last."""
    rows = made(Period(first + timedelta(days=1), last)).order_by()
    return rows.values_list("borrower_id", flat=True).distinct().iterator()


def _spoken_with(first: date, last: date) -> Iterable[str]:
    """Those whom a person called or visited."""
    rows = made(Period(first + timedelta(days=1), last)).filter(channel__in=_BY_PEOPLE).order_by()
    return rows.values_list("borrower_id", flat=True).distinct().iterator()


def _again(engine: Connection, book: Book, home: Home, period: Period) -> str | None:
    """Each loan cured in the 90 days before the period, and whether it was 30 days late again on a night of it."""
    earlier = nights_between(home.nights, period.first - timedelta(days=_CURED_BEFORE), period.first)
    later = [day for day in nights_between(home.nights, period.first, period.last) if day > period.first]
    if len(earlier) < 2 or not later:
        return None
    first, last = earlier[0], earlier[-1]
    nights = " union all ".join(
        f"select loan_id from {_late(home, day)} where days_past_due >= 30" for day in later
    )
    engine.execute(f"create temp table late_again as select distinct loan_id from ({nights})")
    return (
        f"select a.loan_id, date '{last}' as day, (g.loan_id is not null)::bigint as part, 1::bigint as whole "
        f"from {_late(home, first)} a "
        f"anti join (select loan_id from {_late(home, last)} where past_due_amount > 0) z using (loan_id) "
        "left join late_again g using (loan_id) "
        f"where a.past_due_amount > 0 and a.currency = {_quoted(main_currency(engine, book))}"
    )


BOOK_KPIS: tuple[BookKpi, ...] = (
    BookKpi(
        "entry",
        noop("Entry rate"),
        noop("due on a day and open at its end ÷ due on that day, over the period"),
        1, "money", _entry,
    ),
    BookKpi(
        "fpd7",
        noop("First payment 7 days late"),
        noop("first instalments open 7 days after ÷ those whose 7th day is in the period"),
        1, "loans", _first_payment(7),
    ),
    BookKpi(
        "fpd30",
        noop("First payment 30 days late"),
        noop("first instalments open 30 days after ÷ those whose 30th day is in the period"),
        1, "loans", _first_payment(30),
    ),
    BookKpi(
        "collected",
        noop("Collection rate"),
        noop("paid between the first and the last night on loans late at first ÷ what was past due at first"),
        1, "money", _collected,
    ),
    BookKpi(
        "cured",
        noop("Cure rate"),
        noop("loans late on the first night with nothing late on the last ÷ loans late on the first"),
        1, "loans", _cured(),
    ),
    BookKpi(
        "cured_amount",
        noop("Cure rate, by amount"),
        noop("what was past due on the first night on loans with nothing late on the last ÷ all that was past due"),
        1, "money", _cured(money=True),
    ),
    BookKpi(
        "self_cured",
        noop("Self-cure"),
        noop("loans cured without a call or visit by a person between the two nights ÷ loans late on the first"),
        1, "loans", _cured(_spoken_with),
    ),
    BookKpi(
        "self_cured_amount",
        noop("Self-cure, by amount"),
        noop("past due at first on loans cured without a call or visit by a person ÷ all that was past due"),
        1, "money", _cured(_spoken_with, money=True),
    ),
    BookKpi(
        "no_contact_cured",
        noop("No-contact cure"),
        noop("loans cured without any contact between the two nights ÷ loans late on the first"),
        1, "loans", _cured(_contacted),
    ),
    BookKpi(
        "no_contact_cured_amount",
        noop("No-contact cure, by amount"),
        noop("past due at first on loans cured without any contact ÷ all that was past due"),
        1, "money", _cured(_contacted, money=True),
    ),
    BookKpi(
        "again",
        noop("Late again (30 days)"),
        noop("loans cured in the 90 days before, 30 or more days late on a night of the period ÷ loans cured then"),
        1, "loans", _again,
    ),
)  # fmt: skip
BOOK_BY_KEY = {kpi.key: kpi for kpi in BOOK_KPIS}


def main_currency(engine: Connection, book: Book) -> str:
    """The currency with most loans; "" in an empty book."""
    currency = engine.execute(
        f"select currency from {book.rows('loans')} group by 1 order by count(*) desc, 1 limit 1"
    ).fetchone()
    return currency[0] if currency else ""


def main_currency_of(book: Book) -> str:
    """The same, on an engine of its own."""
    with connected(1) as engine:
        return main_currency(engine, book)


@contextmanager
def _rows(kpi: BookKpi, book: Book, home: Home, period: Period) -> Iterator[tuple[Connection, str | None]]:
    """An engine and the SQL of the rows behind a KPI, of the loans that the period's scope chooses."""
    with connected(_THREADS) as engine:
        sql = kpi.sql(engine, book, home, period)
        if sql is not None and _choose(engine, book, period):
            sql = f"select * from ({sql}) where loan_id in (select loan_id from chosen)"
        yield engine, sql


def _choose(engine: Connection, book: Book, period: Period) -> bool:
    """Make the table `chosen` of the loans that the period's scope chooses; False where it chooses all."""
    scope = period.scope
    if scope.is_all:
        return False
    people = replace(scope, product="", creditor="").borrowers(period.starts, period.ends)
    wanted = {"product": scope.product, "creditor": scope.creditor}
    conditions = [f"{name} = {_quoted(value)}" for name, value in wanted.items() if value]
    if people is not None:
        engine.execute("create temp table people (borrower_id varchar)")
        names = list(people.values_list("pk", flat=True))
        engine.execute("insert into people select unnest($names::varchar[])", {"names": names})
        conditions.append("borrower_id in (select borrower_id from people)")
    engine.execute(
        f"create temp table chosen as select loan_id from {book.rows('loans')} where {' and '.join(conditions)}"
    )
    return True


def book_figure(kpi: BookKpi, book: Book, home: Home, period: Period) -> BookFigure:
    """The KPI's value in a period."""
    with _rows(kpi, book, home, period) as (engine, sql):
        currency = main_currency(engine, book)
        if sql is None:
            return BookFigure(kpi, currency, 0, 0, 0)
        sums = (
            f"select coalesce(sum(part), 0)::bigint, coalesce(sum(whole), 0)::bigint, count(*) from ({sql})"
        )
        part, whole, rows = one_row(engine.execute(sums))
        return BookFigure(kpi, currency, part, whole, rows)


def book_rows(
    kpi: BookKpi, book: Book, home: Home, period: Period, *, part: bool, limit: int, skip: int = 0
) -> list[tuple[str, date, int, int]]:
    """The rows behind it, the largest first: (loan, day, part, whole); `part` gives those with some part alone."""
    with _rows(kpi, book, home, period) as (engine, sql):
        if sql is None:
            return []
        where = "where part > 0" if part else ""
        return engine.execute(
            f"select loan_id, day, part, whole from ({sql}) {where} order by part desc, whole desc, loan_id, day "
            f"limit {int(limit)} offset {int(skip)}"
        ).fetchall()


@dataclass(frozen=True, slots=True)
class Cohort:
    """The loans disbursed in a month: how many, what they were worth, and the share by months on book."""

    month: date
    loans: int
    principal: int
    shares: list[float]


def _lived(engine: Connection, book: Book, days: int, as_of: date, months: int, of: Period | None) -> str:
    """Make the table `lived`: each loan of the cohorts, and the day on which it was first so late; the currency."""
    currency = main_currency(engine, book)
    only = "and loan_id in (select loan_id from chosen)" if of and _choose(engine, book, of) else ""
    engine.execute(
        "create temp table lived (month date, loan_id varchar, principal bigint, day date, hit integer)"
    )
    for part in range(book.partitions):
        engine.execute(
            f"""insert into lived
            select date_trunc('month', l.disbursed_on)::date, l.loan_id, l.principal, h.day,
                datediff('month', l.disbursed_on, h.day)::integer
            from (select * from {parquet(book.part(part), "loans.parquet")}
                  where currency = $currency and disbursed_on is not null and account_on is null
                    and disbursed_on between $since and $as_of {only}) l
            left join (
                select loan_key, min(falls_due_on + {int(days)})::date as day,
                    max(settled_on) < date '9999-12-31' as settled
                from {parquet(book.part(part), "instalments.parquet")}
                where settled_on > falls_due_on + {int(days)} and falls_due_on + {int(days)} <= $as_of
                group by 1) h on h.loan_key = l.loan_key
                  -- what a closed loan never paid says nothing: it was settled in another way
                  and (l.status <> 'closed' or h.settled)""",
            {"currency": currency, "as_of": as_of, "since": _back(as_of, months)},
        )
    return currency


def vintage_rows(
    book: Book, days: int, as_of: date, *, limit: int, months: int = 12, of: Period | None = None
) -> list[tuple]:
    """The loans behind the cohorts, the newest month first: (month, loan, principal, day first so late or None, months
    on book then or None).
    """
    with connected(_THREADS) as engine:
        _lived(engine, book, days, as_of, months, of)
        return engine.execute(
            "select month, loan_id, principal, case when hit is null then null else day end, hit "
            f"from lived order by month desc, loan_id limit {int(limit)}"
        ).fetchall()


def vintage(
    book: Book, days: int, as_of: date, *, months: int = 12, of: Period | None = None
) -> tuple[str, list[Cohort]]:
    """By month of disbursement: the principal of loans that were ever `days` late by each month on book ÷ all of it.

    `of` is a period whose scope chooses the loans. A month on book is reported once the whole cohort has reached it by
    `as_of`. Ever: a loan that was cured still counts.
    """
    with connected(_THREADS) as engine:
        currency = _lived(engine, book, days, as_of, months, of)
        cohorts = []
        for month, loans, principal in engine.execute(
            "select month, count(*), sum(principal)::bigint from lived group by 1 order by 1"
        ).fetchall():
            lived = (as_of.year - month.year) * 12 + as_of.month - month.month
            hit = dict(
                engine.execute(
                    "select hit, sum(principal)::bigint from lived where month = $month and hit is not null group by 1",
                    {"month": month},
                ).fetchall()
            )
            shares, so_far = [], 0
            for age in range(lived):
                so_far += hit.get(age, 0)
                shares.append(100 * so_far / principal if principal else 0.0)
            cohorts.append(Cohort(month, loans, principal, shares))
        return currency, cohorts


def _back(day: date, months: int) -> date:
    """The first day of the month that many months before."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
