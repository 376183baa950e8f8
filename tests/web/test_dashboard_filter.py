"""Goal: a filter of the dashboard is one choice of borrowers for all its figures, and a figure shown twice is the same.

Method: two borrowers who differ in product, stage, agency and team, with contacts, promises and payments; the dashboard
asked with each filter, and each of its figures compared with its own page, its rows and its file.
"""

import csv
import io
import re
from datetime import date, timedelta

import pytest

from forbear.insight.kpi import KPIS, Period, figures
from forbear.insight.scope import Scope
from forbear.store.models import Case, Contact, Loan, Payment, Promise
from forbear.web import clock as web_clock
from tests.factories.agencies import make_agency, person
from tests.factories.creditors import DONGHU, collecting_for
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = NOON.date()
PAGE = "/desk/dashboard"


@pytest.fixture
def manager(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    make_agency()
    for number, team in ((1, "north"), (2, "south")):
        borrower = make_borrower(f"B{number}", phone=f"+861390000000{number}")
        staff = person(f"lin{number}", "collector")
        staff.team = team
        staff.save()
        for _ in range(number):
            call = wished(borrower, "call").pk
            Contact.objects.filter(pk=call).update(
                staff=staff, at=NOON, state="sent", outcome="conversation", seconds=60
            )
        Promise.objects.create(
            borrower=borrower, amount=10_000 * number, paid=10_000, currency="CNY", minor_unit=100, made_on=TODAY,
            due_on=TODAY, state="kept" if number == 1 else "broken", taken_by=staff, decided_on=TODAY,
        )  # fmt: skip
        Payment.objects.create(
            payment_id="P1", loan_id=f"B{number}-L1", paid_on=TODAY, amount=10_000, received_at=NOON
        )
    Loan.objects.filter(borrower="B2").update(product="card")
    Case.objects.filter(borrower="B2").update(stage="intensive")
    return browser_of(person("he", "manager"))


CHOICES = ["", "product=cash", "product=card", "stage=intensive", "team=north", "product=card&team=north"]


def figures_of(page: str) -> dict[str, tuple[str, str]]:
    """By key each tile's value and its part and whole, as they are read."""
    tiles = re.findall(
        r'href="/desk/kpi/(\w+)\?[^"]*">\s*<b>([^<]*)</b>.*?d-block">([^<]*)</span>', page, re.DOTALL
    )
    return {key: (value.strip(), " ".join(parts.split())) for key, value, parts in tiles}


@pytest.mark.parametrize("choice", CHOICES)
def test_each_figure_is_the_same_on_the_dashboard_on_its_page_in_its_rows_and_in_its_file(
    manager, choice, monkeypatch
):
    # how it went takes most of a page's time and isn't asked here
    monkeypatch.setattr("forbear.insight.trend.WEEKS", 2)
    found = figures_of(manager.get(f"{PAGE}?{choice}").content.decode())
    assert found.keys() == {kpi.key for kpi in KPIS}
    for kpi in KPIS:
        page = manager.get(f"/desk/kpi/{kpi.key}?{choice}").content.decode()
        value, parts = found[kpi.key]
        assert f'<b class="num">{value}</b>' in page, kpi.key
        assert parts in " ".join(page.split()), kpi.key
        if kpi.amounts is not None or kpi.between is not None:
            continue
        for side, distinct, number in zip(
            ("part", "whole"),
            (kpi.distinct, kpi.distinct if kpi.whole_distinct is None else kpi.whole_distinct),
            parts.split(" / "),
            strict=True,
        ):
            file = manager.get(f"/desk/kpi/{kpi.key}?{choice}&rows={side}&form=csv").content.decode(
                "utf-8-sig"
            )
            rows = list(csv.DictReader(io.StringIO(file)))
            counted = (
                {row[distinct] for row in rows if distinct in row} if distinct in (rows or [{}])[0] else rows
            )
            if distinct in ("", "borrower_id"):
                assert len(counted) == int(number.replace(",", "")), (kpi.key, side)


@pytest.mark.parametrize(
    ("scope", "calls"),
    [
        (Scope(), 3),
        (Scope(product="cash"), 1),
        (Scope(product="card"), 2),
        (Scope(stage="intensive"), 2),
        (Scope(team="north"), 1),
        (Scope(agency="huaxin"), 0),
        (Scope(creditor="donghu"), 0),
        (Scope(product="card", team="north"), 0),
    ],
)
def test_a_scope_chooses_borrowers_for_every_table(manager, scope, calls):
    found = {each.kpi.key: each for each in figures(Period(TODAY, TODAY, scope))}
    assert found["rpc"].part == found["rpc"].whole == calls
    assert found["kept"].whole == (2 if scope.is_all else min(calls, 1))
    assert found["heard"].whole == (2 if scope.is_all else min(calls, 1))


def test_parts_of_a_choice_add_up_to_the_whole(manager):
    everybody, cash, card = (
        {each.kpi.key: each for each in figures(Period(TODAY, TODAY, Scope(product=product)))}
        for product in ("", "cash", "card")
    )
    for key, whole in everybody.items():
        assert cash[key].part + card[key].part == whole.part, key
        assert cash[key].whole + card[key].whole == whole.whole, key


def test_a_creditor_s_figures_are_those_of_its_borrowers(manager):
    Loan.objects.filter(product="cash").update(creditor="donghu")
    bank, cash = (
        figures(Period(TODAY, TODAY, scope)) for scope in (Scope(creditor="donghu"), Scope(product="cash"))
    )
    assert [(one.part, one.whole) for one in bank] == [(one.part, one.whole) for one in cash]
    assert "East Lake Bank" not in manager.get(PAGE).content.decode()
    with collecting_for(DONGHU):
        assert "East Lake Bank" in manager.get(PAGE).content.decode()


def test_the_choice_is_said_and_stays_on_the_way_to_a_figure(manager):
    page = manager.get(f"{PAGE}?from=2026-03-01&to=2026-03-10&product=card").content.decode()
    assert "Every figure here is of the chosen borrowers only." in " ".join(page.split())
    assert "/desk/kpi/rpc?from=2026-03-01&amp;to=2026-03-10&amp;product=card" in page
    assert "2026-03-01 – 2026-03-10" in shown(manager, f"{PAGE}?from=2026-03-01&to=2026-03-10&product=card")


@pytest.mark.parametrize(
    "choice", ["from=x", "to=1999-01-01", "product=none", "from=2026-03-09&to=2026-03-01", "days=5"]
)
def test_a_choice_that_makes_no_sense_narrows_nothing(manager, choice):
    answer = manager.get(f"{PAGE}?{choice}")
    assert answer.status_code == 200
    assert figures_of(answer.content.decode())["rpc"][1] == ("0 / 0" if "03-01" in choice else "3 / 3")


def test_cash_says_the_finding_and_agrees_with_its_rows(manager, policy_of):
    policy_of("cash_target: {CNY: 3100.00}")
    Payment.objects.create(
        payment_id="P0", loan_id="B2-L1", paid_on=date(2026, 2, 10), amount=40_000, received_at=NOON
    )
    Case.objects.update(opened_on=date(2026, 1, 20))
    words = shown(manager, PAGE)
    assert "Cash this month: CNY 200.00, 50% less than last month to the same day" in words
    assert "Most of it: In-house, CNY 300.00 less" in words or "Most of it: card, CNY 300.00 less" in words
    assert "Today CNY 200.00 CNY 100.00 CNY 400.00 2026-02-10" in words, "cash, target, last month"
    assert "This month so far CNY 200.00 CNY 1,000.00 CNY 400.00" in words
    file = b"".join(manager.get("/desk/dashboard/cash?file=csv").streaming_content).decode("utf-8-sig")
    amounts = [float(row["Amount"]) for row in csv.DictReader(io.StringIO(file))]
    assert sum(amounts) == 600.00
    words = shown(manager, f"{PAGE}?product=cash")
    assert "Cash this month: CNY 100.00; nothing came in last month to the same day" in words
    assert "Today CNY 100.00 — CNY 0.00" in words, "a part of the book has no target"


def test_a_figures_page_says_how_it_went_and_its_last_week_is_the_figure_of_that_week(manager):
    earlier = wished(Case.objects.get(borrower="B1").borrower, "call").pk
    Contact.objects.filter(pk=earlier).update(
        staff=None, at=NOON - timedelta(days=7), state="sent", outcome="unanswered"
    )
    words = shown(manager, "/desk/kpi/rpc")
    assert "Up in the last seven days: 100.0%, from 0.0% in the seven before" in words
    assert "2026-03-04 – 2026-03-10 100.0% 3 / 3" in words
    assert "100.0% 3 / 3" in shown(manager, "/desk/kpi/rpc?days=7"), "as over seven days"
    card = shown(manager, "/desk/kpi/rpc?product=card")
    assert "100.0% in the last seven days; nothing to count in the seven before" in card
