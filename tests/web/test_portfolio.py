"""Goal: a manager sees what the portfolio does and costs, each figure a click from its formula and rows."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from shutil import copytree

import pytest
from django.conf import settings
from django.test import Client

from forbear.cli.night import decide_night
from forbear.insight.book_kpi import BOOK_KPIS
from forbear.insight.cost import CostLine, cost_lines, cost_rows
from forbear.insight.kpi import KPIS, Period
from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.store.models import Case, Contact, Loan, Staff
from forbear.web import clock as web_clock
from forbear.web.desk import portfolio
from forbear.web.desk.figure_groups import DASHBOARD, PORTFOLIO
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.profile import variants
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LAST = date(2026, 3, 10)


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    """A home with a book and two nights of it."""
    folder = tmp_path_factory.mktemp("portfolio")
    home = replace(settings.HOME, folder=folder / "home")
    generate_feed(folder / "feed", loans=400, seed=5, as_of=LAST, form="parquet", bad_rows=0)
    import_feed(home.book, folder / "feed", quarantine=home.quarantine, threads=1)
    for day in (date(2026, 3, 1), LAST):
        decide_night(home, day, home.strategy)
    return home


@pytest.fixture
def book(decided):
    """The book, in the tests' home with its nights."""
    for mine, its in ((settings.HOME.book, decided.book), (settings.HOME.nights, decided.nights)):
        copytree(its, mine, dirs_exist_ok=True)
    return open_book(settings.HOME.book)


@pytest.fixture
def manager(monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: datetime(2026, 3, 10, 4, tzinfo=UTC))
    staff = Staff.objects.create_user(
        username="boss", password="forbear-demo-2026", role="manager", number="M1"
    )
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_figure_leads_to_its_formula_and_rows(book, manager):
    page = manager.get("/desk/portfolio").content.decode()
    assert "Entry rate" in page
    assert "Vintage" in page
    for key in ("entry", "fpd7", "fpd30", "collected", "cured"):
        assert f"/desk/portfolio/{key}?days=30" in page
        one = manager.get(f"/desk/portfolio/{key}?days=90&rows=part")
        assert "v1" in one.content.decode()
        told = manager.get(f"/desk/portfolio/{key}?days=90&form=csv")
        rows = list(csv.reader(io.StringIO(told.content.decode("utf-8-sig"))))
        assert rows[0] == ["loan_id", "day", "part", "whole"]
        assert len(rows) > 2
    assert manager.get("/desk/portfolio/none").status_code == 404
    assert manager.get("/desk/portfolio/entry?form=exe").status_code == 200
    assert manager.get("/desk/portfolio/entry?page=999999").status_code == 200


def test_the_dashboards_filter_narrows_the_portfolio_its_rows_files_and_cost(book, manager, policy_of):
    policy_of("costs: {sms: 5}\n")
    house_rules()
    chosen_one, other = make_borrower(), make_borrower("B2", phone="+8610000000002")
    Loan.objects.filter(borrower=chosen_one).update(product="cash-loan")
    Loan.objects.filter(borrower=other).update(product="goods-loan")
    for each in (chosen_one, other):
        made = wished(each)
        Contact.objects.filter(pk=made.pk).update(at=NOON, state="sent", outcome="delivered")
    narrowed = "days=90&product=cash-loan"
    page = manager.get(f"/desk/portfolio?{narrowed}").content.decode()
    assert "Every figure here is of the chosen loans only" in page
    assert "/desk/portfolio/entry?days=90&amp;product=cash-loan" in page
    assert "/desk/dashboard?days=90&amp;product=cash-loan" in page
    parts = [
        {row[0] for row in table_of(manager, f"/desk/portfolio/entry?days=90&form=csv{more}")[1:]}
        for more in ("", "&product=cash-loan", "&product=goods-loan")
    ]
    assert parts[1] < parts[0]
    assert parts[1]
    assert not parts[1] & parts[2]
    cost = table_of(manager, f"/desk/portfolio/cost?{narrowed}")[1:]
    assert [row[2] for row in cost] == ["B1"]
    loans = table_of(manager, f"/desk/portfolio/vintage?{narrowed}&late=30&rows=loans")[1:]
    assert 0 < len(loans) < len(table_of(manager, "/desk/portfolio/vintage?late=30&rows=loans")[1:])
    # a stage is of borrowers: the one at this stage owes no loan of the book
    Case.objects.filter(borrower=chosen_one).update(stage="legal")
    nobody = table_of(manager, "/desk/portfolio/entry?days=90&stage=legal&form=csv")
    assert len(nobody) == 1


def test_each_figure_stands_in_one_group_with_what_matters_most_first():
    for groups, kpis in ((DASHBOARD, KPIS), (PORTFOLIO, BOOK_KPIS)):
        keys = [key for group in groups.values() for key in group]
        assert sorted(keys) == sorted(kpi.key for kpi in kpis)


def test_a_file_that_would_be_cut_is_refused_and_says_so(book, manager, monkeypatch):
    monkeypatch.setattr("forbear.web.desk.portfolio.MOST_ROWS", 2)
    answer = manager.get("/desk/portfolio/entry?days=90&form=csv")
    assert (answer.status_code, "more than 2 rows" in answer.content.decode()) == (413, True)
    monkeypatch.setattr("forbear.web.desk.portfolio.MOST_ROWS", 1_000)
    assert manager.get("/desk/portfolio/entry?days=90&form=csv").status_code == 200


def test_cohorts_as_a_file(book, manager):
    rows = list(
        csv.reader(io.StringIO(manager.get("/desk/portfolio/vintage?late=30").content.decode("utf-8-sig")))
    )
    assert rows[0][:4] == ["month", "loans", "principal_minor", "month_0"]
    assert len(rows) > 5


def table_of(client: Client, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))


def test_the_loans_behind_the_cohorts_sum_to_them(book, manager):
    cohorts = {row[0]: row for row in table_of(manager, "/desk/portfolio/vintage?late=30")[1:]}
    head, *loans = table_of(manager, "/desk/portfolio/vintage?late=30&rows=loans")
    assert head == ["month", "loan_id", "principal_minor", "first_late_on", "months_on_book"]
    for month, cohort in cohorts.items():
        mine = [row for row in loans if row[0] == month]
        assert (len(mine), sum(int(row[2]) for row in mine)) == (int(cohort[1]), int(cohort[2]))
        ages = [cell for cell in cohort[3:] if cell]
        late = sum(int(row[2]) for row in mine if row[4] and int(row[4]) < len(ages))
        if ages:
            assert abs(float(ages[-1]) - 100 * late / int(cohort[2])) < 1e-3


def test_control_totals_stand_on_the_page_and_add_up(book, manager):
    page = manager.get("/desk/portfolio").content.decode()
    assert "Data quality" in page
    rows = portfolio._quality(book)
    assert {row["file"] for row in rows} >= {"loans", "instalments", "payments"}
    assert all(row["read"] == row["accepted"] + row["quarantined"] and not row["apart"] for row in rows)
    broken = replace(book, manifest={"totals": {"loans": {
        "read": {"rows": "3", "principal": "10.00"}, "accepted": {"rows": "2", "principal": "9.99"},
        "quarantined": {"rows": "1", "principal": "0.00"},
    }}})  # fmt: skip
    assert portfolio._quality(broken)[0]["apart"] == ["principal"]


def test_placed_batches_as_a_file(book, manager):
    head, *rows = table_of(manager, "/desk/portfolio/liquidation")
    assert head[:3] == ["placement", "borrower_id", "agency"]
    assert rows == []
    assert "Nothing was placed yet" in manager.get("/desk/portfolio").content.decode()


def test_without_a_book_the_page_says_what_will_come(manager, settings, tmp_path):
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    assert "There is no loan book yet" in manager.get("/desk/portfolio").content.decode()
    assert manager.get("/desk/portfolio/entry").status_code == 200
    assert manager.get("/desk/portfolio/vintage").status_code == 200


@pytest.mark.postgresql
def test_cost_is_contacts_by_price(monkeypatch):
    house_rules()
    borrower = make_borrower()
    week = Period(date(2026, 3, 4), LAST)
    assert cost_lines(week, "CNY") is None
    with (settings.HOME.folder / "policy.yaml").open("a", encoding="utf-8") as policy:
        policy.write("costs: {sms: 5, visit: 8000}\n")
    for outcome in ("delivered", "undelivered", "not_sent"):
        made = wished(borrower)
        Contact.objects.filter(pk=made.pk).update(at=NOON, state="sent", outcome=outcome)
    assert cost_lines(week, "CNY") == [CostLine("sms", 2, 5, 10), CostLine("visit", 0, 8000, 0)]
    rows = list(cost_rows(week, "CNY", 10))
    assert [(row[0], row[2], row[3], row[5]) for row in rows] == [("sms", "B1", "B1-L1", 5)] * 2
    assert sum(row[5] for row in rows) == sum(line.amount for line in cost_lines(week, "CNY"))


@pytest.mark.parametrize(("width", "locale"), variants((390, "en-GB"), (1280, "zh-CN")))
def test_everybody_can_use_the_portfolio(chromium, site, book, manager, width, locale):
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale=locale, base_url=site)
    page = context.new_page()
    page.goto("/sign-in?next=/desk/portfolio")
    page.fill("input[name=username]", "boss")
    page.fill("input[name=password]", "forbear-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_selector(".chart svg")
    assert serious(page) == []
    assert fits(page)
    page.goto("/desk/portfolio/entry?days=90")
    assert serious(page) == []
    assert fits(page)
    context.close()
