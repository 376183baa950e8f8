"""Goal: the portfolio's figures are their formulas, computed a second time from each loan's own lines, one by one."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from forbear.core.base.calendar import falls_due_on
from forbear.engine.columnar import connected
from forbear.insight.book_kpi import BOOK_BY_KEY, BOOK_KPIS, book_figure, book_rows, vintage, vintage_rows
from forbear.insight.kpi import Period
from forbear.insight.scope import Scope
from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.book.read import read_borrowers
from forbear.interchange.home.lender import make_home, open_home, read_text
from forbear.night.run import plan_night, run_night
from forbear.store.models import Contact
from tests.factories.desk import house_rules, make_borrower, wished

EARLY, FIRST, LAST = date(2025, 12, 1), date(2026, 2, 10), date(2026, 3, 20)
PERIOD = Period(FIRST, LAST)
pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book-kpi") / "home"
    make_home(folder)
    generate_feed(folder / "feed", loans=1200, seed=11, as_of=LAST, form="parquet", bad_rows=0)
    home = open_home(folder)
    import_feed(home.book, folder / "feed", quarantine=home.quarantine, threads=1)
    for day in (EARLY, FIRST, LAST):
        inputs = plan_night(open_book(home.book), home.nights, day, read_text(home.strategy), "s", None)
        run_night(inputs, open_book(home.book), home.nights, threads=1)
    return home


@pytest.fixture(scope="module")
def loans(home):
    """Every loan as core has it."""
    book = open_book(home.book)
    with connected() as engine:
        records = [each for part in range(book.partitions) for each in read_borrowers(engine, book, part)]
    return [loan for record in records for loan in record.loans if loan.currency == "CNY"]


@pytest.fixture(scope="module")
def falls(home):
    """The day on which an instalment of a loan falls due."""
    products = open_book(home.book).products()

    def day(loan, line) -> date:
        product = products.get(loan.product)
        return falls_due_on(line.due_on, product.due_date_rule, product.calendar)

    return day


def paid_by(loan, day: date) -> int:
    """What was paid on a loan by the end of a day; what was reversed, and its reversal, never was."""
    gone = {each.reverses for each in loan.payments if each.reverses} | {
        each.payment_id for each in loan.payments if each.reverses
    }
    return sum(each.amount for each in loan.payments if each.paid_on <= day and each.payment_id not in gone)


def open_on(loan, day: date) -> dict[int, int]:
    """What is open of each instalment at the end of a day, the oldest paid first."""
    left, found = paid_by(loan, day), {}
    for line in sorted(loan.instalments, key=lambda line: line.number):
        amount = line.amounts.total
        taken = min(left, amount)
        left -= taken
        found[line.number] = amount - taken
    return found


def told(loan, number: int) -> bool:
    """Whether anything is known of the instalment: what a closed loan never paid was settled in another way."""
    return loan.status != "closed" or not open_on(loan, date(9999, 1, 1))[number]


def figure(home, key: str) -> tuple[int, int]:
    found = book_figure(BOOK_BY_KEY[key], open_book(home.book), home, PERIOD)
    return found.part, found.whole


def test_entry_by_hand(home, loans, falls):
    part = whole = 0
    for loan in loans:
        for line in loan.instalments:
            if FIRST <= falls(loan, line) <= LAST and told(loan, line.number):
                part += open_on(loan, falls(loan, line))[line.number]
                whole += line.amounts.total
    assert figure(home, "entry") == (part, whole)
    assert 0 < part < whole


@pytest.mark.parametrize("days", [7, 30])
def test_first_payments_by_hand(home, loans, falls, days):
    part = whole = 0
    for loan in loans:
        line = min(loan.instalments, key=lambda line: line.number)
        day = falls(loan, line) + timedelta(days=days)
        if FIRST <= day <= LAST and told(loan, line.number):
            whole += 1
            part += open_on(loan, day)[line.number] > 0
    assert figure(home, f"fpd{days}") == (part, whole)
    assert whole > 5


def late(home, day: date) -> dict[str, int]:
    with connected() as engine:
        rows = engine.execute(
            f"select loan_id, past_due_amount from read_parquet('{home.nights}/{day}/arrears/part-*.parquet') "
            "where past_due_amount > 0 and currency = 'CNY'"
        ).fetchall()
    return dict(rows)


def test_cash_and_cure_by_hand(home, loans):
    then, now = late(home, FIRST), late(home, LAST)
    assert len(then) > 20
    by_id = {loan.loan_id: loan for loan in loans}
    cash = sum(paid_by(by_id[name], LAST) - paid_by(by_id[name], FIRST) for name in then)
    assert figure(home, "collected") == (cash, sum(then.values()))
    assert figure(home, "cured") == (sum(name not in now for name in then), len(then))


@pytest.mark.postgresql
def test_cures_without_a_person_and_without_any_contact_by_hand(home, loans):
    then, now = late(home, FIRST), late(home, LAST)
    owner = {loan.loan_id: loan.borrower_id for loan in loans}
    cured = [name for name in then if name not in now]
    called, written = owner[cured[0]], owner[cured[-1]]
    assert called != written
    assert figure(home, "cured_amount") == (sum(then[name] for name in cured), sum(then.values()))
    assert figure(home, "self_cured") == figure(home, "no_contact_cured") == figure(home, "cured")
    house_rules()
    for number, (name, channel) in enumerate(((called, "call"), (written, "sms"), (owner[cured[1]], "call"))):
        made = wished(make_borrower(name, phone=f"+861000000000{number}"), channel)
        # on the first night's own day it was before the window; a day later it is inside
        Contact.objects.filter(pk=made.pk).update(
            state="sent", outcome="delivered", at=moment(FIRST if number == 2 else FIRST + timedelta(days=1))
        )
    alone = [name for name in cured if owner[name] != called]
    untouched = [name for name in alone if owner[name] != written]
    assert figure(home, "self_cured") == (len(alone), len(then))
    assert figure(home, "self_cured_amount") == (sum(then[name] for name in alone), sum(then.values()))
    assert figure(home, "no_contact_cured") == (len(untouched), len(then))
    assert figure(home, "no_contact_cured_amount") == (
        sum(then[name] for name in untouched),
        sum(then.values()),
    )


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def test_late_again_by_hand(home):
    cured = late(home, EARLY).keys() - late(home, FIRST).keys()
    with connected() as engine:
        again = engine.execute(
            f"select loan_id from read_parquet('{home.nights}/{LAST}/arrears/part-*.parquet') where days_past_due >= 30"
        ).fetchall()
    found = cured & {name for (name,) in again}
    assert figure(home, "again") == (len(found), len(cured))
    assert len(cured) > 5


@pytest.mark.parametrize("days", [30, 90])
def test_vintage_by_hand(home, loans, falls, days):
    _, cohorts = vintage(open_book(home.book), days, LAST)
    first_hit, worth, count = {}, defaultdict(int), defaultdict(int)
    for loan in loans:
        month = loan.disbursed_on.replace(day=1)
        worth[month] += loan.principal
        count[month] += 1
        hits = [
            day
            for line in loan.instalments
            if (day := falls(loan, line) + timedelta(days=days)) <= LAST
            and open_on(loan, day)[line.number]
            and told(loan, line.number)
        ]
        if hits:
            first_hit[loan.loan_id] = min(hits)
    assert len(cohorts) > 6
    for cohort in cohorts:
        assert (cohort.loans, cohort.principal) == (count[cohort.month], worth[cohort.month])
        ages = (LAST.year - cohort.month.year) * 12 + LAST.month - cohort.month.month
        assert len(cohort.shares) == ages
        for age, share in enumerate(cohort.shares):
            hit = sum(
                loan.principal
                for loan in loans
                if loan.disbursed_on.replace(day=1) == cohort.month
                and (day := first_hit.get(loan.loan_id)) is not None
                and (day.year - cohort.month.year) * 12 + day.month - cohort.month.month <= age
            )
            assert abs(share - 100 * hit / cohort.principal) < 1e-9
        assert cohort.shares == sorted(cohort.shares)
    assert any(cohort.shares and cohort.shares[-1] > 0 for cohort in cohorts)


@pytest.mark.parametrize("kpi", BOOK_KPIS, ids=lambda kpi: kpi.key)
def test_the_rows_behind_a_figure_are_its_sums(home, kpi):
    book = open_book(home.book)
    found = book_figure(kpi, book, home, PERIOD)
    rows = book_rows(kpi, book, home, PERIOD, part=False, limit=10**6)
    assert (len(rows), sum(row[2] for row in rows), sum(row[3] for row in rows)) == (
        found.rows,
        found.part,
        found.whole,
    )
    some = book_rows(kpi, book, home, PERIOD, part=True, limit=10**6)
    assert sum(row[2] for row in some) == found.part
    assert all(row[2] > 0 for row in some)
    assert book_rows(kpi, book, home, PERIOD, part=False, limit=3, skip=2) == rows[2:5]


def test_without_two_nights_there_is_no_figure(home):
    book = open_book(home.book)
    for key in ("collected", "cured", "again"):
        found = book_figure(BOOK_BY_KEY[key], book, home, Period(LAST, LAST))
        assert (found.value, found.rows) == (None, 0)
        assert book_rows(BOOK_BY_KEY[key], book, home, Period(LAST, LAST), part=True, limit=5) == []


@pytest.mark.parametrize("kpi", BOOK_KPIS, ids=lambda kpi: kpi.key)
def test_the_products_parts_of_a_figure_are_all_of_it(home, loans, kpi):
    book = open_book(home.book)
    whole = book_figure(kpi, book, home, PERIOD)
    parts = [
        book_figure(kpi, book, home, replace(PERIOD, scope=Scope(product=product)))
        for product in sorted({loan.product for loan in loans})
    ]
    assert len(parts) > 2
    assert [sum(each) for each in zip(*((one.part, one.whole, one.rows) for one in parts), strict=True)] == [
        whole.part, whole.whole, whole.rows,
    ]  # fmt: skip


def test_a_cohort_has_the_loans_of_the_chosen_product_alone(home, loans):
    of = replace(PERIOD, scope=Scope(product="cash-loan"))
    _, cohorts = vintage(open_book(home.book), 30, LAST, of=of)
    rows = vintage_rows(open_book(home.book), 30, LAST, limit=10**6, of=of)
    wanted = {loan.loan_id for loan in loans if loan.product == "cash-loan"}
    assert {row[1] for row in rows} <= wanted
    assert sum(cohort.loans for cohort in cohorts) == len(rows) > 0
